"""Plays one reply to one client, as a stream or in one piece, with all its pauses and faults."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from dev.claude import wire
from dev.claude.api_error import MESSAGES, TYPES, error_body
from dev.claude.cache import InputUsage
from dev.claude.http_server import ClientGoneError, Exchange
from dev.claude.script import (
    Block,
    Control,
    Cut,
    CutKind,
    Event,
    Gate,
    Pause,
    Raw,
    RedactedThinking,
    Reply,
    Stall,
    StreamError,
    Text,
    Thinking,
    ToolUse,
    UnknownBlock,
)

_FLUSH_BYTES = 64 * 1024
_PING = wire.frame("ping", {})
_BLOCKS = (Text, Thinking, RedactedThinking, ToolUse, UnknownBlock)


class _AnswerOverError(Exception):
    """The answer ends here, before its regular end."""


class _Frame(NamedTuple):
    data: bytes
    is_delta: bool = False


@dataclass(slots=True)
class Player:
    """Everything that playing a reply takes; `pace` in deltas per second, 0 = full blast."""

    exchange: Exchange
    request_id: str
    body: dict[str, Any]
    usage: InputUsage
    pace: float
    wait_at_gate: Callable[[str], Awaitable[None]]
    first_byte: Callable[[int], None]

    async def play(self, reply: Reply) -> None:
        """Answers the request with the reply; raises ClientGoneError where the client hangs up."""
        if reply.delay:
            await self._pause(reply.delay)
        if reply.body is not None:
            self.first_byte(reply.status)
            headers = {"content-type": "text/html; charset=utf-8", **reply.headers}
            await self.exchange.send(reply.status, reply.body, headers)
        elif reply.status != 200:
            await self._error(reply)
        elif self.body.get("stream"):
            await _Stream(self, reply).run()
        else:
            await self._whole(reply)

    async def _error(self, reply: Reply) -> None:
        error_type = reply.error_type or TYPES.get(reply.status, "api_error")
        text = reply.message or MESSAGES.get(error_type, "Error")
        self.first_byte(reply.status)
        await self.exchange.send_json(
            reply.status,
            error_body(error_type, text, self.request_id),
            {"request-id": self.request_id, **reply.headers},
        )

    async def _whole(self, reply: Reply) -> None:
        blocks: list[wire.WireBlock] = []
        try:
            for item in [*reply.items, *reply.at.values(), *([Cut(reply.cut)] if reply.cut else [])]:
                if isinstance(item, _BLOCKS):
                    blocks.append(self.block(item))
                elif isinstance(item, StreamError):
                    await self._error(Reply(status=529, error_type=item.type, message=item.message))
                    return
                else:
                    await self.control(item)
        except _AnswerOverError:
            return
        answer = wire.message(self.body["model"], wire.new_id("msg"), self.usage)
        answer["content"] = [block.whole for block in blocks]
        answer["stop_reason"] = reply.stop_reason or _stop_reason(reply)
        answer["stop_details"] = reply.stop_details
        answer["usage"]["output_tokens"] = sum(block.output_tokens() for block in blocks) or 1
        self.first_byte(200)
        await self.exchange.send_json(200, answer, {"request-id": self.request_id, **reply.headers})

    def block(self, item: Block) -> wire.WireBlock:
        """The block as this request gets to see it."""
        thinking: dict[str, Any] = self.body.get("thinking") or {}
        shown = thinking.get("display") == "summarized"
        return wire.WireBlock.of(item, model=self.body["model"], show_thinking=shown)

    async def control(self, item: Control) -> None:
        """Waits or ends the answer, as the control says."""
        match item:
            case Pause():
                await self._pause(item.seconds)
            case Gate():
                await self._unless_gone(self.wait_at_gate(item.name))
            case Stall(ping_every=None):
                await self.exchange.hang()
            case Cut(kind="reset"):
                self.exchange.reset()
                raise _AnswerOverError
            case Cut():
                self.exchange.keep_alive = False
                raise _AnswerOverError
            case _:
                pass

    async def _pause(self, seconds: float) -> None:
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

    async def until(self, moment: float) -> None:
        """Waits for a moment on the monotonic clock."""
        left = moment - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)


class _Stream:
    """One reply on its way as server-sent events."""

    def __init__(self, player: Player, reply: Reply) -> None:
        self._player = player
        self._reply = reply
        self._pace = player.pace if reply.pace is None else reply.pace
        self._pending = bytearray()
        self._started = False
        self._sent = 0
        self._next_delta_at = time.monotonic()

    async def run(self) -> None:
        number = 0
        try:
            for step in _steps(self._player, self._reply):
                if isinstance(step, _Frame):
                    if number in self._reply.at:
                        await self._control(self._reply.at[number])
                    number += 1
                    await self._send(step)
                else:
                    await self._control(step)
            await self._flush()
        except _AnswerOverError:
            return
        await self._player.exchange.end()

    async def _control(self, item: Control) -> None:
        match item:
            case Event():
                await self._send(_Frame(wire.frame(item.type, item.data)))
            case Raw():
                await self._send(_Frame(item.data))
            case StreamError():
                error = error_body(item.type, item.message, self._player.request_id)
                await self._send(_Frame(wire.frame("error", error)))
                await self._flush()
                await self._player.exchange.end()
                raise _AnswerOverError
            case Stall(ping_every=float() | int() as seconds):
                while True:
                    await self._send(_Frame(_PING))
                    await self._control(Pause(seconds))
            case Cut(kind="half_chunk"):
                await self._flush()
                await self._player.exchange.half_chunk(_PING)
                raise _AnswerOverError
            case _:
                await self._flush()
                await self._player.control(item)

    async def _send(self, step: _Frame) -> None:
        data = step.data
        limit = self._reply.cut_at_byte
        self._sent += len(data)
        if limit is not None and self._sent >= limit:
            self._pending += data[: len(data) - (self._sent - limit)]
            await self._control(Cut(self._reply.cut or "end"))
        self._pending += data
        if step.is_delta and self._pace:
            await self._flush()
            self._next_delta_at = max(self._next_delta_at, time.monotonic() - 0.1) + 1 / self._pace
            await self._player.until(self._next_delta_at)
        elif len(self._pending) >= _FLUSH_BYTES:
            await self._flush()

    async def _flush(self) -> None:
        if not self._pending:
            return
        if not self._started:
            self._started = True
            self._player.first_byte(200)
            await self._player.exchange.start(
                200,
                {
                    "content-type": "text/event-stream; charset=utf-8",
                    "cache-control": "no-cache",
                    "request-id": self._player.request_id,
                    **self._reply.headers,
                },
            )
        chunk = bytes(self._pending)
        self._pending.clear()
        await self._player.exchange.write(chunk)


def _steps(player: Player, reply: Reply) -> Iterator[_Frame | Control]:
    """The events of a reply in order, with the controls between them."""
    usage = player.usage
    start = wire.message(player.body["model"], wire.new_id("msg"), usage)
    yield _Frame(wire.frame("message_start", {"message": start}))
    blocks = [item for item in reply.items if isinstance(item, _BLOCKS)]
    if reply.cut and not blocks:
        yield Cut(reply.cut)
    index, output_tokens = 0, 0
    for item in reply.items:
        if not isinstance(item, _BLOCKS):
            yield item
            continue
        block = player.block(item)
        last = index == len(blocks) - 1
        yield from _block_steps(index, block, reply.cut if last else None)
        output_tokens += block.output_tokens()
        index += 1
    delta = {
        "stop_reason": reply.stop_reason or _stop_reason(reply),
        "stop_sequence": None,
        "stop_details": reply.stop_details,
    }
    total = {**wire.input_usage(usage), "output_tokens": output_tokens or 1}
    yield _Frame(wire.frame("message_delta", {"delta": delta, "usage": total}))
    yield _Frame(wire.frame("message_stop", {}))


def _block_steps(index: int, block: wire.WireBlock, cut: CutKind | None) -> Iterator[_Frame | Control]:
    start = {"index": index, "content_block": block.start}
    yield _Frame(wire.frame("content_block_start", start))
    if index == 0:
        yield _Frame(_PING)
    for delta in block.deltas:
        data = {"index": index, "delta": delta}
        yield _Frame(wire.frame("content_block_delta", data), is_delta=True)
    if cut:
        yield Cut(cut)
    yield _Frame(wire.frame("content_block_stop", {"index": index}))


def _stop_reason(reply: Reply) -> str:
    return "tool_use" if any(isinstance(item, ToolUse) for item in reply.items) else "end_turn"
