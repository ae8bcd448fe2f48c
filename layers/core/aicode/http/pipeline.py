"""The way of every request: from a Function URL event over the vendor and the endpoint to a response."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from aicode.errors import RequestError, StoreUnavailable
from aicode.http.cors import cors_headers, preflight_headers
from aicode.http.observed import ObservedBody
from aicode.http.origin_secret import check_origin_secret
from aicode.http.request import Request, headers_of, parse_event
from aicode.http.response import Response, error_response, no_content
from aicode.http.routing import find
from aicode.telemetry import Observer, Telemetry

if TYPE_CHECKING:
    from aicode.settings import Settings

D = TypeVar("D")


class LambdaContext(Protocol):
    """What the runtime tells a handler of its invocation."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""
        ...

    @property
    def invoked_function_arn(self) -> str:
        """The function, with the alias by which it was invoked."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """How long the invocation may still go on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext(Generic[D]):
    """What an endpoint is given: one request of a verified vendor, and what its function works with.

    `parameters` are those of the path, by name.
    """

    request: Request
    vendor: str
    parameters: Mapping[str, str]
    dependencies: D
    invocation: LambdaContext
    observer: Observer


Endpoint = Callable[[RequestContext[D]], Awaitable[Response]]
# Refuses a request of this vendor, by this method to this endpoint, that is one too many.
Admit = Callable[[str, str, str, Observer], Awaitable[None]]
Routes = Mapping[tuple[str, str], Endpoint[D] | None]


class _Authenticator(Protocol):
    async def vendor(self, request: Request) -> str: ...


class VendorDependencies(Protocol):
    """What every function of signed-in vendors works with."""

    @property
    def settings(self) -> "Settings":
        """What the function was told from outside."""
        ...

    @property
    def telemetry(self) -> Telemetry:
        """Who is told what it does."""
        ...

    @property
    def authenticator(self) -> _Authenticator:
        """Who finds out which vendor calls."""
        ...

    @property
    def admit(self) -> Admit:
        """Who refuses one that calls too often."""
        ...


V = TypeVar("V", bound=VendorDependencies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Generic[D]):
    """How one function answers: its routes below a base path (see `find`), and who may call them.

    `authenticate` gives the vendor who calls, and `admit` refuses one who calls too often. With an
    `origin_secret` it answers only what comes over the edge. `telemetry` is told the endpoint's name, or
    `none`, and the status of every answer.
    """

    telemetry: Telemetry
    base_path: str
    routes: Routes[D]
    dependencies: D
    authenticate: Callable[[Request], Awaitable[str]]
    allowed_origins: frozenset[str]
    origin_secret: str | None = None
    admit: Admit | None = None

    async def answer(self, event: Mapping[str, object], invocation: LambdaContext) -> Response:
        """The answer to a request, whatever comes in; every failure has the contract's shape."""
        headers, observer = headers_of(event), self.telemetry.observer(invocation.aws_request_id)
        origin, route = headers.get("origin", ""), "none"
        try:
            check_origin_secret(headers, self.origin_secret)
            request = parse_event(event)
            if request.id not in ("", observer.request_id):
                # The answer and its errors carry the request's id, Lambda's own lines the invocation's.
                observer.bind(invocation=observer.request_id)
                observer.request_id = request.id
            if request.method == "OPTIONS":
                response = no_content(preflight_headers(origin, self.allowed_origins))
            else:
                endpoint, parameters = find(self.routes, request.method, request.path, base=self.base_path)
                route = endpoint.__name__
                vendor = await self.authenticate(request)
                if self.admit is not None:
                    await self.admit(vendor, request.method, route, observer)
                response = await endpoint(
                    RequestContext(
                        request=request,
                        vendor=vendor,
                        parameters=parameters,
                        dependencies=self.dependencies,
                        invocation=invocation,
                        observer=observer,
                    )
                )
        except RequestError as error:
            response = _refused(error, observer, route)
        except Exception as error:  # noqa: BLE001 - the one at the top: whatever fails, the caller gets the shape
            observer.crash(error)
            response = _refused(RequestError("Something went wrong here."), observer, route)
        body = ObservedBody(response.body, observer, route=route, status=response.status)
        headers = {**response.headers, **cors_headers(origin, self.allowed_origins)}
        return replace(response, headers=headers, body=body)


def _refused(error: RequestError, observer: Observer, route: str) -> Response:
    if isinstance(error, StoreUnavailable):
        observer.count("StoreUnavailable")
    if error.status >= 500:
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        observer.warning("request failed", route=route, status=error.status, code=error.code, cause=cause)
    return error_response(error, observer.request_id)


def vendors_pipeline(needed: V, base_path: str, routes: Routes[V]) -> Pipeline[V]:
    """The routes of signed-in vendors below a base path, over what they work with."""
    return Pipeline(
        telemetry=needed.telemetry,
        base_path=base_path,
        routes=routes,
        dependencies=needed,
        authenticate=needed.authenticator.vendor,
        allowed_origins=needed.settings.allowed_origins,
        origin_secret=needed.settings.origin_secret,
        admit=needed.admit,
    )
