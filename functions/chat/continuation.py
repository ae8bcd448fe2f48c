"""A turn that has begun, streamed once more: read from the store, or taken up again by this invocation."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, cast

from aicode.errors import NotFound, SessionExpired, StoreUnavailable
from aicode.http import one_chunk
from aicode.invoke import NotInvoked, send
from aicode.session_manager import Asked, Duplicate
from chat.dependencies import Dependencies
from chat.event_reader import EventReader, LastEvent, rebuilt_turn
from chat.handover import Invocation, handover_seconds
from chat.turn_stream import TurnStream, taken_over_turn
from chat.wake_ups import sessions_of

TAKE_OVER_TRIES = 5
TAKE_OVER_PAUSE = 1.0


async def read(
    dependencies: Dependencies, vendor: str, sid: str, last: LastEvent | None, invocation: Invocation
) -> AsyncIterator[bytes] | None:
    """What a reader with the `last` event missed of the latest turn, then what comes; None where neither is.

    Raises NotFound, SessionExpired or TooManyStreams.
    """
    reader = EventReader(dependencies.sessions, vendor, sid, dependencies.shown_model)
    missed = await reader.attach(last)
    if reader.is_overdue:
        await _go_on_elsewhere(dependencies, vendor, sid, invocation)
        missed = await reader.attach(last)
    if missed is None:
        return None
    invocation.observer.measure_the_rest("Reader")
    if last is not None:
        invocation.observer.count("Resumes")
    return reader.follow(missed, invocation.seconds_left)


async def take_up(  # noqa: PLR0913 - whose turn, from where, and as what it counts
    dependencies: Dependencies,
    vendor: str,
    sid: str,
    last: LastEvent | None,
    invocation: Invocation,
    *,
    asked: Asked,
) -> AsyncIterator[bytes] | None:
    """The stream of an interrupted turn that goes on here, behind what the reader missed; None if it is not.

    Raises NotFound or SessionExpired, and RateLimited, TooManyTurns or BudgetExceeded where the vendor may
    have no further turn: then it stays interrupted.
    """
    state = await dependencies.sessions.state(vendor, sid)
    if state.status != "interrupted":
        return None
    stream = await taken_over_turn(dependencies, vendor, sid, invocation, asked=asked)
    if stream is None:
        return None
    async with stream.writer.lease_released_on_failure():
        stream.missed = await EventReader(dependencies.sessions, vendor, sid).first(last) or b""
    return stream


async def of_known_message(
    dependencies: Dependencies, vendor: str, known: Duplicate, invocation: Invocation
) -> AsyncIterator[bytes] | None:
    """The stream of the turn that a message has already, from its first event."""
    sessions, sid = dependencies.sessions, known.session_id
    state = await sessions.state(vendor, sid)
    if state.turn != known.turn:
        view = await sessions.read_turn(vendor, sid, known.turn)
        frames = rebuilt_turn(view.state, known.turn, view.entries, dependencies.shown_model)
        return one_chunk(b"".join(frames))
    start = LastEvent(known.turn, 0)
    if state.status == "interrupted":
        stream = await take_up(dependencies, vendor, sid, start, invocation, asked="again")
        if stream is not None:
            return stream
    return await read(dependencies, vendor, sid, start, invocation)


async def run_handed_over(
    dependencies: Dependencies, event: Mapping[str, object], invocation: Invocation
) -> None:
    """Runs the turn that an earlier invocation handed over; nothing if it is somebody else's by now.

    Raises StoreUnavailable where a store does not answer for some seconds.
    """
    handover = cast("dict[str, Any]", event["handover"])
    invocation.observer.bind(session=str(handover["sessionId"]))
    stream = await _claimed(dependencies, handover, invocation)
    if stream is not None:
        invocation.observer.count("HandOvers", Result="received")
        # Nobody listens, and Lambda keeps no more than 6 MB of such an answer: readers have the store.
        async for _ in stream:
            pass


async def woken_up(dependencies: Dependencies, event: Mapping[str, object], invocation: Invocation) -> None:
    """Lets the turns go on that have waited as long as they may; nothing for one that may still, or is over.

    They go on in other invocations: this one is the queue's, which counts on a short one. Raises
    StoreUnavailable, and the queue sends the event again.
    """
    for vendor, sid in sessions_of(event):
        with suppress(NotFound, SessionExpired):
            await _go_on_elsewhere(dependencies, vendor, sid, invocation)


async def _go_on_elsewhere(dependencies: Dependencies, vendor: str, sid: str, invocation: Invocation) -> None:
    """Lets a turn that has waited as long as it may go on in another invocation: this one has other work."""
    sessions = dependencies.sessions
    epoch = await sessions.expire(vendor, sid)
    if epoch is None:
        return
    event = {"handover": {"vendor": vendor, "sessionId": sid, "epoch": epoch}}
    try:
        await send(invocation.function, event, seconds=handover_seconds(invocation.seconds_left()))
    except NotInvoked as error:
        invocation.observer.crash(error)
        await sessions.release(vendor, sid, epoch)


async def _claimed(
    dependencies: Dependencies, handover: Mapping[str, Any], invocation: Invocation
) -> TurnStream | None:
    failure: StoreUnavailable | None = None
    for _ in range(TAKE_OVER_TRIES):
        try:
            stream = await taken_over_turn(
                dependencies,
                str(handover["vendor"]),
                str(handover["sessionId"]),
                invocation,
                handed_over_by=int(handover["epoch"]),
            )
        except StoreUnavailable as error:
            failure = error
            await asyncio.sleep(TAKE_OVER_PAUSE)
            continue
        if stream is None and failure is not None:
            raise failure  # a try that failed had claimed it, so that now it is nobody's any more
        return stream
    raise failure or AssertionError
