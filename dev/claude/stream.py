"""Sends one reply as server-sent events, paced, with its faults in their places."""

import time

from dev.claude import wire
from dev.claude.answer import Answer, AnswerOverError
from dev.claude.api_error import error_body
from dev.claude.events import PING, Frame, steps
from dev.claude.script import Control, Cut, Event, Pause, Raw, Reply, Stall, StreamError

_FLUSH_BYTES = 64 * 1024
_CATCH_UP_SECONDS = 0.1


class Stream:
    """One reply on its way. The head goes out with the first event, so a fault may come before it."""

    def __init__(self, answer: Answer, reply: Reply) -> None:
        self._answer = answer
        self._reply = reply
        self._pace = answer.pace if reply.pace is None else reply.pace
        self._pending = bytearray()
        self._started = False
        self._sent = 0
        self._next_delta_at = time.monotonic()

    async def run(self) -> None:
        """Sends it all; raises ClientGoneError where the client hangs up."""
        number = 0
        try:
            for step in steps(self._reply, self._answer.body, self._answer.usage):
                if isinstance(step, Frame):
                    if number in self._reply.at:
                        await self._control(self._reply.at[number])
                    number += 1
                    await self._send(step)
                else:
                    await self._control(step)
            await self._flush()
        except AnswerOverError:
            return
        self._answer.exchange.end()

    async def _control(self, item: Control) -> None:
        match item:
            case Event():
                await self._send(Frame(wire.frame(item.type, item.data)))
            case Raw():
                await self._send(Frame(item.data))
            case StreamError():
                error = error_body(item.type, item.message, self._answer.request_id)
                await self._send(Frame(wire.frame("error", error)))
                await self._flush()
                self._answer.exchange.end()
                raise AnswerOverError
            case Stall(ping_every=float() | int() as seconds):
                await self._ping_for_ever(seconds)
            case Cut(kind="half_chunk"):
                await self._flush()
                self._answer.exchange.raw(b"%x\r\n%b" % (len(PING), PING[: len(PING) // 2]))
                raise AnswerOverError
            case Cut(kind="end"):
                await self._flush()
                if not self._started:
                    await self._answer.control(item)
                self._answer.exchange.end()
                raise AnswerOverError
            case _:
                await self._flush()
                await self._answer.control(item)

    async def _ping_for_ever(self, seconds: float) -> None:
        while True:
            await self._send(Frame(PING))
            await self._control(Pause(seconds))

    async def _send(self, step: Frame) -> None:
        limit = self._reply.cut_at_byte
        self._sent += len(step.data)
        if limit is not None and self._sent >= limit:
            self._pending += step.data[: len(step.data) - (self._sent - limit)]
            await self._control(Cut(self._reply.cut_kind))
        self._pending += step.data
        if step.is_delta and self._pace:
            await self._flush()
            await self._keep_pace()
        elif len(self._pending) >= _FLUSH_BYTES:
            await self._flush()

    async def _keep_pace(self) -> None:
        now = time.monotonic()
        # A late delta is caught up with, but not a long stall.
        self._next_delta_at = max(self._next_delta_at, now - _CATCH_UP_SECONDS) + 1 / self._pace
        await self._answer.pause(self._next_delta_at - now)

    async def _flush(self) -> None:
        if not self._pending:
            return
        if not self._started:
            self._start()
        chunk = bytes(self._pending)
        self._pending.clear()
        self._answer.exchange.write(chunk)
        await self._answer.exchange.drain()

    def _start(self) -> None:
        self._started = True
        self._answer.first_byte(200)
        headers = {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-cache",
            "request-id": self._answer.request_id,
            **self._reply.headers,
        }
        self._answer.exchange.start(200, headers.items())
