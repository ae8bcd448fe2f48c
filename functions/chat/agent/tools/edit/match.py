"""Finds the place that an edit means: exactly, or ignoring white space, then typography. Pure."""

import re
from dataclasses import dataclass

from chat.agent.tools.edit.blocks import equal_blocks
from chat.agent.tools.edit.normalise import CARRIAGE, SPACE, Folded, is_accent
from chat.agent.tools.stopping import expect_wanted


@dataclass(frozen=True, slots=True)
class Match:
    """The places of a text, as (start, end) offsets in order; `how` is empty for an exact match."""

    places: list[tuple[int, int]]
    how: str


def find(text: str, old: str, *, everywhere: bool = False) -> Match | None:
    """The places of `old`, whose line ends are LF, by the strictest rule that finds any.

    At most 100,000 places; they may overlap. To every rule CRLF and LF in the text are the same, and so are
    canonically equivalent characters. A place that begins within a line's indentation is indented otherwise
    than `old`, so it counts as exact only if `everywhere`.
    """
    places = [_with_carriage(text, *place) for place in Folded(text, CARRIAGE).places(old)]
    if not everywhere and old.strip() and old[0] in " \t":
        places = [place for place in places if not _is_indentation(text, place[0])]
    if places:
        return Match(places, "")
    folded = Folded(text, SPACE)
    for how, plainly in (
        ("ignoring white space", False),
        ("ignoring white space and typographic characters", True),
    ):
        places = [place for place in folded.places(old, plainly=plainly) if _whole_words(text, *place)]
        if places:
            return Match(places, how)
    return None


def separate(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places without those that overlap an earlier one."""
    kept: list[tuple[int, int]] = []
    for place in places:
        if not kept or place[0] >= kept[-1][1]:
            kept.append(place)
    return kept


def _with_carriage(text: str, start: int, end: int) -> tuple[int, int]:
    """The place, with the carriage return if it begins with the line feed of a CRLF."""
    if text[start] == "\n" and start and text[start - 1] == "\r":
        return start - 1, end
    return start, end


def _is_indentation(text: str, end: int) -> bool:
    before = text[text.rfind("\n", 0, end) + 1 : end]
    return before != "" and not before.strip(" \t")


def _whole_words(text: str, start: int, end: int) -> bool:
    """True if the place does not begin or end within a word, as `x=1` does in `max=12`."""
    return not any(
        0 < edge < len(text) and _is_word(text[edge - 1]) and _is_word(text[edge]) for edge in (start, end)
    )


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_" or is_accent(char)


def nearest(lines: list[str], old: str) -> int:
    """The index of the line at which `old` most likely should begin, judged by the words of its lines."""
    wanted = [set(re.findall(r"\w+", line)) for line in old.strip("\n").split("\n")[:50]]
    rarest = max(range(len(wanted)), key=lambda index: (len(wanted[index]), -index))
    best, best_score = 0, -1.0
    for index, line in enumerate(lines):
        expect_wanted()
        words = set(re.findall(r"\w+", line[:500]))
        shared = len(words & wanted[rarest])
        score = shared / (len(words) + len(wanted[rarest]) - shared or 1)
        if score > best_score:
            best, best_score = index, score
    return max(0, best - rarest)


def unchanged_lines(old: list[str], new: list[str]) -> dict[int, int]:
    """The lines of `new` that are unchanged lines of `old`: index in `new` to index in `old`."""
    return {b + n: a + n for a, b, size in equal_blocks(old, new) for n in range(size)}
