"""Folds texts for comparison, and finds the places of a folded text in the original. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from chat.agent.tools.stopping import expect_wanted

MOST_PLACES = 100_000
BLOCK_CHARACTERS = 4_096
# Every run of at least twice this many accents is found. No language has more than a few in a row.
ACCENTS = 500

_SHOWS_NOTHING = "\u200b\u2060\ufeff"
SPACE = re.compile(rf"[\s{_SHOWS_NOTHING}]+")
CARRIAGE = re.compile(r"\r(?=\n)")
# The quotes, dashes and minus signs that editors put in, each replaced by one character to keep offsets.
_TYPOGRAPHY = dict(
    zip(
        "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
        "''''\"\"\"\"-------",
        strict=True,
    )
)


def decomposed(text: str) -> str:
    """The text in NFD, which is the same for canonically equivalent texts, such as é in one character or two.

    A text with a very long run of accents is left as it is, because ordering them takes quadratic time.
    """
    starts = range(0, len(text) - ACCENTS + 1, ACCENTS)
    is_endless = any(all(map(is_accent, text[start : start + ACCENTS])) for start in starts)
    return text if is_endless else unicodedata.normalize("NFD", text)


def is_accent(char: str) -> bool:
    """True for a mark that belongs to the letter before it."""
    return unicodedata.combining(unicodedata.normalize("NFD", char)[0]) > 0


def plain(text: str) -> str:
    """The text with ASCII quotes and dashes; it keeps its length."""
    # One by one, because `translate` takes ten times as long for a large text.
    for typographic, typed in () if text.isascii() else _TYPOGRAPHY.items():
        text = text.replace(typographic, typed)
    return text


def bare(text: str) -> str:
    """The text as the most forgiving rule compares it: without white space, decomposed and plain."""
    return plain(SPACE.sub("", decomposed(text)))


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a block that dropping and decomposing tell apart.

    For each, where it begins in the folded text, with the block's end, and its start and end in the source.
    """

    begins: list[int]
    stood: list[tuple[int, int]]


class Folded:
    """A text without the characters that the pattern `dropped` matches; finds places in the original.

    It is folded in blocks, and only those with a place are looked at more closely: the work for each of many
    edits of a large file is little more than reading it once.
    """

    def __init__(self, source: str, dropped: re.Pattern[str], *, decompose: bool = False) -> None:
        self._source = source
        self._dropped = dropped
        self._decompose = decompose
        # Letters are told from their accents in one block, because a block could begin with an accent.
        self._blocks = [*pairwise(_block_starts(source, len(source) if decompose else BLOCK_CHARACTERS))]
        self._parts: dict[int, _Parts] = {}
        texts = [self._block_text(block) for block in self._blocks]
        self._begins = [*accumulate(map(len, texts), initial=0)]
        self._text = "".join(texts)

    def _block_text(self, block: tuple[int, int]) -> str:
        if not self._decompose:
            return _without(self._dropped, self._source[slice(*block)])
        return "".join(text for *_, text in _parts(self._source, block, self._dropped, decompose=True))

    def places(self, wanted: str, *, plainly: bool = False) -> list[tuple[int, int]]:
        """The (start, end) in the source of each text that is canonically equivalent to `wanted`, in order.

        `plainly` compares ASCII quotes and dashes. At most 100,000 places; they may overlap. No place begins
        or ends between a letter and its accents.
        """
        fold = plain if plainly else str
        text = letters = fold(self._text)
        if not self._source.isascii():
            letters = fold(_without(self._dropped, decomposed(self._source)))
        as_is, as_letters = (fold(self._dropped.sub("", each)) for each in (wanted, decomposed(wanted)))
        if text == letters:
            as_is = as_letters if as_letters in text else as_is
        elif len(_offsets(letters, as_letters)) != len(_offsets(text, as_is)):
            # Decomposing letter by letter is slow, so it is done only if it finds other places.
            return Folded(self._source, self._dropped, decompose=True).places(wanted, plainly=plainly)
        places = (self._source_place(start, start + len(as_is)) for start in _offsets(text, as_is))
        return [
            place
            for place in places
            if place and not any(_is_within_letter(self._source, edge) for edge in place)
        ]

    def _source_place(self, start: int, end: int) -> tuple[int, int] | None:
        (part_start, part_end), begins, ends = self._part(start)
        is_same = ends - begins == part_end - part_start
        if start != begins and not is_same:
            return None
        place_start = part_start + start - begins
        (part_start, part_end), begins, ends = self._part(end - 1)
        is_same = ends - begins == part_end - part_start
        if end != ends and not is_same:
            return None
        return place_start, part_start + end - begins if is_same else part_end

    def _part(self, offset: int) -> tuple[tuple[int, int], int, int]:
        """The part at an offset: where it stood, and its start and end in the folded text."""
        block = bisect_right(self._begins, offset) - 1
        if block not in self._parts:
            self._parts[block] = self._block_parts(block)
        parts = self._parts[block]
        index = bisect_right(parts.begins, offset) - 1
        return parts.stood[index], parts.begins[index], parts.begins[index + 1]

    def _block_parts(self, block: int) -> _Parts:
        parts = _Parts([self._begins[block]], [])
        found = _parts(self._source, self._blocks[block], self._dropped, decompose=self._decompose)
        for start, end, text in found:
            if text:
                parts.begins.append(parts.begins[-1] + len(text))
                parts.stood.append((start, end))
        return parts


def _block_starts(text: str, size: int) -> Iterator[int]:
    """Where each block starts, and the text's end; no block ends between the characters of a CRLF."""
    start = 0
    while start < len(text):
        yield start
        start += size
        start += text[start - 1 : start + 1] == "\r\n"
    yield len(text)


def _without(dropped: re.Pattern[str], text: str) -> str:
    """What `dropped.sub` gives, in a third of the time where white space is dropped."""
    if dropped is not SPACE:
        return dropped.sub("", text)
    text = "".join(text.split())
    for char in "" if text.isascii() else _SHOWS_NOTHING:
        text = text.replace(char, "")
    return text


def _offsets(text: str, wanted: str) -> list[int]:
    offsets: list[int] = []
    start = text.find(wanted) if wanted else -1
    while start >= 0 and len(offsets) < MOST_PLACES:
        expect_wanted()
        offsets.append(start)
        start = text.find(wanted, start + 1)
    return offsets


def _parts(
    text: str, block: tuple[int, int], dropped: re.Pattern[str], *, decompose: bool
) -> Iterator[tuple[int, int, str]]:
    """A block's parts as (start, end, folded text): unchanged, decomposed, or dropped and so empty."""
    position, block_end = block
    drops = ((*found.span(), "") for found in dropped.finditer(text, *block))
    for start, end, folded in _changes(text, dropped) if decompose else drops:
        if position < start:
            yield position, start, text[position:start]
        yield start, end, folded
        position = end
    if position < block_end:
        yield position, block_end, text[position:block_end]


def _changes(text: str, dropped: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    for found in re.finditer(rf"({dropped.pattern})|(?:(?!{dropped.pattern})[^\x00-\x7f])+", text):
        expect_wanted()
        start, end = found.span()
        if found[1]:
            yield start, end, ""
        elif not unicodedata.is_normalized("NFD", found[0]):
            yield from _letters(text, start, end)


def _letters(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The letters, with their accents, that decomposing changes."""
    for index in range(start + 1, end + 1):
        expect_wanted()
        if index == end or not is_accent(text[index]):
            letter = text[start:index]
            if (folded := unicodedata.normalize("NFD", letter)) != letter:
                yield start, index, folded
            start = index


def _is_within_letter(text: str, offset: int) -> bool:
    """True if the offset is between a letter and its accents, or within one composed letter."""
    if not 0 < offset < len(text) or text[offset].isascii():
        return False
    before, after = text[max(0, offset - 2) : offset], text[offset]
    composed, *apart = (unicodedata.normalize("NFC", part) for part in (before + after, before, after))
    return is_accent(after) or composed != "".join(apart)
