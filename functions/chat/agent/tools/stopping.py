"""Work in a thread that ends when its tool is stopped.

Nothing can end a thread from outside, and one that works on takes the processor from the next turn. So the
long loops of such work ask now and then if they are still wanted.
"""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")

_is_stopped: ContextVar[Callable[[], bool]] = ContextVar("_is_stopped")


class StoppedError(Exception):
    """Nobody waits for the result of this work any more."""


@contextmanager
def stopped_by(is_stopped: Callable[[], bool]) -> Generator[None]:
    """Lets `expect_wanted` raise, within this block, once `is_stopped` says so."""
    token = _is_stopped.set(is_stopped)
    try:
        yield
    finally:
        _is_stopped.reset(token)


def expect_wanted() -> None:
    """Raises StoppedError if the work that calls this was stopped; long loops call it every few moments."""
    is_stopped = _is_stopped.get(None)
    if is_stopped and is_stopped():
        raise StoppedError


async def in_thread(
    work: Callable[ArgumentsT, ResultT], *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs
) -> ResultT:
    """Runs the work in a thread, so that the turn's stream goes on meanwhile.

    A cancellation stops the work, and is raised once the thread has ended.
    """
    stopped = threading.Event()

    def run() -> ResultT:
        with stopped_by(stopped.is_set):
            expect_wanted()
            return work(*args, **kwargs)

    thread = asyncio.ensure_future(asyncio.to_thread(run))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.wait({thread})
        if not thread.cancelled():
            thread.exception()  # asyncio logs what nobody retrieves
        raise
