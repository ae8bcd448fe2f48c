"""One HTTP request and the answer to it, on a connection with limits."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import formatdate

from dev.function_url.http_wire import (
    LAST_CHUNK,
    ChunkedDecoder,
    Fields,
    Head,
    WireError,
    encode_chunk,
    encode_head,
)

# More than a StreamReader ever holds, so that one read leaves nothing behind.
READ_SIZE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much, and for how long, a client may occupy a connection (bytes and seconds)."""

    head_bytes: int = 256 * 1024
    idle_seconds: float | None = 75.0
    head_seconds: float = 10.0
    body_read_seconds: float = 10.0
    body_seconds: float = 120.0
    buffered_bytes: int = 1024 * 1024
    # Longer than a streaming function waits itself (30 s), which ends its invocation and so the answer.
    write_seconds: float = 60.0


class Exchange:
    """One request and the answer to it.

    Once the client is gone, or has not read for `write_seconds`, what is written is thrown away.
    """

    def __init__(
        self,
        head: Head,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: Limits,
    ) -> None:
        self.head = head
        self.trailers: dict[str, str] = {}
        self.answered = False
        self._reader = reader
        self._writer = writer
        self._transport = writer.transport
        self._limits = limits
        self._unread = head.chunked or bool(head.content_length)
        self._chunked_answer = False
        self._until_closed = False
        self._bodiless = head.method == "HEAD"
        self._ended = False

    @property
    def peer(self) -> str:
        """The client's IP address."""
        return str(self._writer.get_extra_info("peername")[0])

    @property
    def abandoned(self) -> bool:
        """Whether the client will send nothing more on this connection."""
        return self._reader.at_eof()

    @property
    def reusable(self) -> bool:
        """Whether the connection can carry another request."""
        return self._ended and not self._unread and self.head.keep_alive and not self._transport.is_closing()

    async def read_body(self, limit: int) -> bytes:
        """The whole body; raises WireError 413 beyond `limit` bytes, 408 for a slow client."""
        if (self.head.content_length or 0) > limit:
            raise WireError(413, "The request body is too large.")
        if self._unread and self.head.headers.get("expect", "").lower() == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for piece in self.stream_body(self._limits.body_read_seconds):
                    size += len(piece)
                    if size > limit:
                        raise WireError(413, "The request body is too large.")
                    pieces.append(piece)
        except TimeoutError:
            raise WireError(408, "The request body did not arrive in time.") from None
        return b"".join(pieces)

    async def stream_body(self, read_seconds: float | None = None) -> AsyncIterator[bytes]:
        """The body piece by piece, as it arrives; after it `trailers` holds its trailers.

        Raises WireError 400 if it is cut short, TimeoutError if nothing comes for `read_seconds`.
        """
        decoder = ChunkedDecoder() if self.head.chunked else None
        remaining = self.head.content_length or 0
        while remaining if decoder is None else not decoder.done:
            size = READ_SIZE if decoder else min(remaining, READ_SIZE)
            if read_seconds is None:
                data = await self._reader.read(size)
            else:
                data = await asyncio.wait_for(self._reader.read(size), read_seconds)
            if not data:
                raise WireError(400, "The request body was cut short.")
            if decoder is None:
                remaining -= len(data)
            else:
                data = decoder.feed(data)
            if data:
                yield data
        if decoder:
            self.trailers = decoder.trailers
            if decoder.rest and not self._reader.at_eof():
                self._reader.feed_data(decoder.rest)  # the client's next request
        self._unread = False

    def send(self, status: int, fields: Fields, body: bytes = b"") -> None:
        """Answers at once, with a body of known length."""
        lengths = [] if status in {204, 304} else [("content-length", str(len(body)))]
        head = self._encode_head(status, [*fields, *lengths])
        self._write(head if self._bodiless or status in {204, 304} else head + body)
        self._ended = True

    def send_json(self, status: int, answer: object, fields: Fields = ()) -> None:
        """Answers with a JSON document."""
        body = json.dumps(answer).encode()
        self.send(status, [("content-type", "application/json"), *fields], body)

    def start(self, status: int, fields: Fields, data: bytes = b"") -> None:
        """Begins an answer with `data`; more follows by `write`, and `end` finishes it."""
        self._bodiless = self._bodiless or status in {204, 304}
        self._chunked_answer = self.head.version == "HTTP/1.1" and not self._bodiless
        self._until_closed = not self._chunked_answer and not self._bodiless
        framing = [("transfer-encoding", "chunked")] if self._chunked_answer else []
        self._write(self._encode_head(status, [*fields, *framing]) + self._frame(data))

    def write(self, data: bytes) -> None:
        """Sends a piece of the body."""
        if framed := self._frame(data):
            self._write(framed)

    @property
    def congested(self) -> bool:
        """Whether so much waits to be sent that `drain` should be awaited before the next piece."""
        return self._transport.get_write_buffer_size() > self._limits.buffered_bytes

    async def drain(self) -> None:
        """Waits until the client has read; one that reads nothing for `write_seconds` is dropped."""
        waiting = self._transport.get_write_buffer_size() + 1
        while (left := self._transport.get_write_buffer_size()) < waiting:
            waiting = left
            try:
                async with asyncio.timeout(self._limits.write_seconds):
                    await self._writer.drain()
            except TimeoutError:
                continue
            except ConnectionError:
                pass  # the client left; from now on _write throws away
            return
        self._transport.abort()

    def end(self) -> None:
        """Finishes the body that `start` began."""
        if self._chunked_answer:
            self._write(LAST_CHUNK)
        self._ended = self._chunked_answer or self._bodiless

    def abort(self) -> None:
        """Closes the connection after what was written; the answer is seen to be incomplete."""
        self._transport.close()

    def _frame(self, data: bytes) -> bytes:
        if not data or self._bodiless:
            return b""
        return encode_chunk(data) if self._chunked_answer else data

    def _encode_head(self, status: int, fields: Fields) -> bytes:
        keep_alive = self.head.keep_alive and not self._unread and not self._until_closed
        connection = "keep-alive" if keep_alive else "close"
        managed = [("date", formatdate(time.time(), usegmt=True)), ("connection", connection)]
        return encode_head(status, [*fields, *managed])

    def _write(self, data: bytes) -> None:
        self.answered = True
        if not self._transport.is_closing():
            self._transport.write(data)
