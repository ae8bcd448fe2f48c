"""Line by line: how many lines came and went, and unified diffs. Pure.

Lines end at a line feed and nowhere else, so that other control characters stay part of their line.
`difflib` is quadratic and worse on long or repetitive texts, so its share is bounded: equal lines at both
ends are set aside first, what is left is cut at lines that both texts have once where it could be compared
in too many ways, and a stretch where even that does not help counts as removed and added as a whole. The
figures and the diff text always agree, because both come from here.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

CONTEXT = 3
LINES_COMPARED = 5_000
PAIRS_COMPARED = 100_000
CUTS = 8

# (first and last+1 old line, first and last+1 new line) of one stretch that differs
_Edit = tuple[int, int, int, int]


def lines(text: str) -> list[str]:
    """The text's lines with their line feeds; the last one may lack its own."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def count_lines(text: str) -> int:
    """How many lines the text has."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


def count_changes(old: str, new: str) -> tuple[int, int]:
    """Lines added and lines deleted on the way from one text to another."""
    edits = _edits(lines(old), lines(new))
    return sum(b2 - b1 for _, _, b1, b2 in edits), sum(a2 - a1 for a1, a2, _, _ in edits)


def unified(old: str | None, new: str | None, old_path: str, new_path: str) -> str:
    """A unified diff with three lines of context, as `patch` and `git apply` read it; None = no such file."""
    before, after = lines(old or ""), lines(new or "")
    head = [
        "--- /dev/null\n" if old is None else f"--- a/{old_path}\n",
        "+++ /dev/null\n" if new is None else f"+++ b/{new_path}\n",
    ]
    hunks = [line for group in _groups(_edits(before, after)) for line in _hunk(before, after, group)]
    return "".join(head + hunks)


def _edits(old: Sequence[str], new: Sequence[str], cuts: int = CUTS) -> list[_Edit]:
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if not a and not b:
        return []
    edits = _compared(a, b) if _comparable(a, b) else _between_anchors(a, b, cuts)
    return [(a1 + start, a2 + start, b1 + start, b2 + start) for a1, a2, b1, b2 in edits]


def _compared(a: Sequence[str], b: Sequence[str]) -> list[_Edit]:
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(a1, a2, b1, b2) for tag, a1, a2, b1, b2 in codes if tag != "equal"]


def _between_anchors(a: Sequence[str], b: Sequence[str], cuts: int) -> list[_Edit]:
    """Compares what lies between lines that stand once in each text, in the same order (a patience diff)."""
    anchors = _anchors(a, b) if cuts else []
    if not anchors:
        return [(0, len(a), 0, len(b))]
    edits: list[_Edit] = []
    a1 = b1 = 0
    for a2, b2 in [*anchors, (len(a), len(b))]:
        edits += [
            (a1 + i1, a1 + i2, b1 + j1, b1 + j2) for i1, i2, j1, j2 in _edits(a[a1:a2], b[b1:b2], cuts - 1)
        ]
        a1, b1 = a2 + 1, b2 + 1
    return edits


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the longest series of lines that stand once in each text and come in the same order."""
    in_a, in_b = Counter(a), Counter(b)
    places = {line: index for index, line in enumerate(b) if in_b[line] == 1}
    pairs = [(index, places[line]) for index, line in enumerate(a) if in_a[line] == 1 and line in places]
    # For each length, the series that ends earliest in b: its end, and the pair before each pair.
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        ends[length : length + 1], last[length : length + 1] = [place], [number]
        before.append(last[length - 1] if length else -1)
    series: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        series.append(pairs[number])
        number = before[number]
    return series[::-1]


def _comparable(a: Sequence[str], b: Sequence[str]) -> bool:
    if len(a) + len(b) > LINES_COMPARED:
        return False
    counts = Counter(b)
    return sum(times * counts[line] for line, times in Counter(a).items()) <= PAIRS_COMPARED


def _groups(edits: Sequence[_Edit]) -> Iterator[list[_Edit]]:
    """Edits whose context would touch, together."""
    group: list[_Edit] = []
    for edit in edits:
        if group and edit[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[_Edit]) -> Iterator[str]:
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
    """A hunk's range: lines count from 1, but an empty one names the line before it."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _marked(mark: str, part: Sequence[str]) -> Iterator[str]:
    for line in part:
        yield mark + line
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"
