"""The frames of a turn on their way to one browser, in a buffer with a bound."""

import asyncio
from collections.abc import AsyncGenerator

from aicode import sse

HEARTBEAT_SECONDS = 10.0
BUFFER_LIMIT = 4_000_000


class ClientBuffer:
    """Frames on their way to one browser. The stream is closed once more than BUFFER_LIMIT bytes wait.

    A browser whose stream was closed reconnects and gets the rest from the store.
    """

    def __init__(self, *, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self._heartbeat = heartbeat
        self._frames: list[bytes] = []
        self._waiting = 0
        self._closed = False
        self._taken = asyncio.Event()
        self._taken.set()
        # Set while `chunks` waits for a frame; `_silent_at` is when that wait ends in a heartbeat.
        self._wake: asyncio.Future[None] | None = None
        self._silent_at = 0.0

    def send(self, frames: bytes) -> None:
        """Passes frames on, without waiting."""
        if self._closed or not frames:
            return
        self._taken.clear()
        self._frames.append(frames)
        self._waiting += len(frames)
        if self._waiting > BUFFER_LIMIT:
            self._frames.clear()
            self._closed = True
        self._wake_up()

    def close(self) -> None:
        """Ends the stream, because no more frames come or because nobody takes them any more."""
        self._closed = True
        self._wake_up()
        self._taken.set()

    async def taken(self) -> None:
        """Waits until all frames sent so far were taken, or the stream is closed."""
        await self._taken.wait()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The frames as they come, joined if several wait; a comment follows each silence of a heartbeat."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._heartbeat, self._beat, loop)
        try:
            while self._frames or not self._closed:
                if not self._frames:
                    self._silent_at = loop.time() + self._heartbeat
                    self._wake = loop.create_future()
                    await self._wake
                    self._wake = None
                if self._frames:
                    chunk = b"".join(self._frames)
                    self._frames.clear()
                    self._waiting = 0
                    yield chunk
                    if not self._frames:
                        self._taken.set()
                elif not self._closed:
                    yield sse.KEEP_ALIVE
        finally:
            self._timer.cancel()

    def _wake_up(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ends a wait that has lasted for a heartbeat. A timer set anew with each wait would cost more."""
        now = loop.time()
        if now >= self._silent_at:
            self._wake_up()
        later = self._silent_at if now < self._silent_at else now + self._heartbeat
        self._timer = loop.call_at(later, self._beat, loop)
