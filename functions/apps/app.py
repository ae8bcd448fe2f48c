"""From a Function URL event to an answer: who calls, what is asked, and every failure in one shape."""

import os
import traceback
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from aicode import secrets
from aicode.auth import Authenticator
from aicode.errors import MethodNotAllowed, RequestError
from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.http import (
    Request,
    Response,
    cors_headers,
    error_response,
    one_chunk,
    parse_event,
    preflight_headers,
)
from aicode.settings import Settings
from apps.routes import Call, find
from apps.sessions import AppSessions, RedisSessions


class Context(Protocol):
    """What this function needs of an invocation's context."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the function works with."""

    settings: Settings
    authenticator: Authenticator
    store: FileStore
    sessions: AppSessions


@cache
def parts() -> Parts:
    """The parts this process' environment asks for; raises SettingsError where it cannot run."""
    settings = secrets.settings()
    return Parts(
        settings=settings,
        authenticator=Authenticator(settings),
        store=open_store(settings),
        sessions=RedisSessions(settings),
    )


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    parts()  # a function that cannot run refuses to start


async def handler(event: dict[str, object], context: Context) -> Response:
    """Answers one request of the editor."""
    return await answer(event, context, parts())


async def answer(event: dict[str, object], context: Context, using: Parts) -> Response:
    """The same with the parts given: an answer for whatever comes in, failures in the contract's shape."""
    request_id = context.aws_request_id
    headers: dict[str, str] = {}
    try:
        request = parse_event(event)
        request_id = request.id or request_id
        allowed = using.settings.allowed_origins
        headers = cors_headers(request, allowed)
        if request.method == "OPTIONS":
            return Response(204, preflight_headers(request, allowed), one_chunk(b""))
        response = await _route(request, using, request_id)
    except RequestError as error:
        return error_response(error, request_id, headers)
    except Exception as error:  # noqa: BLE001 - the one at the top: whatever fails, the caller gets the shape
        _log(error, request_id)
        return error_response(RequestError("Something went wrong here."), request_id, headers)
    return Response(response.status, {**response.headers, **headers}, response.body)


async def _route(request: Request, using: Parts, request_id: str) -> Response:
    app_id, endpoints = find(request.path, using.settings.apps_path)
    endpoint = endpoints.get(request.method)
    if endpoint is None:
        error = MethodNotAllowed("This path does not take that method.")
        return error_response(error, request_id, {"allow": ", ".join(endpoints)})
    vendor = await using.authenticator.vendor(request)
    call = Call(request=request, vendor=vendor, app_id=app_id, store=using.store, sessions=using.sessions)
    return await endpoint(call)


def _log(error: Exception, request_id: str) -> None:
    """Kind and place of a failure; not its text, which may hold what a vendor wrote."""
    from aicode.telemetry import logger  # noqa: PLC0415 - slow to import, seldom needed

    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.name}:{frame.lineno}" for frame in frames[-3:]]
    logger("apps").error("request failed", requestId=request_id, error=type(error).__name__, at=places)
