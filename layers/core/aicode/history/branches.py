"""Which turns of a session its conversation consists of, where messages were replaced by others. Pure.

A message that replaces an earlier one goes on from before it, on a new branch: the turns from the replaced
one up to the new one are no part of the conversation any more. They stay in the history.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PAIR = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Branches:
    """The turns whose place others took: pairs of the replaced turn and the new one, the first pair first."""

    pairs: Sequence[tuple[int, int]] = ()

    @staticmethod
    def parsed(text: str) -> "Branches":
        """From the pairs as they are stored: `2-4 1-5`."""
        return Branches([(int(first), int(by)) for first, by in _PAIR.findall(text)])

    def is_replaced(self, turn: int) -> bool:
        """True if the turn is no part of the conversation any more."""
        return any(first <= turn < by for first, by in self.pairs)

    @property
    def first_turn(self) -> int:
        """The turn that the conversation begins with."""
        turn = 1
        while self.is_replaced(turn):
            turn += 1
        return turn

    def alternatives(self, turn: int) -> list[int]:
        """The turns whose messages stand at the same place, this one included; none if it is the only one."""
        first_of: dict[int, int] = {}
        for replaced, by in self.pairs:
            first_of[by] = first_of.get(replaced, replaced)
        first = first_of.get(turn, turn)
        others = [by for by, earliest in first_of.items() if earliest == first]
        return [first, *others] if others else []
