"""Fitting a replacement to a place that has other white space or typography than was asked for. Pure."""

import re
from collections.abc import Iterable
from itertools import pairwise

from chat.agent.tools.edit.fold import bare
from chat.agent.tools.edit.match import unchanged_lines
from chat.agent.tools.edit.spelling import respelled

_INDENT = re.compile(r"[ \t]*")
_BLANK_REST = re.compile(r"[ \t]*(?=\r?\n|\Z)")
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_LINE_END = re.compile(r"[ \t]*\r?\n")


def fit(text: str, place: tuple[int, int], old: str, new: str) -> tuple[int, int, str]:
    """The (start, end) to replace and by what; the line ends of `old`, `new` and the result are LF.

    Lines that `new` takes over from `old` stay as the file has them, the others get the file's indentation.
    """
    start, end = place
    line_start = text.rfind("\n", 0, start) + 1
    begins_line = not text[line_start:start].strip(" \t")
    if begins_line:
        start = line_start
    if blanks := _BLANK_REST.match(text, end):
        end = blanks.end()
    # Blank lines at the ends of both stay as the file has them.
    old, new = _BLANK_LINE.sub("", old), _BLANK_LINE.sub("", new)
    body = new[min(_feeds(old), _feeds(new)) :]
    shared = min(_feeds(old[::-1]), _feeds(body[::-1]))
    body = body[: len(body) - shared]
    for _ in range(_feeds(old[::-1]) - shared):
        if line_end := _LINE_END.match(text, end):
            end = line_end.end()
    found = text[start:end].replace("\r\n", "\n")
    return (
        start,
        end,
        _fitted(found, old.strip("\n"), body, uses_tabs="\n\t" in text, begins_line=begins_line),
    )


def _feeds(text: str) -> int:
    """How many line feeds the text begins with."""
    return len(text) - len(text.lstrip("\n"))


def _fitted(found: str, old: str, new: str, *, uses_tabs: bool, begins_line: bool) -> str:
    """`new` in the clothes of `found`."""
    old_lines = [line for line in old.split("\n") if line.strip()]
    found_lines = [line for line in found.split("\n") if line.strip()]
    spelled_lines, new_lines = respelled(found, old, new).split("\n"), new.split("\n")
    if list(map(bare, old_lines)) != list(map(bare, found_lines)):  # broken into other lines
        old_lines, found_lines, kept = old_lines[:1], found_lines[:1], dict[int, int]()
    else:
        kept = unchanged_lines([line.rstrip() for line in old_lines], [line.rstrip() for line in new_lines])
    indents = _Indents(old_lines, found_lines, uses_tabs=uses_tabs)
    fitted = [
        found_lines[kept[index]] if index in kept else indents.apply(line)
        for index, line in enumerate(spelled_lines)
    ]
    if not begins_line and 0 not in kept:  # what stands before it on its line is its indentation
        fitted[0] = spelled_lines[0].lstrip(" \t") if old[:1] in (" ", "\t") else spelled_lines[0]
    return "\n".join(fitted)


class _Indents:
    """How the indentation of the call reads in the file."""

    def __init__(self, old_lines: list[str], found_lines: list[str], *, uses_tabs: bool) -> None:
        self._known: dict[str, str] = {}
        for old, found in zip(old_lines, found_lines, strict=True):
            self._known.setdefault(_indent(old), _indent(found))
        self._step = _step(self._known.keys())
        self._file_step = _step(self._known.values())
        self._uses_tabs = uses_tabs

    def apply(self, line: str) -> str:
        if not line.strip():
            return ""
        indent = _indent(line)
        if indent in self._known:
            return self._known[indent] + line[len(indent) :]
        shorter = [known for known in self._known if indent.startswith(known)]
        if shorter:
            known = max(shorter, key=len)
            return self._known[known] + self._converted(indent[len(known) :]) + line[len(indent) :]
        longer = [known for known in self._known if known.startswith(indent)]
        if longer:
            known = min(longer, key=len)
            surplus = self._converted(known[len(indent) :])
            return self._known[known].removesuffix(surplus) + line[len(indent) :]
        return line

    def _converted(self, extra: str) -> str:
        """Further indentation of the call, in the file's tabs or in as many spaces as it uses for a level."""
        if self._uses_tabs:
            return "\t" * (-(-len(extra) // (self._step or 4))) if extra.strip("\t") else extra
        if "\t" in extra:
            return " " * (self._file_step or 4) * len(extra)
        if self._step and self._file_step and len(extra) % self._step == 0:
            return " " * (len(extra) // self._step * self._file_step)
        return extra


def _indent(line: str) -> str:
    found = _INDENT.match(line)
    return found[0] if found else ""


def _step(indents: Iterable[str]) -> int:
    """The smallest difference between indentations of spaces; 0 where they show none."""
    widths = sorted({len(indent) for indent in indents if "\t" not in indent})
    return min((b - a for a, b in pairwise(widths)), default=0)
