"""Keeps the file's own quotes, dashes and accents in those parts that an edit does not change. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from chat.agent.tools.edit.blocks import equal_blocks
from chat.agent.tools.edit.normalise import SPACE, bare
from chat.agent.tools.stopping import expect_wanted

_WORDS_AND_SPACES = re.compile(f"({SPACE.pattern})")
_PARTS_OF_A_WORD = re.compile(r"\w+|\W")


def respelled(found: str, old: str, new: str) -> str:
    """`new`, with those parts that it shares with `old` spelled as in `found`, the file's text for `old`.

    `found` and `old` may differ in white space, in typographic characters and in how accents are encoded.
    Shared are equal words, the equal beginnings and ends of words that replace each other, and the characters
    that join the parts of a single changed word, as in "10-20" and "15-25".
    """
    expect_wanted()
    theirs, ours = SPACE.sub("", found), SPACE.sub("", old)
    if theirs == ours:
        return new
    spelling = _spelling(theirs, ours)
    words_and_spaces = _WORDS_AND_SPACES.split(new)
    words = words_and_spaces[::2]
    characters: list[str] = []
    position = 0
    for before, after in _replacements(SPACE.split(old), words, in_parts="" not in spelling):
        characters += _respelled_characters(before, after, spelling[position : position + len(before)])
        position += len(before)
    rest = iter(characters)
    words_and_spaces[::2] = ["".join(islice(rest, len(word))) for word in words]
    return "".join(words_and_spaces)


def _spelling(theirs: str, ours: str) -> list[str]:
    """The file's characters for each character of the call.

    If the file has one for several of the call, the first of these gets it and the others get nothing.
    """
    spelling = [""] * len(ours)
    i = j = 0
    while j < len(ours):
        expect_wanted()
        start_i, start_j = i, j
        i, j = i + 1, j + 1
        while (a := bare(theirs[start_i:i])) != (b := bare(ours[start_j:j])):
            expect_wanted()
            i, j = i + (len(a) <= len(b)), j + (len(b) <= len(a))
        spelling[start_j] = theirs[start_i:i]
    return spelling


def _replacements(old: Sequence[str], new: Sequence[str], *, in_parts: bool) -> Iterator[tuple[str, str]]:
    """Splits two texts, given as words, into pairs of which the second replaces the first.

    If several words replace several, words of the same shape are paired. `in_parts` also splits a single word
    that replaces one of the same shape.
    """
    for before, after in _paired(old, new, str):
        if len(before) != 1 or len(after) != 1:
            for olds, news in _paired(before, after, _shape):
                yield "".join(olds), "".join(news)
        elif in_parts and _shape(before[0]) == _shape(after[0]):
            yield from zip(
                _PARTS_OF_A_WORD.findall(before[0]), _PARTS_OF_A_WORD.findall(after[0]), strict=True
            )
        else:
            yield before[0], after[0]


def _shape(word: str) -> str:
    return re.sub(r"\w+", "w", word)


def _paired(
    old: Sequence[str], new: Sequence[str], key: Callable[[str], str]
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Pairs words with equal keys one by one, and all words between two such pairs together."""
    a1 = b1 = 0
    for a2, b2, size in equal_blocks([*map(key, old)], [*map(key, new)]):
        if a1 < a2 or b1 < b2:
            yield old[a1:a2], new[b1:b2]
        a1, b1 = a2 + size, b2 + size
        yield from (([before], [after]) for before, after in zip(old[a2:a1], new[b2:b1], strict=True))


def _respelled_characters(old: str, new: str, spelling: Sequence[str]) -> list[str]:
    """The characters of `new`; the beginning and end that it shares with `old` are spelled as in the file."""
    shorter = min(len(old), len(new))
    first = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    last = next((n for n in range(shorter - first) if old[-1 - n] != new[-1 - n]), shorter - first)
    # A character of the file that stands for several of the call must not be split.
    while 0 < first < len(old) and not spelling[first]:
        first -= 1
    while last and not spelling[len(old) - last]:
        last -= 1
    return [*spelling[:first], *new[first : len(new) - last], *spelling[len(old) - last :]]
