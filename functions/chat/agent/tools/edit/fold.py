"""Folds texts for comparison, and finds the places of a folded text in the original. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

MOST_PLACES = 100_000
# Every run of at least twice this many accents is found. No language has more than a few in a row.
ACCENTS = 500

SPACE = re.compile(r"[\s\u200b\u2060\ufeff]+")
CARRIAGE = re.compile(r"\r(?=\n)")
# The quotes, dashes and minus signs that editors put in, each replaced by one character to keep offsets.
_TYPOGRAPHY = str.maketrans(
    "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "''''\"\"\"\"-------",
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
    return text.translate(_TYPOGRAPHY)


def bare(text: str) -> str:
    """The text as the most forgiving rule compares it: without white space, decomposed and plain."""
    return plain(SPACE.sub("", decomposed(text)))


class Folded:
    """A text without the characters that the pattern `dropped` matches; finds places in the original."""

    def __init__(self, source: str, dropped: re.Pattern[str], *, decompose: bool = False) -> None:
        self._source = source
        self._dropped = dropped
        texts: list[str] = []
        # For each part: where it begins in the folded text, and its start and end in the source.
        self._begins: list[int] = []
        self._stood: list[tuple[int, int]] = []
        length = 0
        for start, end, text in _parts(source, dropped, decompose=decompose):
            if text:
                texts.append(text)
                self._begins.append(length)
                self._stood.append((start, end))
                length += len(text)
        self._begins.append(length)
        self._text = "".join(texts)

    def places(self, wanted: str, *, plainly: bool = False) -> list[tuple[int, int]]:
        """The (start, end) in the source of each text that is canonically equivalent to `wanted`, in order.

        `plainly` compares ASCII quotes and dashes. At most 100,000 places; they may overlap. No place begins
        or ends between a letter and its accents.
        """
        fold = plain if plainly else str
        text, letters = fold(self._text), fold(self._dropped.sub("", decomposed(self._source)))
        as_is, as_letters = (fold(self._dropped.sub("", each)) for each in (wanted, decomposed(wanted)))
        if text == letters:
            as_is = as_letters if as_letters in text else as_is
        elif len(_offsets(letters, as_letters)) != len(_offsets(text, as_is)):
            # Decomposing letter by letter is slow, so it is done only if it finds other places.
            return Folded(self._source, self._dropped, decompose=True).places(wanted, plainly=plainly)
        places = [self._source_place(start, start + len(as_is)) for start in _offsets(text, as_is)]
        return [
            place
            for place in places
            if place and not any(_is_within_letter(self._source, edge) for edge in place)
        ]

    def _source_place(self, start: int, end: int) -> tuple[int, int] | None:
        part, begins, same = self._part(start)
        if start != begins and not same:
            return None
        place_start = self._stood[part][0] + start - begins
        part, begins, same = self._part(end - 1)
        if end != self._begins[part + 1] and not same:
            return None
        return place_start, self._stood[part][0] + end - begins if same else self._stood[part][1]

    def _part(self, offset: int) -> tuple[int, int, bool]:
        """The part at an offset, where it begins, and True if it has as many characters as in the source."""
        part = bisect_right(self._begins, offset) - 1
        begins, (start, end) = self._begins[part], self._stood[part]
        return part, begins, self._begins[part + 1] - begins == end - start


def _offsets(text: str, wanted: str) -> list[int]:
    offsets: list[int] = []
    start = text.find(wanted) if wanted else -1
    while start >= 0 and len(offsets) < MOST_PLACES:
        offsets.append(start)
        start = text.find(wanted, start + 1)
    return offsets


def _parts(text: str, dropped: re.Pattern[str], *, decompose: bool) -> Iterator[tuple[int, int, str]]:
    """The text's parts as (start, end, folded text): unchanged, decomposed, or dropped and so empty."""
    position = 0
    drops = ((*found.span(), "") for found in dropped.finditer(text))
    for start, end, folded in _changes(text, dropped) if decompose else drops:
        if position < start:
            yield position, start, text[position:start]
        yield start, end, folded
        position = end
    if position < len(text):
        yield position, len(text), text[position:]


def _changes(text: str, dropped: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    for found in re.finditer(rf"({dropped.pattern})|(?:(?!{dropped.pattern})[^\x00-\x7f])+", text):
        start, end = found.span()
        if found[1]:
            yield start, end, ""
        elif not unicodedata.is_normalized("NFD", found[0]):
            yield from _letters(text, start, end)


def _letters(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The letters, with their accents, that decomposing changes."""
    for index in range(start + 1, end + 1):
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
