"""How a turn outlives the time limit of one invocation: it is handed over to another one in time.

The function invokes itself asynchronously. The hand-over event has no `requestContext`. Every request through
the Function URL has one, so nobody can forge a hand-over from outside. Lambda may deliver the event more than
once, and its answer to the caller may be lost, so the same event must be harmless a second time. While no
instance is free, Lambda tries again for as long as the template allows:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aicode.invoke import prepare, send
from aicode.telemetry import Observer

LONGEST_RESERVE_SHARE = 1 / 3
LONGEST_HANDOVER_SECONDS = 6.0
HANDOVER_SHARE = 2 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The invocation that a turn runs in; `limit` is its whole time in seconds.

    `function` is what was invoked, with its alias. The next invocation is of the same: it has the alias's
    settings, and is what the function's role allows.
    """

    function: str
    limit: float
    seconds_left: Callable[[], float]
    observer: Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When and how a turn leaves its invocation: it is handed over with less than `reserve` seconds left.

    `hand_over` starts the invocation that continues the turn; `prepare` loads the SDK that it needs for that.
    Both raise NotInvoked.
    """

    seconds_left: Callable[[], float]
    reserve: float
    prepare: Callable[[], Awaitable[None]]
    hand_over: Callable[[], Awaitable[None]]

    def until_left(self, seconds: float) -> float:
        """Seconds from now until only this many are left; 0 if fewer are left already."""
        return max(0.0, self.seconds_left() - seconds)


def deadline_of(invocation: Invocation, wanted_reserve: float, handover: Mapping[str, object]) -> Deadline:
    """The deadline of a turn in this invocation; `handover` names the turn for the next one."""

    async def hand_over() -> None:
        seconds = handover_seconds(invocation.seconds_left())
        await send(invocation.function, {"handover": handover}, seconds=seconds)

    return Deadline(
        seconds_left=invocation.seconds_left,
        reserve=reserve_of(invocation.limit, wanted_reserve),
        prepare=prepare,
        hand_over=hand_over,
    )


def reserve_of(limit_seconds: float, wanted: float) -> float:
    """The reserve as wanted, but never more than a third of the invocation's limit."""
    return min(wanted, limit_seconds * LONGEST_RESERVE_SHARE)


def handover_seconds(seconds_left: float) -> float:
    """Seconds to try to hand the turn over; the rest is kept for releasing its lease if that fails."""
    return max(0.0, min(LONGEST_HANDOVER_SECONDS, seconds_left * HANDOVER_SHARE))
