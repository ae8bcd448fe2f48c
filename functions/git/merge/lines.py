"""Merges two changes of one text, line by line. Pure. The rules are those of web/src/files/merge.ts."""

from collections.abc import Sequence
from dataclasses import dataclass

from aicode.file_store.line_diff import edits


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines of the base from `start` to before `end` that one side has replaced."""

    start: int
    end: int
    lines: Sequence[str]


def merge_texts(mine: str, base: str, theirs: str) -> str | None:
    """Both sides' changes to `base` in one text; None where they touch the same lines, or lines side by side.

    The same change on both sides is one change.
    """
    lines = base.split("\n")
    ours, others = _hunks(lines, mine.split("\n")), _hunks(lines, theirs.split("\n"))
    merged: list[str] = []
    at = 0
    while ours or others:
        start = min(side[0].start for side in (ours, others) if side)
        end, taken, given = start, list[_Hunk](), list[_Hunk]()
        while found := next(
            ((s, t) for s, t in ((ours, taken), (others, given)) if s and s[0].start <= end), None
        ):
            side, kept = found
            kept.append(side.pop(0))
            end = max(end, kept[-1].end)
        merged += lines[at:start]
        regions = [_applied(lines, start, end, hunks) for hunks in (taken, given) if hunks]
        if len(regions) == 2 and regions[0] != regions[1]:
            return None
        merged += regions[0]
        at = end
    return "\n".join(merged + lines[at:])


def _hunks(base: Sequence[str], side: Sequence[str]) -> list[_Hunk]:
    return [_Hunk(start, end, side[new:new_end]) for start, end, new, new_end in edits(base, side)]


def _applied(base: Sequence[str], start: int, end: int, hunks: Sequence[_Hunk]) -> list[str]:
    lines: list[str] = []
    for hunk in hunks:
        lines += [*base[start : hunk.start], *hunk.lines]
        start = hunk.end
    return lines + list(base[start:end])
