"""Which paths an app's files may have, and which paths collide with each other. Pure.

The rules make an export safe to unpack on every system: no path leads out of the folder under any Unicode
normal form or decoding, no character is invisible, and no two paths differ only in case.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from aicode.errors import InvalidRequest

PATH_BYTES = 512
# Normalising a run of accents takes quadratic time, so longer texts are not normalised. A path of 512 bytes
# in NFC has at most 768 characters in any other form: NFD makes at most three characters of two bytes of NFC.
SPELLING_CHARACTERS = 2 * PATH_BYTES
SEGMENT_BYTES = 200
SEGMENTS = 20

_ESCAPES = re.compile(r"%(2e|2f|5c|00)", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
)
_JOINER = "\u200d"
_EMOJI_VARIATION = "\ufe0f"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
# The arrow of the head-shaking emoji: the only part of a joined emoji that is not of the category So.
_ARROW = "\u2194"


def normalise_path(path: str) -> str:
    """The path in NFC, as it is stored and compared; raises InvalidRequest, saying why, for a refused one.

    At most 512 bytes of UTF-8, 200 bytes a segment, 20 segments. Idempotent.
    """
    if len(path) <= SPELLING_CHARACTERS:
        path = unicodedata.normalize("NFC", path)
    reason = next(_refusals(path), None)
    if reason is not None:
        raise InvalidRequest(f"This path is not allowed: {reason}.")
    return path


def _refusals(path: str) -> Iterator[str]:
    """The reasons to refuse a path. Only the first is reliable: later checks assume that it does not hold."""
    if not path:
        yield "it is empty"
    if path.startswith(("/", "~")) or _DRIVE.match(path):
        yield "it must be relative to the app"
    if "\\" in path or _ESCAPES.search(path):
        yield "backslashes and encoded dots, slashes or zeros cannot be part of it"
    if not _printable(path):
        yield "it holds an invisible or unassigned character"
    if len(path.encode()) > PATH_BYTES:
        yield f"it is longer than {PATH_BYTES} bytes"
    if path.count("/") >= SEGMENTS:
        yield f"it is more than {SEGMENTS} segments deep"
    for segment in path.split("/"):
        yield from _segment_refusals(segment)


def _segment_refusals(segment: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKC", segment)
    if folded in ("", ".", "..") or "/" in folded or "\\" in folded:
        yield "it has an empty segment, a dot segment or a look-alike of one"
    if segment.endswith(".") or segment[-1].isspace():
        yield "a segment ends in a dot or in white space"
    if segment.partition(".")[0].upper() in _RESERVED:
        yield "a segment is a reserved name on Windows"
    if len(segment.encode()) > SEGMENT_BYTES:
        yield f"a segment is longer than {SEGMENT_BYTES} bytes"


def _printable(path: str) -> bool:
    return all(
        unicodedata.category(char) not in _REFUSED_CATEGORIES
        or (char == _JOINER and _joins_emoji(path, index))
        for index, char in enumerate(path)
    )


def _joins_emoji(path: str, index: int) -> bool:
    before = path[:index].rstrip(_EMOJI_VARIATION)
    if before[-1:] in _SKIN_TONES:
        before = before[:-1]
    return _is_emoji(before[-1:]) and _is_emoji(path[index + 1 : index + 2])


def _is_emoji(char: str) -> bool:
    return char == _ARROW or (char != "" and unicodedata.category(char) == "So")


def path_key(path: str) -> str:
    """A text that is equal for paths that differ only in case (Unicode's canonical caseless match)."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


class _Name:
    """A file, or a folder; `files` counts the files at or below it."""

    __slots__ = ("files", "is_file", "spelling")

    def __init__(self, spelling: str, *, is_file: bool) -> None:
        self.spelling = spelling
        self.is_file = is_file
        self.files = 0


class Tree:
    """The files and folders of an app; finds out if a further path would collide with one of them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._names: dict[str, _Name] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Adds a path that has no `conflict`."""
        for key, spelling in _prefixes(path):
            name = self._names.get(key)
            if name is None:
                name = self._names[key] = _Name(spelling, is_file=spelling == path)
            name.files += 1

    def remove(self, path: str) -> None:
        """Removes a path, and the folders that only it was in."""
        for key, _ in _prefixes(path):
            self._names[key].files -= 1
            if self._names[key].files == 0:
                del self._names[key]

    def conflict(self, path: str) -> str | None:
        """The existing file or folder with which this path would collide, if there is one."""
        for key, spelling in _prefixes(path):
            name = self._names.get(key)
            if name and (name.spelling != spelling or name.is_file or spelling == path):
                return name.spelling
        return None


def _prefixes(path: str) -> Iterator[tuple[str, str]]:
    """The key and the spelling of each folder that a path is in, and of the path itself."""
    keys, spellings = path_key(path).split("/"), path.split("/")
    return (("/".join(keys[:n]), "/".join(spellings[:n])) for n in range(1, len(keys) + 1))
