"""Compares texts line by line: counts added and deleted lines, and makes unified diffs. Pure.

Only a line feed ends a line, so that other control characters stay part of their line. The lines that two
texts share are their longest common subsequence, found by the algorithm of Hunt and Szymanski
(https://dl.acm.org/doi/10.1145/359581.359603). Its time grows with the number of pairs of equal lines, which
is bounded here: equal lines at both ends are set aside first; a rest with too many pairs is cut at the lines
that each text has exactly once; and a stretch that still has too many counts as deleted and added as a whole.
The counts and the diffs always agree, because both come from here.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

CONTEXT = 3
PAIRS_COMPARED = 300_000
CUTS = 8

# One stretch that differs: first and last+1 old line, first and last+1 new line
Edit = tuple[int, int, int, int]
# A pair of equal lines (old and new index), and the pair before it in its series
_Pair = tuple[int, int, "_Pair | None"]


@dataclass(slots=True)
class _Budget:
    """How many pairs may still be compared."""

    pairs: int = PAIRS_COMPARED


def lines(text: str) -> list[str]:
    """The text's lines with their line feeds; the last one may lack its own."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def count_lines(text: str) -> int:
    """How many lines the text has."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


def count_changes(old: str, new: str) -> tuple[int, int]:
    """Lines added and lines deleted on the way from one text to another."""
    found = edits(lines(old), lines(new))
    return sum(b2 - b1 for _, _, b1, b2 in found), sum(a2 - a1 for a1, a2, _, _ in found)


def unified(old: str | None, new: str | None, old_path: str, new_path: str) -> str:
    """A unified diff with three lines of context, for `patch` and `git apply`; None = no such file."""
    before, after = lines(old or ""), lines(new or "")
    head = [
        "--- /dev/null\n" if old is None else f"--- a/{old_path}\n",
        "+++ /dev/null\n" if new is None else f"+++ b/{new_path}\n",
    ]
    hunks = [line for group in _groups(edits(before, after)) for line in _hunk(before, after, group)]
    return "".join(head + hunks)


def edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """The stretches in which two lists of lines differ, in their order."""
    return _between(old, new, _Budget(), CUTS)


def _between(old: Sequence[str], new: Sequence[str], budget: _Budget, cuts: int) -> list[Edit]:
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    edits = _inside(old[start : len(old) - end], new[start : len(new) - end], budget, cuts)
    return [_moved(edit, start, start) for edit in edits]


def _inside(a: Sequence[str], b: Sequence[str], budget: _Budget, cuts: int) -> Iterator[Edit]:
    places = _places(b)
    pairs = sum(len(places.get(line, ())) for line in a)
    if pairs <= budget.pairs:
        budget.pairs -= pairs
        yield from _gaps(_series(a, places), len(a), len(b))
        return
    once = Counter(a)
    anchors = {line: found for line, found in places.items() if len(found) == once[line] == 1}
    for gap in _gaps(_series(a, anchors), len(a), len(b)):
        if anchors and cuts:
            a1, a2, b1, b2 = gap
            edits = _between(a[a1:a2], b[b1:b2], budget, cuts - 1)
            yield from (_moved(edit, a1, b1) for edit in edits)
        else:
            yield gap


def _moved(edit: Edit, old: int, new: int) -> Edit:
    a1, a2, b1, b2 = edit
    return a1 + old, a2 + old, b1 + new, b2 + new


def _places(text: Sequence[str]) -> dict[str, list[int]]:
    """The indices of each line, the last one first."""
    places: dict[str, list[int]] = {}
    for index in range(len(text) - 1, -1, -1):
        places.setdefault(text[index], []).append(index)
    return places


def _series(a: Sequence[str], places: Mapping[str, Sequence[int]]) -> list[tuple[int, int]]:
    """The longest series of pairs, of an index in `a` and one of the line's `places`, that both grow."""
    # For each length, the series that ends earliest: its last place, and its last pair.
    ends: list[int] = []
    last: list[_Pair] = []
    for index, line in enumerate(a):
        for place in places.get(line, ()):
            length = bisect_left(ends, place)
            pair = (index, place, last[length - 1] if length else None)
            ends[length : length + 1], last[length : length + 1] = [place], [pair]
    series: list[tuple[int, int]] = []
    pair = last[-1] if last else None
    while pair:
        series.append(pair[:2])
        pair = pair[2]
    return series[::-1]


def _gaps(series: Sequence[tuple[int, int]], a_length: int, b_length: int) -> Iterator[Edit]:
    """The stretches between the pairs of a series."""
    a1 = b1 = 0
    for a2, b2 in [*series, (a_length, b_length)]:
        if a1 < a2 or b1 < b2:
            yield a1, a2, b1, b2
        a1, b1 = a2 + 1, b2 + 1


def _groups(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """The edits, with those in one group whose context lines would touch or overlap."""
    group: list[Edit] = []
    for edit in edits:
        if group and edit[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[Edit]) -> Iterator[str]:
    a_start = max(0, group[0][0] - CONTEXT)
    a_end = min(len(old), group[-1][1] + CONTEXT)
    b_start = group[0][2] - (group[0][0] - a_start)
    b_end = group[-1][3] + (a_end - group[-1][1])
    yield f"@@ -{_range(a_start, a_end)} +{_range(b_start, b_end)} @@\n"
    position = a_start
    for a1, a2, b1, b2 in group:
        yield from _marked(" ", old[position:a1])
        yield from _marked("-", old[a1:a2])
        yield from _marked("+", new[b1:b2])
        position = a2
    yield from _marked(" ", old[position:a_end])


def _range(start: int, end: int) -> str:
    """A hunk's range: lines count from 1, but an empty range names the line before it."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _marked(mark: str, part: Sequence[str]) -> Iterator[str]:
    for line in part:
        yield mark + line
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"
