"""A turn as a stream of frames, of which the first is sent before the agent is even imported."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from aicode.errors import AICodeError, FencedError, SessionDeletedError
from aicode.history import end_record, no_usage
from aicode.invoke import NotInvoked
from aicode.session_manager import Asked, Batch, OwnedTurn
from chat.agent import Agent, load_agent
from chat.client_buffer import ClientBuffer
from chat.dependencies import Dependencies
from chat.event_log import EventLog, established
from chat.handover import Invocation
from chat.held_stream import HeldStream
from chat.observed_turn import note_outcome
from chat.stop import is_stopped_first

TAKEN_SECONDS = 1.0
BROKEN = "Something went wrong on our side."
STOPPED = "Stopped."


class TurnStream(HeldStream):
    """The frames of a turn that this invocation owns; frames that the client `missed` come first.

    The turn runs to its end even if nobody takes its frames. A stream that is closed before its first frame
    was asked for releases the turn's lease, so that another invocation can take the turn over.
    """

    def __init__(
        self,
        dependencies: Dependencies,
        turn: OwnedTurn,
        events: EventLog,
        client: ClientBuffer,
        invocation: Invocation,
    ) -> None:
        self.writer = turn.writer
        self.missed = b""
        self._is_new = not turn.is_taken_over
        self._client = client
        self._invocation = invocation
        self._run = lambda: _observed(dependencies, turn, events, client, invocation)
        super().__init__(self._running(), self.writer.release_lease)

    async def _running(self) -> AsyncGenerator[bytes, None]:
        running = asyncio.create_task(self._run())
        try:
            if self.missed:
                yield self.missed
            is_first = self._is_new
            async for chunk in self._client.chunks():
                if is_first:
                    is_first = False
                    self._invocation.observer.time("FirstByte", self._invocation.observer.seconds)
                yield chunk
        finally:
            self._client.close()
            await asyncio.wait({running})
            failure = running.exception()
            if failure is not None:
                self._invocation.observer.crash(failure)


def new_turn(dependencies: Dependencies, turn: OwnedTurn, invocation: Invocation) -> TurnStream:
    """The stream of a turn that was just admitted."""
    client = ClientBuffer()
    events = EventLog(turn.writer, client, dependencies.sessions.now_ms)
    events.emit(*_established(dependencies, turn))
    if turn.is_first:
        events.emit("session_title", {"title": turn.title})
    return TurnStream(dependencies, turn, events, client, invocation)


async def taken_over_turn(  # noqa: PLR0913 - whose turn, and at whose wish
    dependencies: Dependencies,
    vendor: str,
    sid: str,
    invocation: Invocation,
    *,
    handed_over_by: int | None = None,
    asked: Asked = "no",
) -> TurnStream | None:
    """The stream of a turn that this invocation takes over where it was left; None if there is none.

    `handed_over_by` is the fencing token of the owner who handed it over. Where a vendor `asked` for it, it
    raises RateLimited, TooManyTurns or BudgetExceeded as a new message would.
    """
    agent = await asyncio.to_thread(load_agent)
    turn = await agent.take_over(
        dependencies, vendor, sid, invocation.observer, handed_over_by=handed_over_by, asked=asked
    )
    if turn is None:
        return None
    if handed_over_by is None:
        invocation.observer.count("Recoveries")
    client = ClientBuffer()
    events = EventLog(turn.writer, client, dependencies.sessions.now_ms, last_seq=turn.last_seq)
    if turn.last_seq == 0:
        events.emit(*_established(dependencies, turn))
    elif turn.shows_unfinished:
        events.emit("step_reset", {"reason": "interrupted"})
    return TurnStream(dependencies, turn, events, client, invocation)


def _established(dependencies: Dependencies, turn: OwnedTurn) -> tuple[str, dict[str, object]]:
    writer = turn.writer
    model = dependencies.shown_model(turn.model)
    return established(writer.sid, writer.app, writer.turn, turn.message_id, model)


async def _observed(
    dependencies: Dependencies,
    turn: OwnedTurn,
    events: EventLog,
    client: ClientBuffer,
    invocation: Invocation,
) -> None:
    observer, writer = invocation.observer, turn.writer
    observer.bind(session=writer.sid, turn=writer.turn, epoch=writer.epoch)
    try:
        with observer.measuring("Turn"):
            await _run(dependencies, turn, events, client, invocation)
    finally:
        note_outcome(observer, events.outcome)


async def _run(
    dependencies: Dependencies,
    turn: OwnedTurn,
    events: EventLog,
    client: ClientBuffer,
    invocation: Invocation,
) -> None:
    is_settled = False
    loading = asyncio.create_task(_loaded(client))
    try:
        # Events are flushed from the first one on, so that a Stop need not wait until the agent is imported.
        # A turn that was taken over may have calls without results, which only the agent can settle.
        if not await is_stopped_first(loading, events) or turn.is_taken_over or loading.done():
            await (await loading).run_turn(dependencies, turn, events, invocation)
        else:
            await _end_before_agent(turn, events, dependencies.sessions.now_ms())
        is_settled = True
    except NotInvoked as error:
        # All of it is stored. Without a lease any invocation may take the turn up at once.
        invocation.observer.crash(error)
        invocation.observer.count("HandOvers", Result="failed")
        events.outcome = "released"
        is_settled = True
        with contextlib.suppress(FencedError):  # Lambda took the event after all
            await turn.writer.release()
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await events.stop_flushing()
        if not is_settled and not events.ended:
            await _end_broken(events, dependencies.sessions.now_ms(), invocation.observer.request_id)
        client.close()


async def _loaded(client: ClientBuffer) -> Agent:
    """The agent, imported once the client has taken the first event: importing keeps the interpreter busy.

    The wait ends after TAKEN_SECONDS, because a client that takes nothing may be gone.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TAKEN_SECONDS):
            await client.taken()
    return await asyncio.to_thread(load_agent)


async def _end_before_agent(turn: OwnedTurn, events: EventLog, now: int) -> None:
    """Ends a turn that was stopped before Claude was asked: by its vendor, by DELETE or by a new owner."""
    data: dict[str, object] = {"turnId": turn.writer.turn, "usage": no_usage()}
    end = end_record("turn_cancelled", data, now, STOPPED)
    try:
        events.flushing().result()
        await events.end(Batch(records=[end]), ("turn_cancelled", data), state="cancelled")
    except SessionDeletedError:
        events.end_unstored("turn_cancelled", data)
    except FencedError:
        return


async def _end_broken(events: EventLog, now: int, request_id: str) -> None:
    """Ends a turn that could not even be composed, or that broke while it was being ended."""
    data: dict[str, object] = {
        "message": BROKEN,
        "code": "internal",
        "retryable": True,
        "requestId": request_id,
    }
    end = end_record("error", data, now, BROKEN)
    try:
        await events.end(Batch(records=[end]), ("error", data), state="error")
    except AICodeError:
        events.end_unstored("error", data)
