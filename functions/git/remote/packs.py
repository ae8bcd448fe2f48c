"""Takes the packs apart that a host sends, which may have been made to be as large as nothing else.

dulwich inflates an object before it says how large that is, and holds all that deltas stand for. So a pack is
measured first, without keeping anything. Source: https://git-scm.com/docs/gitformat-pack.
"""

import zlib
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any

from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.pack import PackData, PackInflater

from git.history.objects import KINDS, Kind

IN_MEMORY = 16_000_000
OBJECTS_BYTES = 400_000_000
MOST_OBJECTS = 500_000
_KINDS: dict[int, Kind] = {number: kind for kind, number in KINDS.items()}
_OFFSET_DELTA, _NAMED_DELTA = 6, 7
_PIECE = 4096
_INFLATED_PIECE = 65_536
_HEAD = 12
# More than an object's kind, size and base take, and more than the two sizes that a delta begins with.
_LONGEST_START = 64


class TooMuch(Exception):
    """The pack stands for more than is held."""


def objects(pack: IO[bytes]) -> Iterator[tuple[Kind, str, bytes]]:
    """Commits, trees and contents with their ids, of a pack up to where the file stands.

    Raises TooMuch, and LookupError, ValueError, zlib.error or an error of dulwich's for what is no pack.
    """
    size = pack.tell()
    if not size:
        return
    _measure(pack, size)
    pack.seek(0)
    opened: Any = PackData.from_file(pack, DEFAULT_OBJECT_FORMAT, size)
    with closing(opened) as data:
        data.check()
        for found in PackInflater.for_pack_data(data):
            kind = _KINDS.get(found.type_num)
            if kind is not None:
                yield kind, found.id.decode("ascii"), found.as_raw_string()


def _measure(pack: IO[bytes], size: int) -> None:
    pack.seek(0)
    head, taken, at = pack.read(_HEAD), 0, _HEAD
    count = int.from_bytes(head[8:])
    if count > MOST_OBJECTS:
        raise TooMuch
    for _ in range(count):
        pack.seek(at)
        start = pack.read(_LONGEST_START)
        end = _end_of_number(start, 0)
        kind, inflated = start[0] >> 4 & 7, start[0] & 15 | _number(start[1:end]) << 4
        if kind == _NAMED_DELTA:
            end += 20
        elif kind == _OFFSET_DELTA:
            end = _end_of_number(start, end)
        taken += inflated
        if taken > OBJECTS_BYTES:
            raise TooMuch
        at, first = _past(pack, at + end, inflated)
        if kind in {_OFFSET_DELTA, _NAMED_DELTA}:
            taken += _number(first[_end_of_number(first, 0) :])
        if at > size or taken > OBJECTS_BYTES:
            raise TooMuch


def _past(pack: IO[bytes], at: int, inflated: int) -> tuple[int, bytes]:
    """Where the next object begins, and how the data of this one begin."""
    pack.seek(at)
    inflating, first, length = zlib.decompressobj(), b"", 0
    while not inflating.eof:
        piece = inflating.unconsumed_tail or pack.read(_PIECE)
        if not piece:
            raise ValueError("the pack ends within an object")
        data = inflating.decompress(piece, _INFLATED_PIECE)
        if len(first) < _LONGEST_START:
            first += data[:_LONGEST_START]
        length += len(data)
        if length > inflated:
            raise ValueError("an object is larger than it says")
    return pack.tell() - len(inflating.unused_data), first


def _end_of_number(data: bytes, start: int) -> int:
    """Where the number ends that is there in groups of seven bits; raises IndexError."""
    while data[start] & 0x80:
        start += 1
    return start + 1


def _number(data: bytes) -> int:
    """The number that the data begin with, its lowest seven bits first; 0 of nothing."""
    number = 0
    for place, byte in enumerate(data):
        number |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    return number
