"""The chat function: its routes, and the failures that end a request before its stream.

Up to the first event only what that takes is imported. The agent costs more than a second to import, and
that happens in a thread while the browser already sees that its message was accepted.
"""

import os
import traceback
from collections.abc import AsyncIterator
from typing import Protocol

from aicode.errors import InvalidRequest, MethodNotAllowed, NotFound, RequestError
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
from chat import continuation
from chat.admission import admit
from chat.agent import loaded_agent
from chat.dependencies import Dependencies, dependencies
from chat.event_reader import LastEvent
from chat.handover import Invocation
from chat.request import is_session_id, parse_message
from chat.turn_stream import new_turn

STREAM_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
}


class Context(Protocol):
    """What the runtime tells of an invocation."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """How long the invocation may go on."""
        ...


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    dependencies()  # a function that cannot run refuses to start


async def handler(event: dict[str, object], context: Context) -> Response:
    """Answers one Function URL request; errors before the stream are JSON in the contract's shape.

    An event without `requestContext` comes from an earlier invocation that hands its turn over. What fails
    there is raised: nobody reads an answer, and Lambda counts the invocation as failed.
    """
    invocation = _invocation(context)
    if "requestContext" not in event:
        await continuation.run_handed_over(dependencies(), event, invocation)
        return Response(200, {}, one_chunk(b""))
    headers: dict[str, str] = {}
    try:
        request, needed = parse_event(event), dependencies()
        headers = cors_headers(request, needed.settings.allowed_origins)
        response = await _route(needed, request, invocation)
    except RequestError as error:
        return error_response(error, context.aws_request_id, headers)
    except Exception as error:  # noqa: BLE001 - the one place where everything else ends
        invocation.on_crash(error)
        broken = RequestError("Something went wrong on our side.")
        return error_response(broken, context.aws_request_id, headers)
    return Response(response.status, {**response.headers, **headers}, response.body)


async def _route(needed: Dependencies, request: Request, invocation: Invocation) -> Response:
    base = needed.settings.base_path
    if request.method == "OPTIONS":
        allowed = preflight_headers(request, needed.settings.allowed_origins)
        return Response(204, allowed, one_chunk(b""))
    sid = request.path.removeprefix(f"{base}/").removesuffix("/stream")
    if request.path == base:
        if request.method != "POST":
            raise MethodNotAllowed("Send a message with POST.")
        return _streamed(await _send(needed, request, invocation))
    if request.path == f"{base}/{sid}/stream":
        if request.method != "GET":
            raise MethodNotAllowed("Read the stream with GET.")
        return _streamed(await _resume(needed, request, sid, invocation))
    raise NotFound("There is no such route.")


async def _send(
    needed: Dependencies, request: Request, invocation: Invocation
) -> AsyncIterator[bytes] | None:
    vendor = await needed.authenticator.vendor(request)
    message = parse_message(request)
    agent = loaded_agent()
    if agent is not None:
        # A warm process shakes hands with Claude while the session is loaded; a cold one imports first.
        agent.open_connection(needed.settings)
    turn = await admit(needed, vendor, message)
    if isinstance(turn, Duplicate):
        return await continuation.of_known_message(needed, vendor, turn, invocation)
    return new_turn(needed, turn, invocation)


async def _resume(
    needed: Dependencies, request: Request, sid: str, invocation: Invocation
) -> AsyncIterator[bytes] | None:
    vendor = await needed.authenticator.vendor(request)
    if not is_session_id(sid):
        raise NotFound("There is no such session.")
    last = _last_event(request)
    if request.query.get("continue") == "1":
        stream = await continuation.take_up(needed, vendor, sid, last, invocation)
        if stream is not None:
            return stream
    return await continuation.read(needed, vendor, sid, last, invocation)


def _last_event(request: Request) -> LastEvent | None:
    given = request.headers.get("last-event-id", request.query.get("after"))
    if given is None:
        return None
    parsed = parse_event_id(given)
    if parsed is None:
        raise InvalidRequest("The event id must look like 3-17.")
    return LastEvent(*parsed)


def _streamed(body: AsyncIterator[bytes] | None) -> Response:
    if body is None:
        return Response(204, BODILESS_HEADERS, one_chunk(b""))
    return Response(200, STREAM_HEADERS, body)


def _invocation(context: Context) -> Invocation:
    return Invocation(
        limit=context.get_remaining_time_in_millis() / 1000,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
        on_crash=lambda error: log_crash(error, context.aws_request_id),
    )


def log_crash(error: BaseException, request_id: str) -> None:
    """Logs where it broke, without a word of what was being said."""
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    logger("chat").error(
        "unexpected error", request_id=request_id, error=type(error).__name__, frames=frames[-12:]
    )
