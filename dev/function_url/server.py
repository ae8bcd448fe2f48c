"""The local Function URL server: routes on one port, functions and local answers behind them."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.function_url import invoke_api
from dev.function_url.exchange import Exchange, Limits
from dev.function_url.function import Function
from dev.function_url.http_server import HTTPServer
from dev.function_url.http_wire import Head
from dev.function_url.invocation import Invocation
from dev.function_url.invoke_api import InvokeAPI
from dev.function_url.payload import url_event
from dev.function_url.pool import FunctionPool, ProcessInfo
from dev.function_url.process import Log
from dev.function_url.reply import URLReply, answer_error, answer_wire_error
from dev.function_url.sources import Sources
from dev.output import STDERR, say

_REQUEST_LIMIT = 6 * 1024 * 1024
_TIDY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a local handler sees: path and query as sent, header names in lower-case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class StaticAnswer:
    """A complete answer; Content-Length is added to the headers."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


LocalHandler = Callable[[Request], Awaitable[StaticAnswer]]


@dataclass(frozen=True, slots=True)
class Route:
    """Requests of these methods (None: any) whose whole path, as sent, matches go to the target.

    The target is a function's name or a handler that answers in this process.
    """

    methods: frozenset[str] | None
    path: re.Pattern[str]
    target: str | LocalHandler


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
        self._front = HTTPServer(self._serve, answer_wire_error, limits, hosts)

    def processes(self, name: str) -> list[ProcessInfo]:
        """The running processes of a function; raises KeyError for an unknown name."""
        return self._pools[name].processes()

    async def start(self, port: int) -> None:
        """Begins to listen; raises OSError if the port is taken."""
        self.url = f"http://127.0.0.1:{await self._front.start(port)}"

    async def close(self) -> None:
        """Ends every connection of a client."""
        await self._front.close()

    async def _serve(self, exchange: Exchange) -> None:
        head = exchange.head
        target = self._target(head)
        if target is None:
            answer_error(exchange, 404, "not_found", "There is nothing here.")
            return
        body = await exchange.read_body(_REQUEST_LIMIT)
        if isinstance(target, str):
            await self._call(exchange, self._pools[target], body)
        else:
            answer = await target(Request(head.method, head.path, head.query, head.headers, body))
            exchange.send(answer.status, answer.headers, answer.body)
            await exchange.drain()

    def _target(self, head: Head) -> str | LocalHandler | None:
        for route in self._routes:
            if (route.methods is None or head.method in route.methods) and route.path.fullmatch(head.path):
                return route.target
        return None

    @staticmethod
    async def _call(exchange: Exchange, pool: FunctionPool, body: bytes) -> None:
        reply = URLReply(exchange)
        event = url_event(exchange.head, body, exchange.peer, reply.request_id)
        invocation = Invocation(event, reply, reply.request_id)
        await pool.submit(invocation, wait=False)
        await reply.wait()
        await exchange.drain()


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
    limits: Limits | None = None,
    log: Log = print_log,
) -> AsyncGenerator[FunctionURLServer]:
    """Runs the server on 127.0.0.1 until the context is left; then no process of it remains.

    `routes` are tried in order. A change below the `sources` folders means fresh processes.
    `hosts` are names to answer to besides localhost. Raises OSError if the port is taken.
    """
    pools: dict[str, FunctionPool] = {}
    api = InvokeAPI(pools)
    invoke_server = HTTPServer(api.serve, invoke_api.answer_wire_error)
    server = FunctionURLServer(pools, routes, hosts, limits or Limits())
    watched = Sources(sources)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(invoke_server.close)
        stack.push_async_callback(server.close)
        server.invoke_url = f"http://127.0.0.1:{await invoke_server.start()}"
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
