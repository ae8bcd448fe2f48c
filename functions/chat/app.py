"""The chat function: a Function URL request -> an authorised turn -> its stream.

Up to the first event only what that takes is imported; the conversation itself (the SDK alone costs more than
a second) is loaded in a thread while the browser already sees that its message was accepted.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from aicode.errors import (
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    RequestError,
    StoreUnavailable,
)
from aicode.http import (
    BODILESS_HEADERS,
    Request,
    Response,
    cors_headers,
    error_response,
    one_chunk,
    parse_event,
    preflight_headers,
)
from aicode.session_manager.admission import Duplicate
from aicode.sse import parse_event_id
from aicode.telemetry import logger
from chat.admission import admit
from chat.dependencies import Parts, parts
from chat.event_reader import Place, Reader, rebuilt_turn
from chat.request import is_session_id, parse_message
from chat.turn_stream import Invocation, continued_turn, new_turn

STREAM_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
}
TAKE_OVER_TRIES = 5
TAKE_OVER_PAUSE = 1.0


class Context(Protocol):
    """What the runtime tells of an invocation."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """How long the invocation may go on."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way to its answer; `headers` go into every answer."""

    have: Parts
    request: Request
    context: Context
    headers: Mapping[str, str]

    async def vendor(self) -> str:
        """Who calls."""
        return await self.have.authenticator.vendor(self.request)

    def seconds_left(self) -> float:
        """How long the invocation may go on."""
        return self.context.get_remaining_time_in_millis() / 1000

    def reader(self, vendor: str, sid: str) -> Reader:
        """A reader of the session's latest turn."""
        return Reader(self.have.sessions, vendor, sid, self.have.shown_model)

    def invocation(self) -> Invocation:
        """What a turn must know of this invocation."""
        return _invocation(self.context)

    def stream(self, body: AsyncIterator[bytes]) -> Response:
        """A stream of events as the answer."""
        return Response(200, {**STREAM_HEADERS, **self.headers}, body)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    parts()  # a function that cannot run refuses to start


async def handler(event: dict[str, object], context: Context) -> Response:
    """Answers one Function URL request; errors before the stream are JSON in the contract's shape.

    An event without `requestContext` comes from an earlier invocation that hands its turn over. What fails
    there is raised: nobody reads an answer, and Lambda counts the invocation as failed.
    """
    if "requestContext" not in event:
        return await _take_over(event, context)
    headers: dict[str, str] = {}
    try:
        request, have = parse_event(event), parts()
        headers = cors_headers(request, have.settings.allowed_origins)
        return await _route(Exchange(have, request, context, headers))
    except RequestError as error:
        return error_response(error, context.aws_request_id, headers)
    except Exception as error:  # noqa: BLE001 - the one place where everything else ends
        log_crash(error, context.aws_request_id)
        broken = RequestError("Something went wrong on our side.")
        return error_response(broken, context.aws_request_id, headers)


async def _route(exchange: Exchange) -> Response:
    request, base = exchange.request, exchange.have.settings.base_path
    if request.method == "OPTIONS":
        allowed = preflight_headers(request, exchange.have.settings.allowed_origins)
        return Response(204, allowed, one_chunk(b""))
    sid = request.path.removeprefix(f"{base}/").removesuffix("/stream")
    if request.path == base:
        if request.method != "POST":
            raise MethodNotAllowed("Send a message with POST.")
        return await _post(exchange)
    if request.path == f"{base}/{sid}/stream":
        if request.method != "GET":
            raise MethodNotAllowed("Read the stream with GET.")
        return await _resume(exchange, sid)
    raise NotFound("There is no such route.")


async def _post(exchange: Exchange) -> Response:
    vendor = await exchange.vendor()
    message = parse_message(exchange.request)
    _open_connection(exchange.have)
    admitted = await admit(exchange.have, vendor, message)
    if isinstance(admitted, Duplicate):
        return await _attach(exchange, vendor, admitted)
    return exchange.stream(new_turn(exchange.have, admitted, message.message_id, exchange.invocation()))


def _open_connection(have: Parts) -> None:
    """Lets a warm process shake hands with Claude while the session is loaded; a cold one imports first."""
    composition: Any = sys.modules.get("chat.agent.composition")
    # It may still be on its way in, for a turn that was stopped before it was there.
    if hasattr(composition, "open_connection"):
        composition.open_connection(have.settings)


async def _resume(exchange: Exchange, sid: str) -> Response:
    vendor = await exchange.vendor()
    if not is_session_id(sid):
        raise NotFound("There is no such session.")
    given = exchange.request.headers.get("last-event-id", exchange.request.query.get("after"))
    place = None
    if given is not None:
        parsed = parse_event_id(given)
        if parsed is None:
            raise InvalidRequest("The event id must look like 3-17.")
        place = Place(*parsed)
    if exchange.request.query.get("continue") == "1":
        continued = await _continue(exchange, vendor, sid, place)
        if continued is not None:
            return continued
    return await _read(exchange, exchange.reader(vendor, sid), place)


async def _continue(exchange: Exchange, vendor: str, sid: str, place: Place | None) -> Response | None:
    """Takes an interrupted turn up again: what the reader missed of it, then what comes; None if it isn't."""
    sessions = exchange.have.sessions
    state = await sessions.state(vendor, sid)
    if state.status != "interrupted":
        return None
    live = await continued_turn(exchange.have, vendor, sid, exchange.invocation())
    if live is None:
        return None
    async with live.writer.lease_released_on_failure():
        live.missed = await Reader(sessions, vendor, sid).first(place) or b""
    return exchange.stream(live)


async def _take_over(event: Mapping[str, object], context: Context) -> Response:
    handover = cast("dict[str, Any]", event["handover"])
    live, failure = None, None
    for _ in range(TAKE_OVER_TRIES):
        try:
            live = await continued_turn(
                parts(),
                str(handover["vendor"]),
                str(handover["sessionId"]),
                _invocation(context),
                handed_over_by=int(handover["epoch"]),
            )
            break
        except StoreUnavailable as error:
            failure = error
            await asyncio.sleep(TAKE_OVER_PAUSE)
    if live is not None:
        # Nobody listens, and Lambda keeps no more than 6 MB of such an answer: readers have the store.
        async for _ in live:
            pass
    elif failure is not None:
        raise failure  # also where it is nobody's any more because a try that failed had claimed it
    return Response(200, {}, one_chunk(b""))


def _invocation(context: Context) -> Invocation:
    return Invocation(
        limit=context.get_remaining_time_in_millis() / 1000,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
        on_crash=lambda error: log_crash(error, context.aws_request_id),
    )


async def _attach(exchange: Exchange, vendor: str, known: Duplicate) -> Response:
    """The stream of the turn that a message already has."""
    sessions = exchange.have.sessions
    state = await sessions.state(vendor, known.session_id)
    place = Place(known.turn, 0)
    if state.turn == known.turn and state.status == "interrupted":
        continued = await _continue(exchange, vendor, known.session_id, place)
        if continued is not None:
            return continued
    if state.turn == known.turn:
        return await _read(exchange, exchange.reader(vendor, known.session_id), place)
    behind = (known.turn + 1, 0)
    view = await sessions.read(vendor, known.session_id, since=known.turn, before=behind)
    frames = rebuilt_turn(view.state, known.turn, view.entries, exchange.have.shown_model)
    return exchange.stream(one_chunk(b"".join(frames)))


async def _read(exchange: Exchange, reader: Reader, place: Place | None) -> Response:
    first = await reader.first(place)
    if first is None:
        return Response(204, {**BODILESS_HEADERS, **exchange.headers}, one_chunk(b""))
    return exchange.stream(reader.follow(first, exchange.seconds_left))


def log_crash(error: BaseException, request_id: str) -> None:
    """Logs where it broke, without a word of what was being said."""
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    logger("chat").error(
        "unexpected error", request_id=request_id, error=type(error).__name__, frames=frames[-12:]
    )
