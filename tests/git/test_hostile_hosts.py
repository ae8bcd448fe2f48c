"""Hosts that send what git never would: all of it is an error of the host, in bounded memory and time."""

import hashlib
import socket
import struct
import threading
import tracemalloc
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain

import pytest
from git_client import Vendor
from git_server import TOKEN

from aicode.errors import RemoteFailed
from git.history.objects import FILE, FOLDER, Entry, Kind, commit_data, object_id, tree_data
from git.remote.address import parse
from git.remote.host import Host
from git.remote.transport import Transport

COMMIT, TREE, BLOB, OFFSET_DELTA, NAMED_DELTA = 1, 2, 3, 6, 7


def number(value: int) -> bytes:
    """A size as a delta begins with it."""
    head = bytearray()
    while value > 0x7F:
        head.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*head, value])


def packed(kind: int, data: bytes, *, base: bytes = b"", size: int | None = None) -> bytes:
    """An object in a pack; `size` is what it says of itself, if that is not true."""
    size = len(data) if size is None else size
    rest = size >> 4
    start = bytes([kind << 4 | size & 15 | (0x80 if rest else 0)]) + (number(rest) if rest else b"")
    return start + base + zlib.compress(data, 9)


def pack(*objects: bytes, count: int | None = None) -> bytes:
    body = b"PACK" + struct.pack(">II", 2, len(objects) if count is None else count) + b"".join(objects)
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def line(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data


def _answer(connection: socket.socket, refs: Iterable[bytes], pieces: Iterable[bytes]) -> None:
    with connection.makefile("rb") as reading:
        asked = reading.readline()
        length = 0
        while (field := reading.readline()) not in {b"\r\n", b""}:
            name, _, value = field.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        reading.read(length)
    lists = asked.startswith(b"GET")
    kind = b"advertisement" if lists else b"result"
    head = b"HTTP/1.0 200 OK\r\ncontent-type: application/x-git-upload-pack-" + kind + b"\r\n\r\n"
    for piece in [head, *refs] if lists else chain([head], pieces):
        connection.sendall(piece)


@contextmanager
def host(commit: str, pieces: Iterable[bytes]) -> Generator[str]:
    """A host whose branch `main` is at this commit, and that answers a fetch with these pieces."""
    listening = socket.create_server(("127.0.0.1", 0))
    refs = [
        line(b"# service=git-upload-pack\n"),
        b"0000",
        line(f"{commit} HEAD\0shallow side-band-64k ofs-delta\n".encode()),
        line(f"{commit} refs/heads/main\n".encode()),
        b"0000",
    ]

    def run() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                _answer(connection, refs, pieces)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/team/app.git"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def sent(pack: bytes) -> Iterator[bytes]:
    """A pack as it is sent to a client that asked for a depth of one."""
    yield line(b"shallow " + b"1" * 40) + b"0000" + line(b"NAK\n")
    for at in range(0, len(pack), 60_000):
        yield line(b"\1" + pack[at : at + 60_000])
    yield b"0000"


def a_branch(kind: Kind, data: bytes) -> tuple[str, list[bytes]]:
    """A commit whose tree is, or holds as `a`, this object."""
    name = object_id(kind, data)
    root = data if kind == "tree" else tree_data({"a": Entry(FILE, name)})
    made = commit_data(
        tree=object_id("tree", root), parents=[], author="A <a>", committer="A <a>", seconds=1, message="x"
    )
    return object_id("commit", made), [packed(COMMIT, made), packed(TREE, root)]


DELTA = b"\1\1\1a"
EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
BASE = b"x" * 100_000


def a_bomb() -> bytes:
    """Of one small object and of deltas that each stand for 50 MB."""
    copies = b"".join(b"\xf0" + (100_000).to_bytes(3, "little") for _ in range(500))
    delta = number(len(BASE)) + number(50_000_000) + copies
    first = packed(BLOB, BASE)
    named = bytes.fromhex(object_id("blob", BASE))
    return pack(first, *(packed(NAMED_DELTA, delta, base=named) for _ in range(20)))


@pytest.mark.parametrize(
    "bytes_of_pack",
    [
        pytest.param(a_bomb(), id="deltas that stand for a gigabyte"),
        pytest.param(pack(packed(BLOB, b"", size=2_000_000_000)), id="an object that says it is huge"),
        pytest.param(pack(packed(BLOB, bytes(20_000_000), size=10)), id="an object larger than it says"),
        pytest.param(pack(count=100_000_000), id="more objects than can be"),
        pytest.param(pack(count=3), id="fewer objects than it says"),
        pytest.param(
            pack(packed(NAMED_DELTA, b"\1\1\1a", base=b"1" * 20)), id="a delta to an object elsewhere"
        ),
        pytest.param(pack(packed(OFFSET_DELTA, DELTA, base=b"\x05")), id="a delta to the middle"),
        pytest.param(pack(packed(OFFSET_DELTA, b"", base=b"\x05")), id="a delta of nothing"),
        pytest.param(pack(packed(COMMIT, b"tree \xff\n\n")), id="a commit that is none"),
        pytest.param(b"PACK", id="hardly a pack"),
        pytest.param(b"<html>", id="no pack"),
    ],
)
async def test_a_pack_that_is_none_is_the_hosts_error(alice: Vendor, bytes_of_pack: bytes):
    with host("2" * 40, list(sent(bytes_of_pack))) as url:
        tracemalloc.start()
        try:
            answer = await alice.send("POST", "/import", {"url": url, "token": TOKEN})
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert (answer.status, answer.error["code"]) == (502, "remote_failed"), answer.content
    assert peak < 20_000_000
    assert len(await alice.store.list_apps("alice")) == 1


def a_tree_of_trees() -> tuple[str, bytes]:
    """Folders within folders, a hundred each and seven deep, without a single file."""
    inner, tree, made = EMPTY, b"", [packed(TREE, b"")]
    for _ in range(7):
        tree = tree_data({f"{n}": Entry(FOLDER, inner) for n in range(100)})
        inner = object_id("tree", tree)
        made.append(packed(TREE, tree))
    commit, rest = a_branch("tree", tree)
    return commit, pack(*made[:-1], *rest)


def a_deep_tree() -> tuple[str, bytes]:
    """A file two thousand folders deep."""
    tree, made = tree_data({"a": Entry(FILE, object_id("blob", b"x"))}), [packed(BLOB, b"x")]
    for _ in range(2_000):
        made.append(packed(TREE, tree))
        tree = tree_data({"d": Entry(FOLDER, object_id("tree", tree))})
    commit, rest = a_branch("tree", tree)
    return commit, pack(*made, *rest)


async def test_folders_without_end_are_the_hosts_error(alice: Vendor):
    commit, whole = a_tree_of_trees()
    with host(commit, list(sent(whole))) as url:
        answer = await alice.send("POST", "/import", {"url": url, "token": TOKEN})

    assert (answer.status, answer.error["code"]) == (502, "remote_failed"), answer.content
    assert "files" in answer.error["message"]


async def test_a_file_too_deep_for_an_app_is_skipped(alice: Vendor):
    commit, whole = a_deep_tree()
    with host(commit, list(sent(whole))) as url:
        answer = await alice.send("POST", "/import", {"url": url, "token": TOKEN})

    assert answer.status == 201, answer.content
    assert len(answer.json["skipped"]) == 1


async def test_names_that_lead_elsewhere_are_skipped(alice: Vendor):
    names = ["..", ".", ".git", "a/../../b", "/etc", ".GIT", "git~1", "\U0001f600 x", ".hidden"]
    blob = object_id("blob", b"x")
    commit, rest = a_branch("tree", tree_data({name: Entry(FILE, blob) for name in names}))
    with host(commit, list(sent(pack(packed(BLOB, b"x"), *rest)))) as url:
        answer = await alice.send("POST", "/import", {"url": url, "token": TOKEN})

    assert answer.status == 201, answer.content
    listing = await alice.store.list_files("alice", answer.json["app"]["appId"])
    assert [file["path"] for file in listing.files] == [".hidden", "\U0001f600 x"]
    assert len(answer.json["skipped"]) == 7


def test_a_host_that_sends_a_little_now_and_then_is_left_after_a_while():
    def drops() -> Iterator[bytes]:
        yield line(b"shallow " + b"1" * 40) + b"0000" + line(b"NAK\n") + b"f000\1"
        while True:
            yield b"x"
            threading.Event().wait(0.05)

    with host("2" * 40, drops()) as url, pytest.raises(RemoteFailed, match=r"took longer|not answer in time"):
        Host(Transport(parse(url, local=True), TOKEN, seconds=0.5)).fetch("2" * 40, 1)
