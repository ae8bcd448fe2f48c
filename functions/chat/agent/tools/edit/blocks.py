"""Finds the blocks of items that two sequences share. Pure."""

from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate

from chat.agent.tools.stopping import expect_wanted

# How many pairs of equal items may be looked at, which takes about a second.
PAIRS = 5_000_000
# Beyond so many items in both, those that fill more than a hundredth of the second begin no block.
FEW = 1_000


class _Matcher(SequenceMatcher[str]):
    """Looks for the longest block, then for the longest on either side of it, and so on.

    Its time can grow with the square of the lengths. So once it has looked at many pairs, what is left shares
    only its beginning.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new, autojunk=len(old) + len(new) > FEW)
        self._old, self._new = old, new
        places: dict[str, list[int]] = vars(self)["b2j"]
        self._costs = [*accumulate((1 + len(places.get(item, ())) for item in old), initial=0)]
        self._left = PAIRS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        expect_wanted()
        ahi = len(self._old) if ahi is None else ahi
        bhi = len(self._new) if bhi is None else bhi
        self._left -= self._costs[ahi] - self._costs[alo]
        if self._left >= 0:
            return super().find_longest_match(alo, ahi, blo, bhi)
        shorter = min(ahi - alo, bhi - blo)
        size = next((n for n in range(shorter) if self._old[alo + n] != self._new[blo + n]), shorter)
        return Match(alo, blo, size)


def equal_blocks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where each block starts in `old` and in `new`, and its length, in order; the last one is empty."""
    return [(block.a, block.b, block.size) for block in _Matcher(old, new).get_matching_blocks()]
