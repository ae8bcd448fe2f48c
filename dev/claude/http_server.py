"""A small HTTP/1.1 server on loopback that lets its handler misbehave on purpose.

A handler gets a `Request` and an `Exchange`; it may answer in one piece, stream, hang, cut the answer
short or reset the connection. Both the model and the search stand-ins are built on it.
"""

import asyncio
import json
import socket
import struct
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from dev.claude.shape import is_object

MAX_BODY_BYTES = 32 * 1024 * 1024
"""What the Messages API takes at most, in bytes."""
_MAX_HEAD_BYTES = 64 * 1024


class ClientGoneError(ConnectionError):
    """The client closed its side while an answer was under way."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read in full. Header names are lower case; `body` is None where it was too large."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(slots=True)
class Exchange:
    """The answering side of one request.

    `disconnected_at` is the monotonic time at which the client hung up before the answer was over.
    """

    writer: asyncio.StreamWriter
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected_at: float | None = None
    keep_alive: bool = True
    _chunked: bool = False

    def mark_disconnected(self) -> None:
        """Notes that the client is gone."""
        if self.disconnected_at is None:
            self.disconnected_at = time.monotonic()
            self.disconnected.set()

    async def send_json(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """Answers in one piece, as JSON."""
        payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        await self.send(status, payload, {"content-type": "application/json", **(headers or {})})

    async def send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Answers in one piece."""
        self._head(status, {**headers, "content-length": str(len(body))})
        self.writer.write(body)
        await self._drain()

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Sends the head of an answer that follows chunk by chunk."""
        self._head(status, {**headers, "transfer-encoding": "chunked"})
        self._chunked = True
        await self._drain()

    async def write(self, chunk: bytes) -> None:
        """Sends one chunk; raises ClientGoneError once nobody listens."""
        self.writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        await self._drain()

    async def end(self) -> None:
        """Ends a chunked answer in good order."""
        self.writer.write(b"0\r\n\r\n")
        self._chunked = False
        await self._drain()

    async def half_chunk(self, chunk: bytes) -> None:
        """Announces a chunk, sends the first half of it and closes the connection."""
        self.writer.write(b"%x\r\n%b" % (len(chunk), chunk[: len(chunk) // 2]))
        await self._drain()
        self.keep_alive = False

    def reset(self) -> None:
        """Drops the connection with a TCP reset."""
        self.keep_alive = False
        transport = self.writer.transport
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    async def hang(self) -> None:
        """Says nothing more until the client hangs up."""
        await self.disconnected.wait()
        raise ClientGoneError

    @property
    def unfinished(self) -> bool:
        """Whether a chunked answer was begun and not ended."""
        return self._chunked

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if not self.keep_alive:
            lines.append("connection: close")
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def _drain(self) -> None:
        if self.disconnected.is_set():
            raise ClientGoneError
        try:
            await self.writer.drain()
        except ConnectionError as error:
            self.mark_disconnected()
            raise ClientGoneError from error


Handler = Callable[[Request, Exchange], Awaitable[None]]


@dataclass(slots=True)
class HttpServer:
    """Where the server listens, and how many connections are open now."""

    url: str
    connections: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])


@asynccontextmanager
async def listen(handler: Handler, *, port: int = 0) -> AsyncGenerator[HttpServer]:
    """Serves on 127.0.0.1 until left; `port` 0 lets the system choose. Open answers are cancelled."""
    http = HttpServer(url="")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        http.connections.add(task)
        try:
            await _serve_connection(handler, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            http.connections.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", port, limit=_MAX_HEAD_BYTES)
    http.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield http
    finally:
        server.close()
        open_now = list(http.connections)
        for task in open_now:
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        await server.wait_closed()


async def _serve_connection(
    handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while True:
        request = await _read_request(reader, writer)
        if request is None:
            return
        exchange = Exchange(writer)
        exchange.keep_alive = request.headers.get("connection", "").lower() != "close"
        if request.body is None:
            exchange.keep_alive = False
        watch = asyncio.create_task(_watch(reader, exchange))
        try:
            await handler(request, exchange)
        except ClientGoneError:
            exchange.mark_disconnected()
            return
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
        if exchange.unfinished or not exchange.keep_alive or exchange.disconnected.is_set():
            return


async def _watch(reader: asyncio.StreamReader, exchange: Exchange) -> None:
    """Notices a client that hangs up while it is being answered."""
    with suppress(ConnectionError):
        # A client that sends more before it has its answer would be pipelining: none of ours does.
        if await reader.read(1):
            exchange.keep_alive = False
            return
    exchange.mark_disconnected()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        writer.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n")
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return Request(method, path, headers, await _read_body(reader, headers))


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes | None:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    length = int(headers.get("content-length") or 0)
    if length > MAX_BODY_BYTES:
        return None
    return await reader.readexactly(length)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes | None:
    body = bytearray()
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += (await reader.readexactly(size + 2))[:size]
        if size == 0:
            return bytes(body)
        if len(body) > MAX_BODY_BYTES:
            return None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Overloaded" if status == 529 else "Unknown"


def json_object(body: bytes | None) -> dict[str, Any]:
    """The JSON object in `body`; ValueError where it is none, or holds NaN or a lone surrogate."""
    value: object = json.loads(body or b"", parse_constant=_no_constant)
    if not is_object(value):
        raise ValueError("the body must be a JSON object")
    # json.loads takes the escape of half a character; nothing else on the way does.
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
