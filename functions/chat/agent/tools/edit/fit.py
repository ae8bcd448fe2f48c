"""Fits a replacement to a place that differs from `old` in white space or typography. Pure."""

import re
from collections.abc import Mapping, Sequence

from chat.agent.tools.edit.fold import bare
from chat.agent.tools.edit.indent import Depths, indent_of
from chat.agent.tools.edit.match import unchanged_lines
from chat.agent.tools.edit.spelling import respelled

_BLANK_REST = re.compile(r"[ \t]*(?=\r?\n|\Z)")
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_LINE_END = re.compile(r"[ \t]*\r?\n")


class UnknownDepthError(Exception):
    """The indentation of a line of the replacement cannot be worked out; the argument is the line."""


def fit(text: str, place: tuple[int, int], old: str, new: str) -> tuple[int, int, str]:
    """The (start, end) to replace, and the text to put there; all line ends but the file's are LF.

    Lines of `old` that stay in `new` are kept as the file has them; the others get the file's indentation.
    Raises UnknownDepthError.
    """
    start, end = place
    line_start = text.rfind("\n", 0, start) + 1
    if not text[line_start:start].strip(" \t"):
        start = line_start
    if blanks := _BLANK_REST.match(text, end):
        end = blanks.end()
    # Blank lines that begin or end both `old` and `new` stay as the file has them.
    old, new = _BLANK_LINE.sub("", old), _BLANK_LINE.sub("", new)
    new = new[min(_feeds(old), _feeds(new)) :]
    shared = min(_feeds(old[::-1]), _feeds(new[::-1]))
    new = new[: len(new) - shared]
    for _ in range(_feeds(old[::-1]) - shared):
        if line_end := _LINE_END.match(text, end):
            end = line_end.end()
    return start, end, _fitted(text, start, end, old.strip("\n"), new)


def _feeds(text: str) -> int:
    """How many line feeds the text begins with."""
    return len(text) - len(text.lstrip("\n"))


def _fitted(text: str, start: int, end: int, old: str, new: str) -> str:
    """`new` as the file would have it in the place of `old`."""
    # If the place begins within a line, the first line of `new` needs no indentation.
    first = 0 if text[start - 1 : start] in ("", "\n") else 1
    found = text[start:end].replace("\r\n", "\n")
    old_lines = [line for line in old.split("\n") if line.strip()]
    found_lines = [line for line in found.split("\n") if line.strip()]
    new_lines = new.split("\n")
    kept: dict[int, int] = {}
    if list(map(bare, old_lines)) == list(map(bare, found_lines)):
        kept = unchanged_lines([line.rstrip() for line in old_lines], [line.rstrip() for line in new_lines])
    else:  # the file breaks the text into other lines
        old_lines, found_lines = old_lines[:1], found_lines[:1]
    if first:
        kept = {index: line for index, line in kept.items() if (index == 0) == (line == 0)}
    shown = [(indent_of(old), indent_of(found)) for old, found in zip(old_lines, found_lines, strict=True)]
    depths = Depths(
        text,
        start,
        shown=shown[first:],
        kept=[shown[line] for line in kept.values() if line >= first],
        new=[indent_of(line) for line in new_lines[first:] if line.strip()],
    )
    replaced = _replaced(kept, len(old_lines), new_lines)
    fitted = [line.strip() and line for line in respelled(found, old, new).split("\n")]
    if first and old[:1] in (" ", "\t"):
        fitted[0] = fitted[0].lstrip(" \t")
    for index, line in enumerate(fitted):
        if index in kept:
            fitted[index] = found_lines[kept[index]]
        elif line and index >= first:
            depth = depths.in_file(indent_of(line), shown[replaced[index]] if index in replaced else None)
            if depth is None:
                raise UnknownDepthError(line)
            fitted[index] = depth + line.lstrip(" \t")
    return "\n".join(fitted)


def _replaced(kept: Mapping[int, int], old_count: int, new_lines: Sequence[str]) -> dict[int, int]:
    """The line of `old` that each line of `new` replaces, by index.

    It is known between two lines that stay, if `old` and `new` have equally many lines there.
    """
    replaced: dict[int, int] = {}
    new_start = old_start = 0
    for new_end, old_end in [*kept.items(), (len(new_lines), old_count)]:
        come = [index for index in range(new_start, new_end) if new_lines[index].strip()]
        if len(come) == old_end - old_start:
            replaced |= zip(come, range(old_start, old_end), strict=True)
        new_start, old_start = new_end + 1, old_end + 1
    return replaced
