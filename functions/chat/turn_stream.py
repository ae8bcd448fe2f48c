"""A new turn as a stream: its first event before the conversation is even imported, then all the others."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from aicode.errors import AICodeError
from aicode.session_manager.manager import Begun
from aicode.session_manager.records import EndRecord
from aicode.session_manager.turns import Batch
from chat.agent.event_log import EventLog, Live
from chat.messages import NewMessage
from chat.parts import Parts

BROKEN = "Something went wrong on our side."

OnCrash = Callable[[BaseException], None]


async def turn_stream(
    have: Parts, begun: Begun, message: NewMessage, on_crash: OnCrash
) -> AsyncIterator[bytes]:
    """The turn's frames. The turn goes on to its end also where nobody takes them."""
    live = Live()
    events = EventLog(begun.writer, live, have.sessions.now_ms)
    writer = begun.writer
    events.emit(
        "connection_established",
        {
            "sessionId": writer.sid,
            "appId": writer.app,
            "turnId": writer.turn,
            "messageId": message.message_id,
            "model": f"{begun.model} (demo)" if have.demo else begun.model,
        },
    )
    if begun.is_new:
        events.emit("session_title", {"title": begun.title})
    running = asyncio.create_task(_run(have, begun, message, events, live))
    try:
        async for chunk in live.chunks():
            yield chunk
    finally:
        live.close()
        await asyncio.wait({running})
        failure = running.exception()
        if failure is not None:
            on_crash(failure)


async def _run(have: Parts, begun: Begun, message: NewMessage, events: EventLog, live: Live) -> None:
    done = False
    try:
        # The first event must be on its way before the interpreter is busy importing.
        await live.taken()
        composition: Any = await asyncio.to_thread(importlib.import_module, "chat.agent.composition")
        await composition.run_turn(have.settings, begun, message.text, events, have.sessions.now_ms)
        done = True
    finally:
        if not done and not events.ended:
            await _give_up(events, have.sessions.now_ms())
        live.close()


async def _give_up(events: EventLog, now: int) -> None:
    """Ends a turn that could not even be composed, or that broke while it was being ended."""
    data: dict[str, object] = {"message": BROKEN, "code": "internal", "retryable": True}
    end: EndRecord = {"kind": "end", "event": "error", "data": data, "notice": BROKEN, "at": now}
    try:
        await events.end(Batch(records=[end]), ("error", data), state="error")
    except AICodeError:
        events.end_unstored("error", data)
