"""Finding the place that an edit means: exactly, else without white space, else without typography. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_PLACES = 100_000

# One character for one, so that offsets stay: quotes, dashes and the minus sign that editors put in.
_TYPOGRAPHY = str.maketrans(
    "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "''''\"\"\"\"-------",
)
_SPACE = re.compile(r"[\s\u200b\u2060\ufeff]+")
_CARRIAGE = re.compile(r"\r(?=\n)")


@dataclass(frozen=True, slots=True)
class Match:
    """Where the text was found, as (start, end) offsets in order; `how` is empty for an exact match."""

    places: list[tuple[int, int]]
    how: str


class _Folded:
    """A text without some of its characters, knowing where each of the others stood."""

    def __init__(self, text: str, dropped: re.Pattern[str]) -> None:
        parts: list[str] = []
        self._folded_starts: list[int] = []
        self._starts: list[int] = []
        start = length = 0
        for gap in [*(found.span() for found in dropped.finditer(text)), (len(text), len(text))]:
            if gap[0] > start:
                parts.append(text[start : gap[0]])
                self._folded_starts.append(length)
                self._starts.append(start)
                length += gap[0] - start
            start = gap[1]
        self.text = "".join(parts)

    def original(self, start: int, end: int) -> tuple[int, int]:
        return self._offset(start), self._offset(end - 1) + 1

    def _offset(self, index: int) -> int:
        part = bisect_right(self._folded_starts, index) - 1
        return self._starts[part] + index - self._folded_starts[part]


def find(text: str, old: str, *, everywhere: bool = False) -> Match | None:
    """The places of `old`, whose line ends are LF, by the strictest rule that finds any.

    At most 100,000 places; they may overlap. CRLF and LF in the text are the same to every rule. A place that
    begins within a line's indentation has another indentation than was asked for: it is exact only where
    every place is meant.
    """
    exact = _Folded(text, _CARRIAGE)
    places = [_with_carriage(text, *exact.original(*place)) for place in _places(exact.text, old)]
    if not everywhere and old.strip() and old[0] in " \t":
        places = [place for place in places if not _is_indentation(text, place[0])]
    if places:
        return Match(places, "")
    folded, needle = _Folded(text, _SPACE), _SPACE.sub("", old)
    for how, haystack, wanted in (
        ("ignoring white space", folded.text, needle),
        (
            "ignoring white space and typographic characters",
            folded.text.translate(_TYPOGRAPHY),
            needle.translate(_TYPOGRAPHY),
        ),
    ):
        places = [folded.original(*place) for place in _places(haystack, wanted)]
        places = [place for place in places if _whole_words(text, *place)]
        if places:
            return Match(places, how)
    return None


def bare(text: str) -> str:
    """What the most forgiving rule compares: no white space, plain punctuation."""
    return _SPACE.sub("", text).translate(_TYPOGRAPHY)


def separate(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places without those that overlap an earlier one."""
    kept: list[tuple[int, int]] = []
    for place in places:
        if not kept or place[0] >= kept[-1][1]:
            kept.append(place)
    return kept


def _places(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    start = text.find(wanted) if wanted else -1
    for _ in range(MOST_PLACES):
        if start < 0:
            return
        yield start, start + len(wanted)
        start = text.find(wanted, start + 1)


def _with_carriage(text: str, start: int, end: int) -> tuple[int, int]:
    """A place that begins with a line end begins with all of it."""
    if text[start] == "\n" and start and text[start - 1] == "\r":
        return start - 1, end
    return start, end


def _is_indentation(text: str, end: int) -> bool:
    before = text[text.rfind("\n", 0, end) + 1 : end]
    return before != "" and not before.strip(" \t")


def _whole_words(text: str, start: int, end: int) -> bool:
    """Without its spaces `x = 1` is also found in `max = 12`; there it is not meant."""
    return not any(
        0 < edge < len(text) and _is_word(text[edge - 1]) and _is_word(text[edge]) for edge in (start, end)
    )


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def nearest(lines: list[str], old: str) -> int:
    """The index of the line where `old` would most likely begin: where most of its words stand close by."""
    wanted = [set(re.findall(r"\w+", line)) for line in old.strip("\n").split("\n")[:50]]
    rarest = max(range(len(wanted)), key=lambda index: (len(wanted[index]), -index))
    best, best_score = 0, -1.0
    for index, line in enumerate(lines):
        words = set(re.findall(r"\w+", line[:500]))
        score = len(words & wanted[rarest]) / (len(words | wanted[rarest]) or 1)
        if score > best_score:
            best, best_score = index, score
    return max(0, best - rarest)


def unchanged_lines(old: list[str], new: list[str]) -> dict[int, int]:
    """Which lines of `new` are lines of `old`, as they were: new index to old index."""
    blocks = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 1_000).get_matching_blocks()
    return {block.b + n: block.a + n for block in blocks for n in range(block.size)}
