"""A client that sends bytes as they are, HTTP or not."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from dev.http import HTTPServer

Listen = Callable[..., Awaitable[HTTPServer]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
DEADLINE = 30


@asynccontextmanager
async def connected(server: HTTPServer, limit: int = 65536) -> AsyncGenerator[Streams]:
    """A connection, closed at the end; takes twice `limit` bytes, no more, before they are read."""
    port = int(server.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
    try:
        async with asyncio.timeout(DEADLINE):
            yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def send(server: HTTPServer, data: bytes, size: int = 0) -> bytes:
    """All that is answered to these bytes until the connection is closed; `size` cuts them in pieces."""
    async with connected(server) as (reader, writer):
        for at in range(0, len(data), size or len(data) or 1):
            writer.write(data[at : at + (size or len(data))])
            await writer.drain()
            await asyncio.sleep(0)
        return await reader.read()
