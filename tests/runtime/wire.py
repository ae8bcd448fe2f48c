"""The test's end of the line to a handler in another process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.runtime.runtime_api import DEADLINE_SECONDS


class Wire:
    """Words from and to one process at a time; `connections` counts how often it has called."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self._writer: asyncio.StreamWriter | None = None

    async def hear(self) -> str:
        """The next word; an empty one says that the process is gone."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await self._heard.get()

    async def say(self, word: str) -> None:
        assert self._writer
        self._writer.write(f"{word}\n".encode())
        await self._writer.drain()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writer = writer
        while line := await reader.readline():
            self._heard.put_nowait(line.decode().strip())
        self._heard.put_nowait("")
        writer.close()


@asynccontextmanager
async def serve_wire() -> AsyncGenerator[Wire]:
    wire = Wire()
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    async with server:
        wire.port = server.sockets[0].getsockname()[1]
        yield wire
