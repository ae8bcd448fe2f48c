"""What becomes of a file that others have changed at the host while it was changed in the app."""

from pathlib import Path

import pytest
from git_client import Vendor
from git_server import TOKEN, GitServer, git

from aicode.file_store.store import Change, Move, Put, Remove

PICTURE = b"\x89PNG\r\n\x1a\n\0"


@pytest.fixture
async def pushed(alice: Vendor, server: GitServer) -> Vendor:
    await alice.save("a.txt", "one\r\ntwo\r\nthree\r\nfour")
    await alice.save("b.png", PICTURE)
    await alice.connect(server.url, TOKEN)
    await alice.push()
    return alice


def _others(server: GitServer) -> Path:
    """Where somebody else changes files, to be sent by `_send`."""
    server.checkout()
    git(server.work, "checkout", "-q", "-B", "main", "origin/main")
    return server.work


def _send(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "From elsewhere")
    git(folder, "push", "-q", "origin", "HEAD:main")
    return git(folder, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        pytest.param(Remove("a.txt", 1), b"ONE\r\ntwo\r\nthree\r\nfour", id="deleted here, changed there"),
        pytest.param(Move("a.txt", "c.txt", 1), b"ONE\r\ntwo\r\nthree\r\nfour", id="renamed here"),
        pytest.param(Put("a.txt", "ONE\r\n", 1), None, id="changed here, deleted there"),
        pytest.param(Put("a.txt", "one\ntwo\nthree\nfour", 1), b"ONE\r\ntwo", id="other ends of lines here"),
        pytest.param(Put("README.md", "mine\n", 0), b"theirs\n", id="a name in another case"),
        pytest.param(Put("b.png", PICTURE + b"mine", 1), PICTURE + b"theirs", id="no text"),
    ],
)
async def test_what_contradicts_is_left_to_people(
    pushed: Vendor, server: GitServer, mine: Change, theirs: bytes | None
):
    path = _others(server) / mine.path.replace("README", "readme")
    path.unlink() if theirs is None else path.write_bytes(theirs)
    tip = _send(server.work)
    await pushed.change("Mine", mine)

    answer = await pushed.push()

    assert answer["result"] == "branch"
    assert server.tip() == tip


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ("one\r\ntwo\r\nthree\r\nfour\r\n", "ONE\r\ntwo\r\nthree\r\nfour", "ONE\r\ntwo\r\nthree\r\nfour\r\n"),
        (
            "one\r\nnew\r\ntwo\r\nthree\r\nfour",
            "one\r\nnew\r\ntwo\r\nthree\r\n4",
            "one\r\nnew\r\ntwo\r\nthree\r\n4",
        ),
    ],
    ids=["ends of lines, and of the file", "the same line added on both sides"],
)
async def test_what_does_not_contradict_is_merged_to_the_byte(
    pushed: Vendor, server: GitServer, mine: str, theirs: str, merged: str
):
    (_others(server) / "a.txt").write_bytes(theirs.encode())
    _send(server.work)
    await pushed.save("a.txt", mine)

    answer = await pushed.push()

    assert answer["result"] == "merged"
    assert (server.checkout() / "a.txt").read_bytes() == merged.encode()


async def test_modes_links_and_submodules_of_others_stay(pushed: Vendor, server: GitServer):
    folder = _others(server)
    (folder / "a.txt").chmod(0o755)
    (folder / "link").symlink_to("a.txt")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendored")
    (folder / "vendored").mkdir()
    _send(folder)
    await pushed.save("a.txt", "1\n")
    merged = await pushed.push()
    await pushed.save("a.txt", "2\n")

    again = await pushed.push()

    assert (merged["result"], again["result"]) == ("merged", "pushed")
    modes = [line.split()[0] for line in git(server.bare, "ls-tree", "main").split("\n")]
    assert modes == ["100755", "100644", "120000", "160000"]
    assert git(server.bare, "show", "main:a.txt") == "2"


async def test_a_key_in_a_file_that_others_changed_waits_until_it_is_gone(pushed: Vendor, server: GitServer):
    key = "sk-ant-" + "a1" * 20
    (_others(server) / "a.txt").write_bytes(b"ONE\r\ntwo\r\nthree\r\nfour")
    _send(server.work)
    await pushed.save("a.txt", f"one\r\ntwo\r\nthree\r\n{key}")
    held = await pushed.push()
    await pushed.save("a.txt", "one\r\ntwo\r\nthree\r\nFOUR")

    answer = await pushed.push()

    assert held["skipped"] == ["a.txt"]
    assert (answer["result"], answer["skipped"]) == ("pushed", [])
    assert (server.checkout() / "a.txt").read_bytes() == b"ONE\r\ntwo\r\nthree\r\nFOUR"
    assert key not in git(server.bare, "cat-file", "--batch-all-objects", "--batch")
