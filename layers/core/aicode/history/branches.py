"""Which turns of a session its conversation consists of, where messages were replaced by others. Pure.

A message that replaces an earlier one goes on from before it, on a new branch: the turns from the replaced
one up to the new one are no part of the conversation any more. They stay in the history.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_PAIR = re.compile(r"(\d+)-(\d+)")
MOST_ALTERNATIVES = 50


@dataclass(frozen=True, slots=True)
class Branches:
    """The turns whose place others took: pairs of the replaced turn and the new one, the first pair first."""

    pairs: Sequence[tuple[int, int]] = ()

    @staticmethod
    def parsed(text: str) -> "Branches":
        """From the pairs as they are stored: `2-4 1-5`."""
        return Branches([(int(first), int(by)) for first, by in _PAIR.findall(text)])

    @property
    def first_turn(self) -> int:
        """The turn that the conversation begins with: the first one, or what took its place at last."""
        first = 1
        for replaced, by in self.pairs:
            if replaced == first:
                first = by
        return first

    def alternatives(self, turns: Collection[int]) -> dict[int, list[int]]:
        """For each of these turns the turns whose messages stand at the same place, itself included.

        Turns that are the only one at their place are left out. Of very many the newest are given.
        """
        first_of: dict[int, int] = {}
        at_place: dict[int, list[int]] = {}
        for replaced, by in self.pairs:
            first = first_of[by] = first_of.get(replaced, replaced)
            at_place.setdefault(first, [first]).append(by)
        places = {turn: at_place.get(first_of.get(turn, turn)) for turn in turns}
        return {turn: place[-MOST_ALTERNATIVES:] for turn, place in places.items() if place}
