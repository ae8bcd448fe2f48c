"""Which paths an app's files may have. Pure.

The rules make an export safe to unpack on every system: no path leads out of the folder under any Unicode
normal form or decoding, no character is invisible, and no two paths differ only in case.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator

from aicode.errors import InvalidRequest

PATH_BYTES = 512
# Normalising a run of accents takes quadratic time, so longer texts are not normalised. A path of 512 bytes
# in NFC has at most 768 characters in any other form: NFD makes at most three characters of two bytes of NFC.
SPELLING_CHARACTERS = 2 * PATH_BYTES
SEGMENT_BYTES = 200
SEGMENTS = 20

_ESCAPES = re.compile(r"%(2e|2f|5c|00)", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
# Windows reads `a:b` as a stream of the file a, and has no file with one of the others in its name.
_SIGNS = frozenset(':<>"|?*')
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Characters of other categories that show nothing: those of the property Default_Ignorable_Code_Point in
# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
_SHOWS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
)
_RESERVED_SINCE = frozenset({"CONIN$", "CONOUT$", "CLOCK$"})
_SUPERSCRIPTS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹", "123456789")
_JOINER = "\u200d"
_EMOJI_VARIATION = "\ufe0f"
_EMOJI_VARIATIONS = "\ufe0e\ufe0f"
_KEYCAP = "\u20e3"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
# The arrow of the head-shaking emoji: the only part of a joined emoji that is not of the category So.
_ARROW = "\u2194"
# Further characters that are emoji with a variation selector, and not of the category So.
_BECOME_EMOJI = frozenset("\u203c\u2049\u2139\u25fb\u25fc\u25fd\u25fe\u2934\u2935\u3030")


def normalise_path(path: str) -> str:
    """The path in NFC, as it is stored and compared; raises InvalidRequest, saying why, for a refused one.

    At most 512 bytes of UTF-8, 200 bytes a segment, 20 segments. Idempotent.
    """
    return _expect_none(named_path(path), _later_refusals)


def named_path(path: str) -> str:
    """The path in NFC, for a file that may exist already; raises InvalidRequest.

    Refuses less than `normalise_path`: files of names that were accepted once can still be read, changed,
    renamed and deleted.
    """
    if len(path) <= SPELLING_CHARACTERS:
        path = unicodedata.normalize("NFC", path)
    return _expect_none(path, _refusals)


def exported_path(path: str) -> str:
    """The path, with percent signs for what `normalise_path` refuses, so that any system can unpack it."""
    if next(_later_refusals(path), None) is None:
        return path
    return "/".join(map(_escaped, path.split("/")))


def _escaped(segment: str) -> str:
    if _is_git(segment) or _is_reserved(segment, _RESERVED_SINCE | _RESERVED):
        first = next(index for index, char in enumerate(segment) if char.isalnum())
        segment = f"{segment[:first]}{_percent(segment[first])}{segment[first + 1 :]}"
    refused = {index for index, char in enumerate(segment) if char in _SIGNS or _is_hidden(segment, index)}
    return "".join(_percent(char) if index in refused else char for index, char in enumerate(segment))


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _expect_none(path: str, refusals: Callable[[str], Iterator[str]]) -> str:
    reason = next(refusals(path), None)
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


def _later_refusals(path: str) -> Iterator[str]:
    """The reasons that were added when apps could already have such files."""
    if not _SIGNS.isdisjoint(path):
        yield f"it holds one of {' '.join(sorted(_SIGNS))}"
    if any(_is_hidden(path, found.start()) for found in _SHOWS_NOTHING.finditer(path)):
        yield "it holds an invisible character"
    for segment in path.split("/"):
        if _is_git(segment):
            yield "a folder .git belongs to git"
        if _is_reserved(segment, _RESERVED | _RESERVED_SINCE):
            yield "a segment is a reserved name on Windows"


def _is_git(segment: str) -> bool:
    return segment.casefold() == ".git"


def _is_reserved(segment: str, names: Collection[str]) -> bool:
    return segment.partition(".")[0].rstrip().translate(_SUPERSCRIPTS).upper() in names


def _printable(path: str) -> bool:
    return all(
        unicodedata.category(char) not in _REFUSED_CATEGORIES
        or (char == _JOINER and _joins_emoji(path, index))
        for index, char in enumerate(path)
    )


def _is_hidden(path: str, index: int) -> bool:
    """True for a character that shows nothing, other than a variation selector of an emoji."""
    if not _SHOWS_NOTHING.match(path, index):
        return False
    before, after = path[:index][-1:], path[index + 1 : index + 2]
    is_keycap = before != "" and before in "#0123456789" and after == _KEYCAP
    is_emoji = is_keycap or _is_emoji(before) or before in _BECOME_EMOJI
    return path[index] not in _EMOJI_VARIATIONS or not is_emoji


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
