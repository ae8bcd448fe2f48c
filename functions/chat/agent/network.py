"""The SDK's transport over asyncio's own streams: a delta costs a third less than over the default.

Only where bytes are read and written is replaced, by httpcore's own interface for that; connections, HTTP and
its limits stay the library's. Loaded late, with what it stands on.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import httpcore2
import httpx2

ATTEMPT_AFTER_SECONDS = 0.25
_INFO = {"client_addr": "sockname", "server_addr": "peername", "socket": "socket", "ssl_object": "ssl_object"}


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
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if timeout is None:
            try:
                return await self._reader.read(max_bytes)
            except OSError as error:
                raise httpcore2.ReadError(str(error)) from error
        async with _limited(timeout, httpcore2.ReadTimeout, httpcore2.ReadError):
            return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
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
            return self._reader.at_eof() or self._reader.exception() is not None
        return self._writer.get_extra_info(_INFO[info]) if info in _INFO else None


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
