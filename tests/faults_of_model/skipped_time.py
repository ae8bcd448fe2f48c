"""An event loop whose clock jumps: what waits for time alone is over at once.

Only for programs whose sockets have both of their ends in this process, so that a loop with nothing to read
and nothing to run can only be waiting for time; work in threads is waited for.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

THREAD_LOOK_SECONDS = 0.001
ResultT = TypeVar("ResultT")


class _Selector(selectors.DefaultSelector):
    """Never waits for longer than it takes to see that nothing is there."""

    skipped = 0.0
    in_threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.in_threads or timeout is None:
            return super().select(THREAD_LOOK_SECONDS)
        self.skipped += timeout
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`time()` runs on by the waits that were skipped."""

    def __init__(self) -> None:
        self._jumping = _Selector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds, the skipped ones included."""
        return super().time() + self._jumping.skipped

    def run_in_executor(  # pyright: ignore[reportIncompatibleMethodOverride] - typeshed's has variadic types
        self, executor: Executor | None, func: Callable[..., ResultT], *args: Any
    ) -> "asyncio.Future[ResultT]":
        """As usual; no time is skipped until it is done."""
        self._jumping.in_threads += 1
        future: asyncio.Future[ResultT] = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _: object) -> None:
        self._jumping.in_threads -= 1
