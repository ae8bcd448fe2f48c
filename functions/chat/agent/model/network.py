"""The SDK's transport over asyncio's own streams, with plain chunks of a body taken apart here.

Only where bytes are read and written is replaced, by httpcore's own interface for that; connections, HTTP and
its limits stay the library's. A model's answer comes in one small chunk a delta, and h11's two events for
each would be a third of what the delta costs. Whatever is not a plain chunk is left to h11, the end of the
body too. Loaded late, with what it stands on.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import httpcore2
import httpx2

ATTEMPT_AFTER_SECONDS = 0.25
READ_BYTES = 65_536
_INFO = {"client_addr": "sockname", "server_addr": "peername", "socket": "socket", "ssl_object": "ssl_object"}
# Where a head ends, as h11 sees it.
_BLANK_LINE = re.compile(rb"\n\r?\n")
# The first line of a chunk without extensions, of less than a megabyte, that is not the last.
_CHUNK = re.compile(rb"0{0,8}([1-9a-fA-F][0-9a-fA-F]{0,4})\r\n")
_BEGUN = re.compile(rb"[0-9a-fA-F]{0,13}\r?")


class AsyncioTransport(httpx2.AsyncHTTPTransport):
    """HTTP/1.1 over asyncio's streams; the certificates that are trusted are httpx's own."""

    def __init__(self, limits: httpx2.Limits) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Network(),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response, its head read; a body that is streamed is taken apart here."""
        response = await super().handle_async_request(request)
        network, body = response.extensions.get("network_stream"), response.stream
        if not isinstance(network, _Stream) or not isinstance(body, httpx2.AsyncByteStream):
            return response
        if network.at_body and _is_streamed(request, response):
            response.stream = _Body(network, body)
        return response


def _is_streamed(request: httpx2.Request, response: httpx2.Response) -> bool:
    """Whether the body comes in chunks, without a limit of time for reading one."""
    chunked = response.headers.get("transfer-encoding") == "chunked"
    unlimited = request.extensions.get("timeout", {}).get("read") is None
    return request.method == "POST" and response.status_code == 200 and chunked and unlimited


class _Body(httpx2.AsyncByteStream):
    """A body of which plain chunks come straight from the connection, and the rest from `others`."""

    def __init__(self, network: "_Stream", others: httpx2.AsyncByteStream) -> None:
        self._network = network
        self._others = others

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        while content := await self._network.read_chunks():
            yield content
        async for content in self._others:
            yield content

    async def aclose(self) -> None:
        await self._others.aclose()


class _Network(httpcore2.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,  # noqa: ARG002 - never set
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - never set
    ) -> httpcore2.AsyncNetworkStream:
        async with _limited(timeout, httpcore2.ConnectTimeout, httpcore2.ConnectError):
            reader, writer = await asyncio.open_connection(
                host, port, happy_eyeballs_delay=ATTEMPT_AFTER_SECONDS
            )
        return _Stream(reader, writer)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection. `at_body` while all that was read of a response is its head, to the byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._held = b""
        self._head: bytes | None = None
        self.at_body = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        data, self._held = self._held, b""
        if not data and timeout is None:
            try:
                data = await self._reader.read(max_bytes)
            except OSError as error:
                raise httpcore2.ReadError(str(error)) from error
        elif not data:
            async with _limited(timeout, httpcore2.ReadTimeout, httpcore2.ReadError):
                data = await self._reader.read(max_bytes)
        return self._held_behind_head(data)

    def _held_behind_head(self, data: bytes) -> bytes:
        """The data, up to the end of a head if that is in it: what follows is held for the next read."""
        self.at_body = False
        if self._head is None:
            return data
        known = len(self._head)
        self._head += data
        end = _BLANK_LINE.search(self._head)
        if end is None:
            return data
        self._head, self.at_body = None, True
        data, self._held = data[: end.end() - known], data[end.end() - known :]
        return data

    async def read_chunks(self) -> bytes:
        """What the chunks that have come hold, at least one; empty where no plain chunk comes next.

        From then on the body is to be read by `read`, which begins with what was not taken here.
        """
        while True:
            content, self._held, is_plain = _split(self._held)
            if content or not is_plain:
                return content
            try:
                more = await self._reader.read(READ_BYTES)
            except OSError:
                return b""  # `read` meets the same error
            if not more:
                return b""
            self._held += more

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self._head, self.at_body = b"", False
        async with _limited(timeout, httpcore2.WriteTimeout, httpcore2.WriteError):
            self._writer.write(buffer)
            await self._writer.drain()

    async def aclose(self) -> None:
        # Not `close`: over TLS that would wait for the other side's farewell.
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        try:
            async with _limited(timeout, httpcore2.ConnectTimeout, httpcore2.ConnectError):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except BaseException:
            await self.aclose()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked of an idle connection: whether the server has ended it
            return bool(self._held) or self._reader.at_eof() or self._reader.exception() is not None
        return self._writer.get_extra_info(_INFO[info]) if info in _INFO else None


def _split(data: bytes) -> tuple[bytes, bytes, bool]:
    """What the whole chunks at the beginning hold, what is behind them, and whether that is plain so far."""
    contents: list[bytes] = []
    at = 0
    while chunk := _CHUNK.match(data, at):
        end = chunk.end() + int(chunk[1], 16)
        if data[end : end + 2] != b"\r\n":
            return b"".join(contents), data[at:], len(data) < end + 2
        contents.append(data[chunk.end() : end])
        at = end + 2
    return b"".join(contents), data[at:], _BEGUN.fullmatch(data, at) is not None


@contextlib.asynccontextmanager
async def _limited(
    seconds: float | None, late: type[Exception], broken: type[Exception]
) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error
