"""Line by line: how many lines came and went, and unified diffs. Pure.

Lines end at a line feed and nowhere else, so that other control characters stay part of their line.
`difflib` is quadratic and worse on long or repetitive texts, so its share is bounded: equal lines at both
ends are set aside first, and where what is left could still be compared in too many ways, it counts as
removed and added as a whole. The figures and the diff text always agree, because both come from here.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

CONTEXT = 3
LINES_COMPARED = 5_000
PAIRS_COMPARED = 100_000

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


def _edits(old: Sequence[str], new: Sequence[str]) -> list[_Edit]:
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if not a and not b:
        return []
    if not _comparable(a, b):
        return [(start, start + len(a), start, start + len(b))]
    return [
        (a1 + start, a2 + start, b1 + start, b2 + start)
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


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
