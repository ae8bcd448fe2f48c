"""The answering side of an HTTP request, which may misbehave on purpose."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


class ClientGoneError(ConnectionError):
    """The client closed its side while an answer was under way."""


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
    _over: bool = False

    def mark_disconnected(self) -> None:
        """Notes that the client is gone, if it left before the answer was over."""
        if self.disconnected_at is None and not self._over:
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
        self._over = True
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
        self._chunked, self._over = False, True
        await self._drain()

    async def half_chunk(self, chunk: bytes) -> None:
        """Announces a chunk, sends the first half of it and closes the connection."""
        self.writer.write(b"%x\r\n%b" % (len(chunk), chunk[: len(chunk) // 2]))
        await self._drain()
        self.keep_alive, self._over = False, True

    def reset(self) -> None:
        """Drops the connection with a TCP reset."""
        self.keep_alive, self._over = False, True
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


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Overloaded" if status == 529 else "Unknown"
