"""Writes packs and what goes with them, object by object. Pure. Source: https://git-scm.com/docs/gitformat-pack."""

import hashlib
import struct
import zlib
from collections.abc import Mapping

from git.history.objects import Entry, Packed

_FAR = 1 << 31


class PackWriter:
    """A pack of a known number of objects; each call returns the bytes that come next."""

    def __init__(self, objects: int) -> None:
        self._hash = hashlib.sha1(usedforsecurity=False)
        self._places: list[tuple[bytes, int, int]] = []
        self._length = 0
        self._objects = objects

    def begin(self) -> bytes:
        """The pack's head."""
        return self._written(b"PACK" + struct.pack(">II", 2, self._objects))

    def add(self, packed: Packed) -> bytes:
        """One object."""
        entry = packed.entry
        self._places.append((bytes.fromhex(packed.id), zlib.crc32(entry), self._length))
        return self._written(entry)

    def end(self) -> bytes:
        """The pack's checksum, when it has all its objects."""
        if len(self._places) != self._objects:
            raise ValueError("the pack has another number of objects than it began with")
        return self._hash.digest()

    def index(self) -> bytes:
        """The index of the finished pack, version 2, by which git finds objects in it."""
        places = sorted(self._places)
        counts = [0] * 256
        for name, _, _ in places:
            counts[name[0]] += 1
        fan = [sum(counts[: first + 1]) for first in range(256)]
        far = [at for _, _, at in places if at >= _FAR]
        offsets = iter(range(len(far)))
        near = [at if at < _FAR else _FAR | next(offsets) for _, _, at in places]
        data = b"".join(
            [
                b"\xfftOc" + struct.pack(">I", 2),
                struct.pack(">256I", *fan),
                *(name for name, _, _ in places),
                struct.pack(f">{len(places)}I", *(crc for _, crc, _ in places)),
                struct.pack(f">{len(places)}I", *near),
                struct.pack(f">{len(far)}Q", *far),
                self._hash.digest(),
            ]
        )
        return data + hashlib.sha1(data, usedforsecurity=False).digest()

    def _written(self, data: bytes) -> bytes:
        self._hash.update(data)
        self._length += len(data)
        return data


def index_file(files: Mapping[str, tuple[Entry, int]]) -> bytes:
    """`.git/index` for these files and their sizes, by which git takes a folder with them for unchanged.

    Their times are not known, so git looks at them once. https://git-scm.com/docs/index-format
    """
    data = bytearray(b"DIRC" + struct.pack(">II", 2, len(files)))
    for name, (entry, size) in sorted((path.encode(), each) for path, each in files.items()):
        data += struct.pack(">10I", 0, 0, 0, 0, 0, 0, entry.mode, 0, 0, size) + bytes.fromhex(entry.id)
        data += struct.pack(">H", min(len(name), 0xFFF)) + name
        data += bytes(8 - (62 + len(name)) % 8)
    return bytes(data) + hashlib.sha1(data, usedforsecurity=False).digest()
