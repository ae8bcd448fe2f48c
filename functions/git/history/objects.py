"""Git's objects as bytes. Pure. Source: https://git-scm.com/docs/gitformat-pack."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["commit", "tree", "blob"]
KINDS: Mapping[Kind, int] = {"commit": 1, "tree": 2, "blob": 3}
FILE, SCRIPT, FOLDER = 0o100644, 0o100755, 0o40000


@dataclass(frozen=True, slots=True)
class Entry:
    """What a name in a tree stands for: git's mode, and the id of an object in hex."""

    mode: int
    id: str

    @property
    def is_file(self) -> bool:
        """True for contents; false for a folder, a symbolic link and a submodule."""
        return self.mode & 0o170000 == 0o100000


@dataclass(frozen=True, slots=True)
class Packed:
    """An object as a pack holds it: its data compressed by zlib, and how many bytes that is of."""

    kind: Kind
    id: str
    size: int
    compressed: bytes

    @staticmethod
    def of(kind: Kind, data: bytes) -> "Packed":
        """The object with this data."""
        return Packed(kind, object_id(kind, data), len(data), zlib.compress(data))

    @property
    def data(self) -> bytes:
        """What the object holds."""
        return zlib.decompress(self.compressed)

    @property
    def entry(self) -> bytes:
        """The object in a pack: its kind and size, seven bits to a byte but for the first, and its data."""
        rest, byte = self.size >> 4, KINDS[self.kind] << 4 | self.size & 15
        head = bytearray()
        while rest:
            head.append(byte | 0x80)
            rest, byte = rest >> 7, rest & 0x7F
        head.append(byte)
        return bytes(head) + self.compressed


def object_id(kind: Kind, data: bytes) -> str:
    """The id that git gives an object, in hex."""
    made = hashlib.sha1(f"{kind} {len(data)}\0".encode(), usedforsecurity=False)
    made.update(data)
    return made.hexdigest()


def tree_data(entries: Mapping[str, Entry]) -> bytes:
    """A tree of these names; git sorts them as if a folder's ended in a slash."""
    ordered = sorted(entries.items(), key=lambda each: _sort_key(each[0], each[1]))
    return b"".join(
        b"%o %b\0%b" % (entry.mode, _bytes_of(name), bytes.fromhex(entry.id)) for name, entry in ordered
    )


def _sort_key(name: str, entry: Entry) -> bytes:
    return _bytes_of(name) + (b"/" if entry.mode == FOLDER else b"")


def _bytes_of(name: str) -> bytes:
    """A name's bytes; what is no UTF-8 in a repository is kept as Python keeps it in a text."""
    return name.encode("utf-8", "surrogateescape")


def tree_entries(data: bytes) -> dict[str, Entry]:
    """The names of a tree that anybody may have made; raises ValueError if it is damaged."""
    entries: dict[str, Entry] = {}
    at = 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, _, name = data[at:end].partition(b" ")
        entries[name.decode("utf-8", "surrogateescape")] = Entry(int(mode, 8), data[end + 1 : end + 21].hex())
        at = end + 21
    return entries


def commit_data(  # noqa: PLR0913 - the lines of a commit
    *, tree: str, parents: Sequence[str], author: str, committer: str, seconds: int, message: str
) -> bytes:
    """A commit; author and committer are written `Name <address>`, the time is UTC."""
    lines = [
        f"tree {tree}",
        *(f"parent {parent}" for parent in parents),
        f"author {author} {seconds} +0000",
        f"committer {committer} {seconds} +0000",
        "",
        message,
    ]
    return "\n".join(lines).encode()


@dataclass(frozen=True, slots=True)
class CommitHead:
    """What is read of a commit that anybody may have made; the time is in seconds since 1970."""

    tree: str
    parents: Sequence[str]
    seconds: int


def commit_head(data: bytes) -> CommitHead:
    """The tree, parents and time of a commit; raises ValueError if it is none."""
    tree, parents, seconds = "", list[str](), 0
    for line in data.partition(b"\n\n")[0].split(b"\n"):
        word, _, rest = line.partition(b" ")
        if word == b"tree":
            tree = rest.decode("ascii")
        elif word == b"parent":
            parents.append(rest.decode("ascii"))
        elif word == b"committer":
            seconds = int(rest.rsplit(b" ", 2)[-2])
    if len(tree) != 40:
        raise ValueError("no commit")
    return CommitHead(tree, parents, seconds)
