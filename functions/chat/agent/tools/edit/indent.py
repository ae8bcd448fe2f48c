"""Translates the indentation of an edit_file call into the indentation of the file. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from chat.agent.tools.stopping import expect_wanted

_INDENT = re.compile(r"[ \t]*")
# Of each line that is neither blank nor a starred line of a block comment.
_INDENTS = re.compile(r"^([ \t]*+)[^\S\n]*+(?=[^\s*])", re.MULTILINE)
# Calls may use these for one level, or the file's own unit.
_UNITS = ("\t", "  ", "   ", "    ", "        ")

# The indentation of one line: in the call, and in the file.
IndentPair = tuple[str, str]


def indent_of(line: str) -> str:
    """The blanks and tabs that the line begins with."""
    found = _INDENT.match(line)
    return found[0] if found else ""


class Depths:
    """Translates indentations ("depths") of a call into the file's, if `old` is indented otherwise there.

    A depth that `old` shows is translated as the file has it on that line. If all lines of `old` are indented
    as in the file, or all are moved by the same amount, so is every other depth. Otherwise levels are
    counted. A reading of the call is a guess at its unit (the white space of one level) and at how many
    levels it leaves out in front of every line. If `old` is at 8 and the file at 4 with a unit of 2, then the
    call's unit is 4 and it leaves out none, so a line at 4 goes to 2.

    A depth is known if all readings that fit `old` agree on it. If `old` shows only one depth, many readings
    fit. Then only likely ones count: every line is at a whole level, and no line at a depth that `old` does
    not show is more than one level deeper than the line before it, unless the call is indented as the file.
    """

    def __init__(
        self,
        text: str,
        start: int,
        *,
        shown: Sequence[IndentPair],
        kept: Sequence[IndentPair],
        new: Sequence[str],
    ) -> None:
        """For the place that begins at offset `start` of the text; `new` has the depths of the new lines.

        `shown` has the depths of the lines of `old`, without a first line that begins within a line. `kept`
        has those of the lines that stay in `new`; they decide if no reading fits all of `shown`.
        """
        self._before = text[:start]
        self._line = indent_of(text[text.rfind("\n", 0, start) + 1 :])
        self._text = text
        self._shown = shown
        self._kept = kept
        self._new = new
        # What `shown` has for each depth of the call, and what the other depths of the call turned out to be.
        self._files: dict[str, set[str]] = {}
        for call, file in shown:
            self._files.setdefault(call, set()).add(file)
        self._worked_out: dict[str, set[str]] = {}

    def in_file(self, depth: str, replaced: IndentPair | None) -> str | None:
        """The depth in the file for a depth of the call; None if it cannot be known.

        `replaced` has the depths of the line of `old` that the new line replaces, if there is one.
        """
        expect_wanted()
        known = self._files.get(depth, set())
        if len(known) > 1 and replaced and replaced[0] == depth:
            return replaced[1]
        if not known:
            if depth not in self._worked_out:
                self._worked_out[depth] = {*self._moved(depth)} or {*self._read(depth)}
            known = self._worked_out[depth]
        return next(iter(known)) if len(known) == 1 else None

    def _moved(self, depth: str) -> Iterator[str]:
        """The depth, if all of `shown` is moved by the same amount or not at all; else nothing."""
        call, file = next(iter(self._shown), ("", ""))
        if not call == file != "" and not _has_depths(self._shown):
            return
        more, less = file.removesuffix(call), call.removesuffix(file)
        if all(file == more + call for call, file in self._shown):
            yield more + depth
        elif all(call == less + file for call, file in self._shown) and depth.startswith(less):
            yield depth.removeprefix(less)

    def _read(self, depth: str) -> Iterator[str]:
        """The depth by each reading.

        If `old` shows no indentation, the call's own depth is possible as well.
        """
        for unit, left_out in self._readings:
            level = _level(depth, unit)
            if level is not None and level + left_out >= 0:
                yield self._file_unit * (level + left_out)
                if not any(map(any, self._shown)):
                    yield depth

    @cached_property
    def _readings(self) -> list[tuple[str, int]]:
        """The readings that fit: the call's unit, and how many levels it leaves out."""
        if not self._file_unit:
            return []
        for shown in (self._shown, self._kept) if self._kept else (self._shown,):
            readings = [(unit, n) for unit in {*_UNITS, self._file_unit} for n in self._left_out(shown, unit)]
            if readings:
                has_depths = _has_depths(shown)
                return [reading for reading in readings if has_depths or self._is_likely(*reading)]
        return []

    def _left_out(self, shown: Sequence[IndentPair], unit: str) -> Iterable[int]:
        """How many levels the call may leave out if this is its unit."""
        if not shown:
            return range((_level(self._line, self._file_unit) or 0) + 1)
        left_out: set[int] = set()
        for call, file in shown:
            call_level, file_level = _level(call, unit), _level(file, self._file_unit)
            if call_level is None or file_level is None:
                return ()
            left_out.add(file_level - call_level)
        return left_out if len(left_out) == 1 else ()

    def _is_likely(self, unit: str, left_out: int) -> bool:
        """True for a reading by which the new lines are indented as people write."""
        known = {call for call, _ in self._shown}
        before = None if self._shown else (_level(self._line, self._file_unit) or 0) - left_out
        for depth in self._new:
            level = _level(depth, unit)
            if level is None or left_out < 0:
                return False
            is_far = depth not in known and before is not None and level - before > 1
            if is_far and (unit, left_out) != (self._file_unit, 0):
                return False
            before = level
        return True

    @cached_property
    def _file_unit(self) -> str:
        """The file's unit; "" if it has no usual one, or another one around the place."""
        increments = Counter[str]()
        for pair, count in Counter(pairwise(_INDENTS.findall(self._text))).items():
            for increment in _increments(pair):
                increments[increment] += count
        unit, count = min(increments.items(), key=lambda item: (-item[1], len(item[0])), default=("", 0))
        around = [*_increments(file for _, file in self._shown), *self._enclosing()]
        is_usual = count * 2 >= increments.total() and (not around or unit in around)
        return unit if is_usual and all(_level(other, unit) is not None for other in around) else ""

    def _enclosing(self) -> Iterator[str]:
        """By how much each line that encloses the place is deeper than the next one, from the inside out."""
        inner = self._line
        for indent in reversed(_INDENTS.findall(self._before)):
            if not inner:
                return
            if len(indent) < len(inner):
                yield inner.removeprefix(indent)
                inner = indent


def _has_depths(shown: Iterable[IndentPair]) -> bool:
    return len({call for call, _ in shown}) > 1


def _level(indent: str, unit: str) -> int | None:
    """How many units the indentation has; None if it is not a whole number of them."""
    level = len(indent) // len(unit)
    return level if unit * level == indent else None


def _increments(indents: Iterable[str]) -> Iterator[str]:
    """What each line that is deeper than the line before it adds to the indentation."""
    for before, after in pairwise(indents):
        if after.startswith(before) and after != before:
            yield after.removeprefix(before)
