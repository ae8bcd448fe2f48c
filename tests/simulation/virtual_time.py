"""An event loop whose clock jumps to the next timer: hours pass in milliseconds, always in the same order."""

import asyncio
import heapq
from collections.abc import Callable
from typing import Any, cast


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop without idle time. Work for threads is done at once, in this thread."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """Calls the function here and now."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - as an executor does it
            done.set_exception(error)
        return done

    def _run_once(self) -> None:
        inside = cast("Any", self)  # asyncio has no public seam for its clock
        timers: list[asyncio.TimerHandle] = inside._scheduled
        while timers and timers[0].cancelled():
            inside._timer_cancelled_count -= 1
            cast("Any", heapq.heappop(timers))._scheduled = False
        if timers and not inside._ready:
            self._now = max(self._now, timers[0].when())
        cast("Any", super())._run_once()
