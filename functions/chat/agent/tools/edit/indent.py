"""Which indentation of the file an indentation of the call stands for. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

_INDENT = re.compile(r"[ \t]*")
# What calls are indented by, beside what the file is.
_UNITS = ("\t", "  ", "   ", "    ", "        ")

# How one line is indented in the call and in the file.
Shown = tuple[str, str]


def indent_of(line: str) -> str:
    """The blanks and tabs that the line begins with."""
    found = _INDENT.match(line)
    return found[0] if found else ""


class Depths:
    """Translates the indentations of a call into the file's, where `old` is not in the file to the letter.

    A depth that `old` shows is what the file has there. If all that `old` shows is indented as in the file,
    or moved by the same amount, then so is everything else. Otherwise levels are counted: a reading of the
    call says what it uses for a level, and how many levels it leaves out in front of every line. Where `old`
    is at 8 and the file at 4 in steps of 2, the call uses 4 and leaves out none, so a line at 4 goes to 2.

    A depth is known if all readings that fit `old` agree on it. One depth in `old` fits many readings, so
    that only likely ones count then: every line is at a whole level, and no line at a depth that `old` does
    not show is more than one level deeper than the line before it, unless the call uses what the file does.
    """

    def __init__(
        self, text: str, start: int, *, shown: Sequence[Shown], kept: Sequence[Shown], new: Sequence[str]
    ) -> None:
        """For a place of the text that begins at `start`, and lines that the call indents as `new` says.

        `shown` are the lines of `old`, but not one that begins in the middle of a line. `kept` are those of
        them that stay in `new`; they decide if there is no reading that fits all of them.
        """
        self._before = text[:start]
        self._line = indent_of(text[text.rfind("\n", 0, start) + 1 :])
        self._text = text
        self._shown = shown
        self._kept = kept
        self._new = new

    def in_file(self, depth: str, replaced: Shown | None) -> str | None:
        """What a depth of the call is in the file, None if it cannot be known.

        `replaced` is the one line of `old` whose place the line takes, if there is one.
        """
        known = {file for call, file in self._shown if call == depth}
        if len(known) > 1 and replaced and replaced[0] == depth:
            return replaced[1]
        if not known:
            known = {*self._moved(depth)} or {*self._read(depth)}
        return known.pop() if len(known) == 1 else None

    def _moved(self, depth: str) -> Iterator[str]:
        """The depth if all that is shown is moved by the same amount, or not at all."""
        call, file = next(iter(self._shown), ("", ""))
        if not call == file != "" and not _has_depths(self._shown):
            return
        more, less = file.removesuffix(call), call.removesuffix(file)
        if all(file == more + call for call, file in self._shown):
            yield more + depth
        elif all(call == less + file for call, file in self._shown) and depth.startswith(less):
            yield depth.removeprefix(less)

    def _read(self, depth: str) -> Iterator[str]:
        """The depth under each reading.

        If `old` shows no indentation, the depth as the call has it counts as well: nothing speaks against it.
        """
        for unit, left_out in self._readings:
            level = _level(depth, unit)
            if level is not None and level + left_out >= 0:
                yield self._step * (level + left_out)
                if not any(map(any, self._shown)):
                    yield depth

    @cached_property
    def _readings(self) -> list[tuple[str, int]]:
        """What the call uses for a level, and how many levels it leaves out."""
        if not self._step:
            return []
        for shown in (self._shown, self._kept) if self._kept else (self._shown,):
            readings = [(unit, n) for unit in {*_UNITS, self._step} for n in self._left_out(shown, unit)]
            if readings:
                has_depths = _has_depths(shown)
                return [reading for reading in readings if has_depths or self._is_likely(*reading)]
        return []

    def _left_out(self, shown: Sequence[Shown], unit: str) -> Iterable[int]:
        """How many levels the call may leave out if it uses the unit for a level."""
        if not shown:
            return range((_level(self._line, self._step) or 0) + 1)
        left_out: set[int] = set()
        for call, file in shown:
            call_level, file_level = _level(call, unit), _level(file, self._step)
            if call_level is None or file_level is None:
                return ()
            left_out.add(file_level - call_level)
        return left_out if len(left_out) == 1 else ()

    def _is_likely(self, unit: str, left_out: int) -> bool:
        """True for a reading that makes a text that somebody would write."""
        known = {call for call, _ in self._shown}
        before = None if self._shown else (_level(self._line, self._step) or 0) - left_out
        for depth in self._new:
            level = _level(depth, unit)
            if level is None or left_out < 0:
                return False
            is_far = depth not in known and before is not None and level - before > 1
            if is_far and (unit, left_out) != (self._step, 0):
                return False
            before = level
        return True

    @cached_property
    def _step(self) -> str:
        """One level of the file; "" if it has no usual one, or uses another one around the place."""
        steps = Counter(_steps(_indents(self._text)))
        step, count = min(steps.items(), key=lambda item: (-item[1], len(item[0])), default=("", 0))
        around = [*_steps(file for _, file in self._shown), *self._enclosing()]
        is_usual = count * 2 >= steps.total() and (not around or step in around)
        return step if is_usual and all(_level(other, step) is not None for other in around) else ""

    def _enclosing(self) -> Iterator[str]:
        """By how much the lines that enclose the place are deeper than each other, from the inside out."""
        inner = self._line
        for indent in reversed([*_indents(self._before)]):
            if len(indent) < len(inner):
                yield inner.removeprefix(indent)
                inner = indent


def _has_depths(shown: Iterable[Shown]) -> bool:
    return len({call for call, _ in shown}) > 1


def _level(indent: str, unit: str) -> int | None:
    """How many units the indentation is, None where it is no whole number of them."""
    level = len(indent) // len(unit)
    return level if unit * level == indent else None


def _indents(text: str) -> Iterator[str]:
    """How the lines of a text are indented, but blank ones and those of block comments of stars."""
    for line in text.split("\n"):
        content = line.lstrip()
        if content and content[0] != "*":
            yield indent_of(line)


def _steps(indents: Iterable[str]) -> Iterator[str]:
    """By how much lines are deeper than the line before."""
    for before, after in pairwise(indents):
        if after.startswith(before) and after != before:
            yield after.removeprefix(before)
