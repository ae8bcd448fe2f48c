"""An HTTP/1.1 server on loopback: its connections, and the requests on each of them."""

import asyncio
import contextlib
import json
import socket
import uuid
from collections.abc import Awaitable, Callable, Iterable

from dev.function_url.exchange import READ_SIZE, Exchange, Limits
from dev.function_url.http_wire import Head, WireError, encode_head, parse_head

_LINGER_SECONDS = 2.0
_SEND_BUFFER = 128 * 1024
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1"})

Handler = Callable[[Exchange], Awaitable[None]]
ErrorAnswer = Callable[[Exchange, WireError], None]


def _unreadable(error: WireError) -> bytes:
    """The answer to what is no request, in the error shape of the API contract."""
    body = {"code": "invalid_request", "message": error.message, "requestId": str(uuid.uuid4())}
    return json.dumps({"success": False, "error": body}).encode("ascii")


class HTTPServer:
    """Listens on 127.0.0.1 and calls `handler` for each request; `port` 0 asks the system for one.

    A WireError that the handler lets through is answered by `on_error`, and so is a request to a
    host that is neither this machine nor one of `hosts`: else a page of another site, whose name
    was made to point here, could reach what it must not.
    """

    def __init__(
        self,
        handler: Handler,
        on_error: ErrorAnswer,
        limits: Limits | None = None,
        hosts: Iterable[str] = (),
    ) -> None:
        self._handler = handler
        self._on_error = on_error
        self._limits = limits or Limits()
        self._hosts = _LOOPBACK_HOSTS.union(hosts)
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self, port: int = 0) -> int:
        """Begins to listen and returns the port; raises OSError if it is taken."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", port, limit=self._limits.head_bytes
        )
        listening = self._server.sockets[0]
        # Connections inherit it. The system's own choice grows to megabytes, behind which nobody sees whether
        # the client reads.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Stops listening and breaks off what is still open."""
        if self._server is None:
            return
        self._server.close()
        for task, writer in list(self._connections.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=self._limits.buffered_bytes)
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(lambda done: self._connections.pop(done, None))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await self._read_head(reader)) is not None:
                exchange = Exchange(head, reader, writer, self._limits)
                try:
                    if "host" in head.headers and head.host not in self._hosts:
                        raise WireError(403, "This server does not go by that name.")  # noqa: TRY301
                    await self._handler(exchange)
                except WireError as error:
                    if exchange.answered:
                        break
                    self._on_error(exchange, error)
                if not exchange.reusable:
                    break
            await self._linger(reader, writer)
        except WireError as error:
            body = _unreadable(error)
            fields = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("connection", "close"),
            ]
            writer.write(encode_head(error.status, fields) + body)
            await self._linger(reader, writer)
        except ConnectionError:
            pass  # the peer left in the middle of a request: nobody is there to be told
        finally:
            writer.close()

    async def _read_head(self, reader: asyncio.StreamReader) -> Head | None:
        """The next request's head; None where the client has no more requests."""
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                first = await reader.read(1)
                while first in {b"\r", b"\n"}:
                    first = await reader.read(1)
        except TimeoutError:
            return None
        if not first:
            return None
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                return parse_head(first + await reader.readuntil(b"\r\n\r\n"))
        except TimeoutError:
            raise WireError(408, "The request did not arrive in time.") from None
        except asyncio.LimitOverrunError:
            raise WireError(431, "The request's headers are too large.") from None
        except asyncio.IncompleteReadError:
            return None

    @staticmethod
    async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads what the client still sends: closing at once would reset the answer away."""
        if writer.transport.is_closing():
            return
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(_LINGER_SECONDS):
                await writer.drain()
                writer.write_eof()
                while await reader.read(READ_SIZE):
                    pass
