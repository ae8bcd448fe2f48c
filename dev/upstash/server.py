"""The server: token, limits, faults and counters around the REST protocol."""

import asyncio
import fcntl
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from enum import Enum, auto
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe

from dev.http import Answer, Exchange, HTTPServer, Request, RequestError
from dev.upstash.faults import Faults, Kind
from dev.upstash.rest import (
    JSON,
    MAX_REQUEST,
    METHODS,
    WRONG_TOKEN,
    Rest,
    authorised,
    refusal,
    too_large,
)
from dev.upstash.valkey import EmbeddedValkey, ValkeyUnavailableError, running_valkey

BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'."
CONTROL = "/-/"


class Silence(Enum):
    """Ways not to answer."""

    DROP = auto()
    HANG = auto()


class Upstash:
    """A running database: where it is, and what was asked of it since the last `reset_counters`."""

    def __init__(self, store: EmbeddedValkey, token: str, faults: Faults | None, max_request: int) -> None:
        self.url = ""
        self.token = token
        self.faults = faults
        self.requests = 0
        """HTTP requests received: the round trips of all clients."""
        self.store = store
        self.max_request = max_request
        self._rest = Rest(store)
        self._billed_before = store.commands_run()
        self._served = 0

    @property
    def commands_billed(self) -> int:
        """Commands as Upstash bills them: each one of a pipeline or transaction, and each
        redis.call of a script beside the script itself
        (https://upstash.com/docs/redis/sdks/ratelimit-ts/costs).

        Exact, except that refused commands are not counted, and that the count starts anew when
        Valkey was killed and started again.
        """
        return max(0, self.store.commands_run() - self._billed_before)

    def reset_counters(self) -> None:
        self.requests = 0
        self._billed_before = self.store.commands_run()

    async def handle(self, exchange: Exchange) -> None:
        """Answers one HTTP request, or does what a fault is ordered for."""
        await exchange.read_body(self.max_request)
        answer = await self._answer_or_fault(exchange.request)
        if answer is Silence.HANG:
            await exchange.hang()
        elif isinstance(answer, Answer):
            exchange.send(answer.status, answer.headers, answer.body)

    def refuse(self, exchange: Exchange, error: RequestError) -> None:
        """Says in Upstash's shape why a request is not read."""
        size = exchange.request.content_length
        is_too_large = error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        answer = (
            too_large(size, self.max_request)
            if is_too_large
            else refusal(error.status, f"ERR {error.message}")
        )
        exchange.send(answer.status, answer.headers, answer.body)

    async def _answer_or_fault(self, request: Request) -> Answer | Silence:
        if self.faults is not None and request.path.startswith(CONTROL):
            return self._control(request, self.faults)
        self.requests += 1
        if self.faults is None or not self.faults.active:
            return await self._answer(request)
        seconds, kind = self.faults.for_request(f"{request.path}?{request.query}\n".encode() + request.body)
        if seconds:
            await asyncio.sleep(seconds)
        if kind in (None, "drop_answer", "hang_answer"):
            answer = await self._answer(request)
            if kind == "hang_answer":
                return Silence.HANG
            return answer if kind is None else Silence.DROP
        return _failed(kind, request)

    async def _answer(self, request: Request) -> Answer:
        if request.method not in METHODS:
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, "ERR method not allowed")
        if not authorised(request, self.token):
            return refusal(HTTPStatus.UNAUTHORIZED, WRONG_TOKEN)
        try:
            answer = self._rest.answer(request)
        except ValkeyUnavailableError:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "ERR the database is not available")
        self._served += 1
        # Opaque to clients, who send it back with their next request; one node always satisfies it.
        return replace(answer, headers=(*answer.headers, ("Upstash-Sync-Token", f"local={self._served}")))

    def _control(self, request: Request, faults: Faults) -> Answer:
        """For tests in another process: POST, DELETE, GET /-/faults and GET, DELETE /-/counters."""
        if not authorised(request, self.token):
            return refusal(HTTPStatus.UNAUTHORIZED, WRONG_TOKEN)
        content: object = None
        match request.method, request.path.removeprefix(CONTROL):
            case "POST", "faults":
                try:
                    faults.add(**json.loads(request.body))
                except (TypeError, ValueError) as error:
                    return refusal(HTTPStatus.BAD_REQUEST, f"ERR not a fault: {error}")
            case "DELETE", "faults":
                faults.clear()
            case "GET", "faults":
                content = [asdict(fault) for fault in faults.active]
            case "DELETE", "counters":
                self.reset_counters()
            case "GET", "counters":
                content = {"requests": self.requests, "commands_billed": self.commands_billed}
            case _:
                return refusal(HTTPStatus.NOT_FOUND, "ERR no such control")
        return Answer(HTTPStatus.OK, JSON, json.dumps(content).encode())


@asynccontextmanager
async def serve(
    *,
    data_dir: Path | None,
    token: str | None = None,
    port: int = 0,
    faults: Faults | None = None,
    max_request: int = MAX_REQUEST,
) -> AsyncGenerator[Upstash]:
    """A database on 127.0.0.1 while the context lasts.

    `data_dir` keeps the data between runs (None: in memory only); `token` None makes one that nobody
    knows: any web page may send requests to this machine's ports. `port` 0 takes a free one;
    `faults` also switches on the control routes; `max_request` is the limit of a request in
    bytes. Raises ValkeyUnavailableError, BlockingIOError (another process serves `data_dir`) and OSError
    (the port is taken).
    """
    async with AsyncExitStack() as closing:
        if data_dir is not None:
            closing.enter_context(_held(data_dir))
        store = closing.enter_context(running_valkey(data_dir))
        upstash = Upstash(store, token or token_urlsafe(), faults, max_request)
        http = HTTPServer(upstash.handle, on_error=upstash.refuse)
        await closing.enter_async_context(http.listening(port))
        upstash.url = http.url
        yield upstash


@contextmanager
def _held(folder: Path) -> Generator[None]:
    """Keeps other processes out of the folder; the lock ends with this process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _failed(kind: Kind, request: Request) -> Answer | Silence:
    match kind:
        case "drop_request":
            return Silence.DROP
        case "hang":
            return Silence.HANG
        case "bad_gateway":
            return Answer(HTTPStatus.BAD_GATEWAY, (("Content-Type", "text/html"),), BAD_GATEWAY)
        case "out_of_memory":
            return _out_of_memory(request)
        case _:
            return refusal(HTTPStatus.UNAUTHORIZED, WRONG_TOKEN)


def _out_of_memory(request: Request) -> Answer:
    if request.path != "/pipeline":
        return refusal(HTTPStatus.BAD_REQUEST, OUT_OF_MEMORY)
    errors = [{"error": OUT_OF_MEMORY} for _ in json.loads(request.body)]
    return Answer(HTTPStatus.OK, JSON, json.dumps(errors).encode())
