"""The local Function URL server: routes on one port, functions and local answers behind them."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.function_url import invoke_api
from dev.function_url.function import Function
from dev.function_url.invocation import Invocation
from dev.function_url.invoke_api import InvokeAPI
from dev.function_url.payload import url_event
from dev.function_url.pool import FunctionPool, ProcessInfo
from dev.function_url.process import Log
from dev.function_url.reply import (
    REQUEST_LIMIT,
    Client,
    EventReply,
    URLReply,
    answer_error,
    answer_request_error,
    answer_too_large,
)
from dev.function_url.sources import Sources
from dev.http import Answer, Exchange, HTTPServer, Limits, Request
from dev.output import STDERR, say

_TIDY_SECONDS = 1.0
# To write: longer than a streaming function waits itself (30 s), which ends its invocation and so the answer.
_LIMITS = Limits(idle_seconds=75.0, arrival_seconds=120.0, write_seconds=60.0)

LocalHandler = Callable[[Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """Requests of these methods (None: any) whose whole path, as sent, matches go to the target.

    The target is a function's name or a handler that answers in this process; a body has at most
    `limit` bytes.
    """

    methods: frozenset[str] | None
    path: re.Pattern[str]
    target: str | LocalHandler
    limit: int = REQUEST_LIMIT


class FunctionURLServer:
    """What `serve` hands out. `url` is where clients go, `invoke_url` the Invoke API."""

    def __init__(
        self,
        pools: Mapping[str, FunctionPool],
        routes: Sequence[Route],
        hosts: Iterable[str],
        limits: Limits,
    ) -> None:
        self.url = ""
        self.invoke_url = ""
        self._pools = pools
        self._routes = routes
        self._front = HTTPServer(self._serve, on_error=answer_request_error, limits=limits, hosts=hosts)

    def processes(self, name: str) -> list[ProcessInfo]:
        """The running processes of a function; raises KeyError for an unknown name."""
        return self._pools[name].processes()

    async def start(self, port: int) -> None:
        """Begins to listen; raises OSError if the port is taken."""
        await self._front.start(port)
        self.url = self._front.url

    async def close(self) -> None:
        """Ends every connection of a client."""
        await self._front.close()

    async def _serve(self, exchange: Exchange) -> None:
        request = exchange.request
        route = self._route(request)
        if route is None:
            answer_error(exchange, 404, "not_found", "There is nothing here.")
            return
        await exchange.read_body(route.limit)
        if isinstance(route.target, str):
            await self._call(exchange, self._pools[route.target])
        else:
            answer = await route.target(request)
            exchange.send(answer.status, answer.headers, answer.body)

    def _route(self, request: Request) -> Route | None:
        for route in self._routes:
            allowed = route.methods is None or request.method in route.methods
            if allowed and route.path.fullmatch(request.path):
                return route
        return None

    def function_for(self, event: Mapping[str, Any]) -> str:
        """The name of the function that the event's request would reach; raises LookupError for none."""
        method, path = event["requestContext"]["http"]["method"], event["rawPath"]
        route = self._route(Request(method, path, event["rawQueryString"], {}))
        if route is None or callable(route.target):
            raise LookupError(f"{method} {path} reaches no function.")
        return route.target

    async def send(self, name: str, event: Mapping[str, Any], client: Client) -> None:
        """Hands an event as it stands to a function, and the answer to the client."""
        await self._submit(json.dumps(event).encode(), URLReply(client), self._pools[name])

    async def invoke(self, name: str, event: Mapping[str, Any]) -> None:
        """Runs a function with an event that is no request, as a queue sends it; nobody gets a result."""
        await self._pools[name].submit(Invocation(json.dumps(event).encode(), EventReply()), wait=True)

    async def _call(self, exchange: Exchange, pool: FunctionPool) -> None:
        reply = URLReply(exchange)
        event = url_event(exchange.request, exchange.peer[0], reply.request_id)
        if len(event) > REQUEST_LIMIT:  # of which the body is a part, in base64 or with more backslashes
            answer_too_large(exchange)
        else:
            await self._submit(event, reply, pool)

    @staticmethod
    async def _submit(event: bytes, reply: URLReply, pool: FunctionPool) -> None:
        await pool.submit(Invocation(event, reply, reply.request_id), wait=False)
        await reply.wait()


def print_log(name: str, line: str) -> None:
    """Writes a line of a function's output to stderr, the function's name in front."""
    say(f"{name} | {line}", STDERR)


@asynccontextmanager
async def serve(  # noqa: PLR0913 - the composition names what it is made of
    *,
    functions: Iterable[Function],
    routes: Sequence[Route],
    port: int = 0,
    sources: Iterable[Path] = (),
    hosts: Iterable[str] = (),
    limits: Limits = _LIMITS,
    log: Log = print_log,
) -> AsyncGenerator[FunctionURLServer]:
    """Runs the server on 127.0.0.1 until the context is left; then no process of it remains.

    `routes` are tried in order. A change below the `sources` folders means fresh processes.
    `hosts` are names to answer to besides localhost. Raises OSError if the port is taken.
    """
    pools: dict[str, FunctionPool] = {}
    api = InvokeAPI(pools)
    invoke_server = HTTPServer(api.serve, on_error=invoke_api.answer_request_error, limits=_LIMITS)
    server = FunctionURLServer(pools, routes, hosts, limits)
    watched = Sources(sources)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(invoke_server.close)
        stack.push_async_callback(server.close)
        await invoke_server.start()
        server.invoke_url = invoke_server.url
        for function in functions:
            pool = FunctionPool(function, watched, server.invoke_url, log)
            pools[function.name] = pool
            stack.push_async_callback(pool.close)
        stack.push_async_callback(api.close)
        await server.start(port)
        tidying = asyncio.get_running_loop().create_task(_tidy(pools.values()))
        stack.callback(tidying.cancel)
        yield server


async def _tidy(pools: Iterable[FunctionPool]) -> None:
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        for pool in pools:
            pool.tidy()
