"""The way from the functions to the Invoke API, on which a hand-over may be refused, doubled or lost."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import unquote, urlsplit

Fate = Literal["refused", "throttled once", "twice", "unconfirmed"]
THROTTLED = b'{"message":"Rate Exceeded.","Type":"User"}'


class InvokeApi:
    """The way from the functions to the Invoke API, with a fate for each vendor's hand-overs."""

    def __init__(self) -> None:
        self.url = ""
        self.behind = ""
        self.fates: dict[str, Fate] = {}
        self.asked: dict[str, int] = {}
        self.functions: set[str] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection with one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_length(head))
            event = json.loads(body)
            if "handover" not in event:  # a call to another function
                writer.write(await self._passed_on(head + body))
                return
            self.functions.add(unquote(head.split(b" ", 2)[1].decode()).split("/")[3])
            vendor = event["handover"]["vendor"]
            self.asked[vendor] = self.asked.get(vendor, 0) + 1
            writer.write(await self._fate(self.fates.get(vendor), self.asked[vendor], head + body))
        finally:
            writer.close()

    async def _fate(self, fate: Fate | None, number: int, request: bytes) -> bytes:
        if fate == "refused" or (fate == "throttled once" and number == 1):
            length = f"Content-Length: {len(THROTTLED)}\r\n".encode()
            kind = b"x-amzn-ErrorType: TooManyRequestsException\r\nConnection: close\r\n"
            return b"HTTP/1.1 429 Too Many Requests\r\n" + kind + length + b"\r\n" + THROTTLED
        answer = await self._passed_on(request)
        if fate == "twice":
            await self._passed_on(request)
        return b"" if fate == "unconfirmed" else answer

    async def _passed_on(self, request: bytes) -> bytes:
        there = urlsplit(self.behind)
        reader, writer = await asyncio.open_connection(there.hostname, there.port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        writer.close()
        return head + body


def _length(head: bytes) -> int:
    """How many bytes follow a head."""
    lines = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:-1])
    return int(lines.get(b"content-length", b"0"))


@asynccontextmanager
async def an_invoke_api() -> AsyncGenerator[InvokeApi]:
    """The way to the API that `behind` will name."""
    api = InvokeApi()
    server = await asyncio.start_server(api.answer, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        server.close()
