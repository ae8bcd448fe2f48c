"""The time limit of an invocation, and how a turn leaves before it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

LONGEST_SHARE = 1 / 3
LONGEST_HAND_OVER = 6.0
HAND_OVER_SHARE = 2 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """`seconds_left` of the invocation; with less than `reserve` seconds left the turn is handed over.

    `prepare` loads what `hand_over` needs, which starts the invocation that goes on. Both raise NotInvoked.
    """

    seconds_left: Callable[[], float]
    reserve: float
    prepare: Callable[[], Awaitable[None]]
    hand_over: Callable[[], Awaitable[None]]

    def until_left(self, seconds: float) -> float:
        """How long until only so many seconds are left."""
        return max(0.0, self.seconds_left() - seconds)


def reserve_of(limit_seconds: float, wanted: float) -> float:
    """The reserve as set, never more than a third of the invocation's limit."""
    return min(wanted, limit_seconds * LONGEST_SHARE)


def for_handing_over(seconds_left: float) -> float:
    """How long to try to hand the turn over; what is left then is for giving it up where nobody takes it."""
    return max(0.0, min(LONGEST_HAND_OVER, seconds_left * HAND_OVER_SHARE))
