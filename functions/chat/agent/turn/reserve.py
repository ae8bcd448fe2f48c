"""Keeps a turn's part of the vendor's counter of the day: estimates of calls, replaced by what they used.

An estimate is in the store before its call leaves. A call that tells nothing keeps it, also if this process
dies: so nobody uses the model for less by stopping it early.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aicode.session_manager import DAY_MS, TurnWriter
from chat.agent.model import Purpose


@dataclass(frozen=True, slots=True)
class Due:
    """What a write adds to the counter of the day of `at`: what is `settled`, and an estimate, `reserve`."""

    at: int
    settled: int = 0
    reserve: int = 0


class Reserve:
    """What lies in the counter for calls to come and for those under way, and what the counter lacks."""

    def __init__(self, writer: TurnWriter, now_ms: Callable[[], int]) -> None:
        self._writer = writer
        self._now_ms = now_ms
        day = writer.day
        self._at = day.at if day else now_ms()
        self._counter = day.counted if day else 0
        self._ready = day.reserved if day else 0
        self._under_way: dict[Purpose, int] = {}
        self._settled = 0
        # True from a write's making to its answer: it may have been carried out, or not.
        self._is_in_doubt = False
        self._writes = 0

    @property
    def used_before(self) -> int:
        """What the day had used before the calls under way, as far as this turn knows."""
        return self._counter + self._settled - self._ready - sum(self._under_way.values())

    async def take(self, purpose: Purpose, estimate: int) -> None:
        """Reserves for a call what lies ready, and by a write of its own what the estimate has more."""
        self._turn_page()
        ready = min(self._ready, estimate)
        self._ready -= ready
        if ready < estimate:
            try:
                await self._count(estimate - ready)
            except BaseException:
                self._ready += ready
                raise
        self._under_way[purpose] = estimate

    def put_back(self, purpose: Purpose) -> None:
        """Keeps an estimate for another call, because this one was not made."""
        self._ready += self._under_way.pop(purpose)

    def told(self, purpose: Purpose, weight: int) -> None:
        """Replaces the estimate of a call by what it used; the rest lies ready for the next call."""
        self._turn_page()
        rest = self._under_way.pop(purpose, 0) - weight
        self._ready += max(0, rest)
        self._settled += max(0, -rest)

    def due(self, reserve: int = 0) -> Due:
        """What the next write is to add, with an estimate for the call that follows it."""
        self._turn_page()
        self._settled -= self._ready
        self._ready = 0
        self._is_in_doubt = True
        return Due(self._at, self._settled, reserve)

    def stored(self, due: Due, counter: int) -> None:
        """Notes that this is stored, and the counter that the store brought back."""
        self._is_in_doubt = False
        if due.at == self._at:
            self._settled -= due.settled
            self._ready += due.reserve
            self._counter = counter
        else:  # a new day has begun meanwhile, and the old one has it
            self._settled -= max(0, due.settled)

    async def close(self) -> None:
        """Stores what no other write of this owner will."""
        is_in_doubt, settled = self._is_in_doubt, self.due().settled
        if is_in_doubt:
            settled = max(0, settled)
        if settled:
            # If this gets no answer, nothing is given back twice, and nothing told is left out.
            self._settled = max(0, settled)
            await self._count(settled)
            self._settled = 0

    async def _count(self, tokens: int) -> None:
        self._writes += 1
        at = self._at
        counter = await self._writer.count_tokens(at, tokens, str(self._writes))
        if at == self._at:
            self._counter = counter

    def _turn_page(self) -> None:
        """Begins with nothing on a new day: what the old one has too much is not taken from the new one."""
        now = self._now_ms()
        if now // DAY_MS != self._at // DAY_MS:
            self._at, self._counter, self._ready = now, 0, 0
            self._under_way = dict.fromkeys(self._under_way, 0)
            self._settled = max(0, self._settled)
