"""From a Function URL event to an answer: who calls, what is asked, and every failure in one shape."""

import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler.api_gateway import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.lambda_function_url import LambdaFunctionUrlResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from aicode.auth import Authenticator
from aicode.errors import MethodNotAllowed, NotFound, RequestError
from aicode.http import (
    JSON_HEADERS,
    Request,
    cors_headers,
    error_body,
    error_headers,
    json_bytes,
    parse_event,
    preflight_headers,
)
from aicode.session_manager.manager import SessionManager
from aicode.settings import Settings
from session.app_files import AppFiles
from session.routes import ROUTES, Call, Endpoint

# It writes the text of every exception that leaves a route, and that text may quote what a vendor wrote.
logging.getLogger("aws_lambda_powertools.event_handler.api_gateway").setLevel(logging.CRITICAL + 1)

# What each path takes; the chat function answers the calls that have no route here.
_METHODS = {None: ("GET", "POST", "DELETE"), "/cancel": ("POST",), "/stream": ("GET",)}
_BELOW_BASE = re.compile(r"(?:/[^/]+(?P<rest>/cancel|/stream))?")

Answer = dict[str, Any]


class Observe(Protocol):
    """Told once for each request how it went; `route` is a name out of a short list, never an id."""

    def __call__(self, route: str, status: int) -> None:
        """Counts the request."""
        ...


class SessionApi:
    """The session routes over one session store. Belongs to one event loop, one request at a time."""

    def __init__(
        self,
        settings: Settings,
        sessions: SessionManager,
        files: AppFiles,
        *,
        observe: Observe,
        logger: Logger,
    ) -> None:
        self._settings = settings
        self._authenticator = Authenticator(settings)
        self._sessions = sessions
        self._files = files
        self._observe = observe
        self._logger = logger
        self._request: Request
        self._route: str
        self._resolver = LambdaFunctionUrlResolver()
        for (method, path), endpoint in ROUTES.items():
            self._resolver.route(f"{settings.base_path}{path}", method)(self._authorised(endpoint))
        self._resolver.exception_handler(NotFoundError)(_answered_elsewhere)

    async def answer(self, event: Mapping[str, object], context: LambdaContext) -> Answer:
        """The answer for whatever comes in, in the shape that Function URLs expect of a buffered function."""
        request_id, headers = context.aws_request_id, dict[str, str]()
        self._route = "none"
        try:
            self._request = parse_event(event)
            request_id = self._request.id or request_id
            headers = cors_headers(self._request, self._settings.allowed_origins)
            answer = await self._resolve(event, context)
        except RequestError as error:
            answer = _refusal(error, request_id)
        except Exception as error:  # noqa: BLE001 - the one at the top: whatever fails, the caller gets the shape
            self._log(error, request_id)
            answer = _refusal(RequestError("Something went wrong here."), request_id)
        self._observe(self._route, answer["statusCode"])
        return {**answer, "headers": {**answer["headers"], **headers}}

    async def _resolve(self, event: Mapping[str, object], context: LambdaContext) -> Answer:
        if self._request.method == "OPTIONS":
            headers = preflight_headers(self._request, self._settings.allowed_origins)
            return {"statusCode": 204, "headers": headers, "body": ""}
        below = self._request.path.removeprefix(self._settings.base_path)
        match = _BELOW_BASE.fullmatch(below) if below != self._request.path else None
        if match is None:
            raise NotFound("There is nothing at this path.")
        allowed = _METHODS[match["rest"]]
        if self._request.method not in allowed:
            error = MethodNotAllowed("This path does not take that method.")
            answer = _refusal(error, self._request.id)
            return {**answer, "headers": {**answer["headers"], "allow": ", ".join(allowed)}}
        return await self._resolver.resolve_async(event, context)

    def _authorised(self, endpoint: Endpoint) -> Callable[..., Awaitable[Response[str]]]:
        async def route(session_id: str = "") -> Response[str]:
            self._route = endpoint.__name__
            call = Call(
                request=self._request,
                vendor=await self._authenticator.vendor(self._request),
                session_id=session_id,
                sessions=self._sessions,
                files=self._files,
            )
            return Response(200, body=(await endpoint(call)).decode("ascii"), headers=JSON_HEADERS)

        return route

    def _log(self, error: Exception, request_id: str) -> None:
        """Kind and place of a failure; not its text, which may hold what a vendor wrote."""
        places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-3:]]
        self._logger.error("request failed", requestId=request_id, error=type(error).__name__, at=places)


def _answered_elsewhere(_error: NotFoundError) -> Response[str]:
    raise NotFound("There is nothing at this path.")


def _refusal(error: RequestError, request_id: str) -> Answer:
    body = json_bytes(error_body(error, request_id)).decode("ascii")
    return {"statusCode": error.status, "headers": error_headers(error), "body": body}
