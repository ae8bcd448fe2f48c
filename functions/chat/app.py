"""The chat function: its handler and its two routes.

Up to the first event only what that takes is imported. The agent costs more than a second to import, and
that happens in a thread while the browser already sees that its message was accepted.
"""

import os
from collections.abc import AsyncIterator, Mapping

from aicode.errors import InvalidRequest, StoreUnavailable
from aicode.http import (
    API_HEADERS,
    LambdaContext,
    Request,
    RequestContext,
    Response,
    Routes,
    no_content,
    one_chunk,
    vendors_pipeline,
)
from aicode.secrets import Kept
from aicode.session_manager import Duplicate
from aicode.sse import parse_event_id
from aicode.start import begin
from aicode.telemetry import Observer
from chat import continuation
from chat.admission import admit
from chat.agent import load_agent, loaded_agent
from chat.dependencies import Dependencies, make
from chat.event_reader import LastEvent
from chat.handover import Invocation
from chat.request import parse_message
from chat.turn_stream import new_turn
from chat.wake_ups import is_wake_up

STREAM_HEADERS = {**API_HEADERS, "content-type": "text/event-stream", "x-accel-buffering": "no"}


def _make(variables: Mapping[str, str]) -> Dependencies:
    return make(variables, key_refused=dependencies.expire)


async def _close(replaced: Dependencies) -> None:
    await replaced.sessions.close()
    agent = loaded_agent()
    if agent is not None:
        await agent.close_connections(replaced)


dependencies = Kept(_make, service="chat", close=_close)
if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    begin(dependencies, load=lambda: load_agent().load_sdk())


async def handler(event: dict[str, object], context: LambdaContext) -> Response:
    """Answers one Function URL request; errors before the stream are JSON in the contract's shape.

    An event without `requestContext` hands a turn over, or comes from the queue that wakes a waiting one up.
    What fails there is raised: nobody reads an answer, and Lambda counts the invocation as failed.
    """
    needed = await dependencies.current()
    if "requestContext" not in event:
        observer = needed.telemetry.observer(context.aws_request_id)
        try:
            run = continuation.woken_up if is_wake_up(event) else continuation.run_handed_over
            await run(needed, event, _invocation(context, observer))
        except Exception as error:
            observer.crash(error)
            if isinstance(error, StoreUnavailable):
                observer.count("StoreUnavailable")  # as a request that is refused for it
            raise
        finally:
            await observer.finish(Route="woken_up" if is_wake_up(event) else "handed_over")
        return Response(200, {}, one_chunk(b""))
    pipeline = vendors_pipeline(needed, needed.settings.base_path, ROUTES)
    return await pipeline.answer(event, context)


async def send(context: RequestContext[Dependencies]) -> Response:
    """The stream of the turn that a message begins, or has begun already."""
    needed, vendor, invocation = context.dependencies, context.vendor, _invocation_of(context)
    message = parse_message(context.request)
    agent = loaded_agent()
    if agent is not None:
        # A warm process shakes hands with Claude while the session is loaded; a cold one imports first.
        agent.open_connection(needed)
    turn = await admit(needed, vendor, message, invocation.observer)
    if isinstance(turn, Duplicate):
        return _streamed(await continuation.of_known_message(needed, vendor, turn, invocation))
    return _streamed(new_turn(needed, turn, invocation))


async def resume(context: RequestContext[Dependencies]) -> Response:
    """What a reader missed of the session's latest turn and what comes; with `continue=1` it goes on here."""
    needed, vendor, invocation = context.dependencies, context.vendor, _invocation_of(context)
    sid, last = context.parameters["session_id"], _last_event(context.request)
    if context.request.query.get("continue") == "1":
        stream = await continuation.take_up(needed, vendor, sid, last, invocation, asked="anew")
        if stream is not None:
            return _streamed(stream)
    return _streamed(await continuation.read(needed, vendor, sid, last, invocation))


ROUTES: Routes[Dependencies] = {("POST", ""): send, ("GET", "/{session_id}/stream"): resume}


def _last_event(request: Request) -> LastEvent | None:
    given = request.headers.get("last-event-id", request.query.get("after"))
    if given is None:
        return None
    parsed = parse_event_id(given)
    if parsed is None:
        raise InvalidRequest("The event id must look like 3-17.")
    return LastEvent(*parsed)


def _streamed(body: AsyncIterator[bytes] | None) -> Response:
    return no_content() if body is None else Response(200, STREAM_HEADERS, body)


def _invocation_of(context: RequestContext[Dependencies]) -> Invocation:
    return _invocation(context.invocation, context.observer)


def _invocation(context: LambdaContext, observer: Observer) -> Invocation:
    return Invocation(
        function=context.invoked_function_arn,
        limit=context.get_remaining_time_in_millis() / 1000,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
        observer=observer,
    )
