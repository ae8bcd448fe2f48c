"""One answer under way: the request that it is for, and what can hold it up or end it early."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from dev.claude.cache import InputUsage
from dev.claude.script import Control, Cut, Gate, Pause, Stall
from dev.http import ClientGoneError, Exchange


class AnswerOverError(Exception):
    """The answer ends here, before its regular end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that playing a reply takes; `pace` in deltas per second, 0 = full blast."""

    exchange: Exchange
    request_id: str
    body: dict[str, Any]
    usage: InputUsage
    pace: float
    wait_at_gate: Callable[[str], Awaitable[None]]
    first_byte: Callable[[int], None]

    async def control(self, item: Control) -> None:
        """Waits, or ends the answer with AnswerOverError; raises ClientGoneError on a hang-up."""
        match item:
            case Pause():
                await self.pause(item.seconds)
            case Gate():
                await self._unless_gone(self.wait_at_gate(item.name))
            case Stall():
                await self.exchange.hang()
            case Cut(kind="reset"):
                self.exchange.reset()
                raise AnswerOverError
            case Cut():
                raise AnswerOverError
            case _:
                pass

    async def pause(self, seconds: float) -> None:
        """Waits so long, or until the client hangs up."""
        if seconds > 0:
            await self._unless_gone(asyncio.sleep(seconds))

    async def _unless_gone(self, wait: Awaitable[None]) -> None:
        waiting = asyncio.ensure_future(wait)
        gone = asyncio.ensure_future(self.exchange.disconnected.wait())
        try:
            await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            gone.cancel()
        if self.exchange.disconnected.is_set():
            raise ClientGoneError
