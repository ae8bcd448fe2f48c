"""A Messages API server on loopback: the demo model, or whatever a test's script says."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from dev.claude import demo, models, validate, wire
from dev.claude.answer import Answer
from dev.claude.api_error import TYPES, ApiError, error_body
from dev.claude.cache import PromptCache, count_tokens
from dev.claude.files import Files
from dev.claude.play import play
from dev.claude.received import Received
from dev.claude.script import Reply, Script
from dev.claude.shape import is_object
from dev.http import Exchange, HTTPServer, RequestError

DEMO_PACE = 80.0
"""Deltas per second of the demo model: quick, and yet seen to stream."""
_MAX_BODY_BYTES = 32 * 1024 * 1024


class ClaudeServer:
    """A running server: where it is, what it received, and the gates of its script.

    `requests` holds the POSTs to /v1/messages in the order in which they came, refused ones too, and
    `uploads` counts those to /v1/files. `files` are the files that were taken; None makes it an endpoint
    without the Files API.
    """

    def __init__(self, *, script: Script | None, pace: float, control: bool, any_model: bool) -> None:
        self.requests: list[Received] = []
        self.uploads = 0
        self.files: Files | None = Files()
        self._script = script
        self._pace = pace
        self._control = control
        self._any_model = any_model
        self._cache = PromptCache()
        self._http = HTTPServer(self._handle, on_error=_refuse)
        self._gates: dict[str, asyncio.Event] = {}
        self._reached: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Condition()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._http.url

    @property
    def open_connections(self) -> int:
        """Connections open now, idle ones included."""
        return self._http.open_connections

    @property
    def replies_played(self) -> int:
        """How many replies the script has given."""
        return self._script.played if self._script else 0

    def listening(self, port: int) -> AbstractAsyncContextManager[None]:
        """Listens while the context lasts; whatever is still being answered then breaks off."""
        return self._http.listening(port)

    def open(self, gate: str) -> None:
        """Lets every reply that waits at the gate go on, now and later."""
        self._gates.setdefault(gate, asyncio.Event()).set()

    async def reached(self, gate: str) -> None:
        """Waits until a reply stands at the gate."""
        await self._reached.setdefault(gate, asyncio.Event()).wait()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until the condition holds; looked at whenever a request comes, begins or ends."""
        async with self._changed:
            await self._changed.wait_for(condition)

    async def _handle(self, exchange: Exchange) -> None:
        request_id = wire.new_id("req")
        try:
            await self._route(exchange, request_id)
        except ApiError as error:
            body = error_body(error.type, error.message, request_id, error.details)
            exchange.send_json(error.status, body, [("request-id", request_id)])

    async def _route(self, exchange: Exchange, request_id: str) -> None:
        request = exchange.request
        if request.path.startswith("/control/") and self._control:
            await self._answer_control(exchange)
            return
        validate.check_headers(request.headers)
        await exchange.read_body(_MAX_BODY_BYTES)
        match request.method, request.path:
            case "POST", "/v1/messages":
                await self._answer_message(exchange, request_id)
            case "POST", "/v1/files":
                self.uploads += 1
                if self.files is None:
                    raise ApiError(404, "Not found")
                exchange.send_json(200, self.files.upload(request.headers, request.body).metadata())
            case "POST", "/v1/messages/count_tokens":
                body = validate.read_body(
                    request.body, counting=True, any_model=self._any_model, files=self.files
                )
                exchange.send_json(200, {"input_tokens": count_tokens(body)})
            case "GET", "/v1/models":
                data = [models.model_info(model) for model in models.NAMES]
                page = {"data": data, "has_more": False, "first_id": None, "last_id": None}
                exchange.send_json(200, page)
            case "GET", path if path.removeprefix("/v1/models/") in models.NAMES:
                info = models.model_info(path.removeprefix("/v1/models/"))
                exchange.send_json(200, info)
            case _:
                raise ApiError(404, "Not found")

    async def _answer_message(self, exchange: Exchange, request_id: str) -> None:
        request = exchange.request
        exchange.watch()
        received = Received(len(self.requests), request.path, dict(request.headers), exchange)
        self.requests.append(received)
        await self._notify()
        try:
            received.body = validate.read_body(request.body, any_model=self._any_model, files=self.files)
            await self._play(received, self._reply(received), request_id)
        except ApiError as error:
            received.status, received.error = error.status, error.message
            received.body = received.body or _whatever(request.body)
            raise
        finally:
            received.finished_at = time.monotonic()
            await self._notify()

    def _reply(self, received: Received) -> Reply:
        if self._script is None or (self._script.asides and demo.is_aside(received.body)):
            return demo.reply(received.body)
        return self._script.next(received)

    async def _play(self, received: Received, reply: Reply, request_id: str) -> None:
        def first_byte(status: int) -> None:
            received.status = status
            received.error = reply.message if status != 200 else None
            received.first_byte_at = time.monotonic()

        received.given = self._cache.use(received.body)
        answer = Answer(
            exchange=received.exchange,
            request_id=request_id,
            body=received.body,
            usage=received.given,
            pace=self._pace,
            wait_at_gate=self._wait_at_gate,
            first_byte=first_byte,
        )
        await play(answer, reply)

    async def _wait_at_gate(self, gate: str) -> None:
        self._reached.setdefault(gate, asyncio.Event()).set()
        await self._gates.setdefault(gate, asyncio.Event()).wait()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _answer_control(self, exchange: Exchange) -> None:
        """For tests in another process: read the requests, open a gate, wait for one."""
        request = exchange.request
        gate = re.fullmatch(r"/control/gates/([\w-]+)(/reached)?", request.path)
        if request.path == "/control/requests":
            seen = [received.as_json() for received in self.requests]
            exchange.send_json(200, {"requests": seen, "open": self.open_connections})
        elif gate is None:
            raise ApiError(404, "Not found")
        else:
            if gate[2]:
                await self.reached(gate[1])
            else:
                self.open(gate[1])
            exchange.send_json(200, {"gate": gate[1]})


@asynccontextmanager
async def serve(
    *,
    port: int = 0,
    script: Script | None = None,
    pace: float | None = None,
    control: bool = False,
    any_model: bool = False,
) -> AsyncGenerator[ClaudeServer]:
    """Serves on 127.0.0.1 until left. Without a script the demo model answers.

    `pace`: deltas per second, 0 = full blast; 80 for the demo model unless said, 0 for a script.
    `control`: opens `/control/requests` and `/control/gates/{name}` to other processes. `any_model`: answers
    to every model's name.
    """
    if pace is None:
        pace = 0 if script else DEMO_PACE
    server = ClaudeServer(script=script, pace=pace, control=control, any_model=any_model)
    async with server.listening(port):
        yield server


def _refuse(exchange: Exchange, error: RequestError) -> None:
    kind = TYPES.get(error.status, TYPES[400])
    exchange.send_json(error.status, error_body(kind, error.message, wire.new_id("req")))


def _whatever(body: bytes) -> dict[str, Any]:
    """A refused body as far as it can be read, for the test that looks why."""
    try:
        parsed: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return parsed if is_object(parsed) else {}
