"""A small HTTP/1.1 server on loopback that lets its handler misbehave on purpose.

A handler gets a `Request` and an `Exchange`; it may answer in one piece, stream, hang, cut the answer
short or reset the connection. Both the model and the search stand-ins are built on it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from dev.claude.exchange import ClientGoneError, Exchange

MAX_BODY_BYTES = 32 * 1024 * 1024
"""What the Messages API takes at most, in bytes."""
_MAX_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read in full. Header names are lower case; `body` is None where it was too large."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None


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
        # Unread bytes would reset the connection before the client has its answer.
        await _discard(reader, length)
        return None
    return await reader.readexactly(length)


async def _discard(reader: asyncio.StreamReader, length: int) -> None:
    while length > 0 and (piece := await reader.read(min(length, _MAX_HEAD_BYTES))):
        length -= len(piece)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes | None:
    body = bytearray()
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += (await reader.readexactly(size + 2))[:size]
        if size == 0:
            return bytes(body)
        if len(body) > MAX_BODY_BYTES:
            return None
