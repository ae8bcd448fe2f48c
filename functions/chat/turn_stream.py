"""A turn as a stream: its first event before the conversation is even imported, then all the others."""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from aicode.errors import AICodeError, FencedError, SessionDeletedError
from aicode.history.records import EndRecord, Entry
from aicode.history.usage import no_usage
from aicode.session_manager.admission import Begun
from aicode.session_manager.reader import SessionView
from aicode.session_manager.turn_writer import Batch, TurnWriter
from chat.dependencies import Parts
from chat.event_log import EventLog, Live
from chat.event_reader import established
from chat.handover import NotInvoked

TAKEN_SECONDS = 1.0
BROKEN = "Something went wrong on our side."
STOPPED = "Stopped."


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What a turn must know of the invocation it runs in; `limit` is its whole time in seconds."""

    limit: float
    seconds_left: Callable[[], float]
    on_crash: Callable[[BaseException], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A turn that this invocation owns, its session's model, and its history.

    `has_begun` where an earlier owner has done some of it.
    """

    writer: TurnWriter
    model: str
    entries: list[Entry]
    has_begun: bool = False


class TurnStream:
    """The frames of a turn that this invocation owns, behind those that its reader has `missed`.

    The turn goes on to its end also where nobody takes them. Closed before any was asked for, it is given up:
    whoever comes next may take it over.
    """

    def __init__(
        self, have: Parts, owned: Owned, events: EventLog, live: Live, invocation: Invocation
    ) -> None:
        self.writer = owned.writer
        self.missed = b""
        self._live = live
        self._invocation = invocation
        self._run = lambda: _run(have, owned, events, live, invocation)
        self._frames = self._running()
        self._begun = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self._begun = True
        return await anext(self._frames)

    async def aclose(self) -> None:
        """Waits for the end of a turn that has begun."""
        if not self._begun:
            await self.writer.release_lease()
        await self._frames.aclose()

    async def _running(self) -> AsyncGenerator[bytes, None]:
        running = asyncio.create_task(self._run())
        try:
            if self.missed:
                yield self.missed
            async for chunk in self._live.chunks():
                yield chunk
        finally:
            self._live.close()
            await asyncio.wait({running})
            failure = running.exception()
            if failure is not None:
                self._invocation.on_crash(failure)


def new_turn(have: Parts, begun: Begun, message_id: str, invocation: Invocation) -> TurnStream:
    """The stream of a turn that was just admitted."""
    live, writer = Live(), begun.writer
    events = EventLog(writer, live, have.sessions.now_ms)
    events.emit(*established(writer, writer.turn, message_id, have.shown_model(begun.model)))
    if begun.is_new:
        events.emit("session_title", {"title": begun.title})
    owned = Owned(writer=writer, model=begun.model, entries=list(begun.history))
    return TurnStream(have, owned, events, live, invocation)


async def continued_turn(
    have: Parts, vendor: str, sid: str, invocation: Invocation, *, handed_over_by: int | None = None
) -> TurnStream | None:
    """The stream of a turn that this invocation takes over, from where it was left; None where none is."""
    recovery: Any = await asyncio.to_thread(importlib.import_module, "chat.agent.turn.takeover")
    composition: Any = await asyncio.to_thread(importlib.import_module, "chat.agent.composition")
    store = composition.file_store(have.settings)
    taken = await recovery.take_over(have.sessions, store, vendor, sid, handed_over_by=handed_over_by)
    if taken is None:
        return None
    view: SessionView = taken.view
    live = Live()
    events = EventLog(taken.writer, live, have.sessions.now_ms, last_seq=taken.shown.last_seq)
    model = view.state.metadata["model"]
    if taken.shown.last_seq == 0:
        writer, message = taken.writer, view.state.message_id
        events.emit(*established(writer, writer.turn, message, have.shown_model(model)))
    elif taken.shown.anything:
        events.emit("step_reset", {"reason": "interrupted"})
    owned = Owned(writer=taken.writer, model=model, entries=list(view.entries), has_begun=True)
    return TurnStream(have, owned, events, live, invocation)


async def _run(have: Parts, owned: Owned, events: EventLog, live: Live, invocation: Invocation) -> None:
    done = False
    # From the first event on: a Stop must not wait for what is still to be imported.
    flushing = events.flushing()
    loading = asyncio.create_task(_conversation(live))
    try:
        stoppable = {loading} if owned.has_begun else {loading, flushing}
        await asyncio.wait(stoppable, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            opened = loading.result().OpenTurn(
                settings=have.settings,
                writer=owned.writer,
                events=events,
                entries=owned.entries,
                model=owned.model,
                now_ms=have.sessions.now_ms,
                limit=invocation.limit,
                seconds_left=invocation.seconds_left,
            )
            await loading.result().run_turn(opened)
        else:
            await _end_unbegun(owned, events, flushing, have.sessions.now_ms())
        done = True
    except NotInvoked as error:
        # All of it is stored: whoever asks takes the turn up now, and not when its lease is over.
        invocation.on_crash(error)
        done = True
        with contextlib.suppress(FencedError):  # Lambda took the event after all
            await owned.writer.release()
    finally:
        for task in (loading, flushing):
            task.cancel()
        await asyncio.gather(loading, flushing, return_exceptions=True)
        if not done and not events.ended:
            await _give_up(events, have.sessions.now_ms())
        live.close()


async def _conversation(live: Live) -> Any:
    """What runs a turn, imported once the first event is on its way: it keeps the interpreter busy.

    A client that takes nothing more is not waited for: readers have the store.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TAKEN_SECONDS):
            await live.taken()
    return await asyncio.to_thread(importlib.import_module, "chat.agent.composition")


async def _end_unbegun(owned: Owned, events: EventLog, flushing: "asyncio.Task[None]", now: int) -> None:
    """Ends a turn in which Claude was not even asked: the vendor stopped it, or its session is gone."""
    data: dict[str, object] = {"turnId": owned.writer.turn, "usage": no_usage()}
    end: EndRecord = {"kind": "end", "event": "turn_cancelled", "data": data, "notice": STOPPED, "at": now}
    try:
        flushing.result()
        await events.end(Batch(records=[end]), ("turn_cancelled", data), state="cancelled")
    except SessionDeletedError:
        events.end_unstored("turn_cancelled", data)
    except FencedError:
        return


async def _give_up(events: EventLog, now: int) -> None:
    """Ends a turn that could not even be composed, or that broke while it was being ended."""
    data: dict[str, object] = {"message": BROKEN, "code": "internal", "retryable": True}
    end: EndRecord = {"kind": "end", "event": "error", "data": data, "notice": BROKEN, "at": now}
    try:
        await events.end(Batch(records=[end]), ("error", data), state="error")
    except AICodeError:
        events.end_unstored("error", data)
