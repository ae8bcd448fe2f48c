"""Ends an answer in which nothing happens any more."""

import asyncio
from typing import Any

from chat.agent.model.message_stream import MessageStream

LOOKS = 8


class Watchdog:
    """Raises TimeoutError in its block once no event but pings has come for `idle` seconds.

    Pings can keep the connection of a dead answer alive, so they do not count as progress. The watchdog looks
    now and then, because setting a timer anew with each event would cost more than reading the event.
    """

    def __init__(self, stream: MessageStream, idle: float) -> None:
        self._stream = stream
        self._idle = idle
        self._seen: int = -1
        self._since = 0.0
        self._loop = asyncio.get_running_loop()
        self._limit = asyncio.timeout(None)

    async def __aenter__(self) -> "Watchdog":
        await self._limit.__aenter__()
        self._look()
        return self

    async def __aexit__(self, *failure: Any) -> bool | None:
        self._timer.cancel()
        return await self._limit.__aexit__(*failure)

    def hurry(self, seconds: float) -> None:
        """Leaves this many seconds from now, whatever comes."""
        self._timer.cancel()
        self._limit.reschedule(self._loop.time() + seconds)

    def _look(self) -> None:
        now = self._loop.time()
        if self._stream.progress != self._seen:
            self._seen, self._since = self._stream.progress, now
        if now >= self._since + self._idle:
            self._limit.reschedule(now)
        else:
            wait = min(self._since + self._idle - now, self._idle / LOOKS)
            self._timer = self._loop.call_later(wait, self._look)
