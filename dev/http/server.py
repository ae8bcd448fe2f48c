"""The server: its connections, and the requests on each of them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

from dev.http.exchange import Exchange
from dev.http.message import Limits, RequestError

_LINGER_SECONDS = 2.0
_LINGER_PIECE_BYTES = 1024 * 1024
_SEND_BUFFER_BYTES = 128 * 1024
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1"})
_NO_LIMITS = Limits()

Handler = Callable[[Exchange], Awaitable[None]]
Refusal = Callable[[Exchange, RequestError], None]


def _refuse(exchange: Exchange, error: RequestError) -> None:
    exchange.send(error.status, [("content-type", "text/plain")], error.message.encode())


class HTTPServer:
    """Listens on 127.0.0.1 and calls `handler` for each request.

    A RequestError that the handler lets through is answered by `on_error`, and so is a request to a
    host that is neither this machine nor one of `hosts`: else a page of another site, whose name
    was made to point here, could reach what it must not.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        on_error: Refusal = _refuse,
        limits: Limits = _NO_LIMITS,
        hosts: Iterable[str] = (),
    ) -> None:
        self.url = ""
        self._handler = handler
        self._on_error = on_error
        self._limits = limits
        self._hosts = _LOOPBACK_HOSTS.union(hosts)
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def open_connections(self) -> int:
        """Connections open now, idle ones included."""
        return len(self._connections)

    async def start(self, port: int = 0) -> None:
        """Begins to listen; port 0 asks the system for one. Raises OSError if it is taken."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        listening = self._server.sockets[0]
        # Connections inherit it. The system's own choice grows to megabytes, behind which nobody sees whether
        # the client reads.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"

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

    @contextlib.asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncGenerator[None]:
        """Listens while the context lasts."""
        await self.start(port)
        try:
            yield
        finally:
            await self.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=self._limits.buffered_bytes)
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(lambda done: self._connections.pop(done, None))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received = b""
        reusable = True
        try:
            while reusable:
                exchange = Exchange(reader, writer, self._limits, received)
                try:
                    reusable = await self._answer(exchange)
                finally:
                    await exchange.close()
                received = exchange.rest
            await _linger(reader, writer)
        except ConnectionError:
            pass  # the client left in the middle of a request: nobody is there to be told
        finally:
            writer.close()

    async def _answer(self, exchange: Exchange) -> bool:
        """Answers one request; True if the connection can carry another one."""
        try:
            if not await exchange.read_head():
                return False
            if "host" in exchange.request.headers and exchange.request.host not in self._hosts:
                raise RequestError(403, "This server does not go by that name.")  # noqa: TRY301
            await self._handler(exchange)
        except RequestError as error:
            if not exchange.answered:
                self._on_error(exchange, error)
        await exchange.drain()
        return exchange.reusable


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads what the client still sends: closing at once would reset the answer away."""
    if writer.transport.is_closing():
        return
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(_LINGER_SECONDS):
            writer.write_eof()
            while await reader.read(_LINGER_PIECE_BYTES):
                pass
