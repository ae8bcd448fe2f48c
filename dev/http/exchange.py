"""One HTTP request and the answer to it, as it should be or not."""

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Iterable
from email.utils import formatdate
from http.client import responses

import h11

from dev.http.message import Limits
from dev.http.reader import RequestReader

Fields = Iterable[tuple[str, str]]


class ClientGoneError(ConnectionError):
    """The client has hung up, or does not take what it is sent."""


class Exchange(RequestReader):
    """One request and the answer to it: `send`, or `start`, `write` and `end`.

    What is written to a client that is gone is thrown away; only `drain` tells. `disconnected` is set when a
    client that is watched hangs up before the answer is over, at the monotonic time `disconnected_at`.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits, received: bytes
    ) -> None:
        super().__init__(reader, writer, limits, received)
        self.disconnected = asyncio.Event()
        self.disconnected_at: float | None = None
        self._transport = writer.transport
        self._bodiless = False
        self._watching: asyncio.Task[None] | None = None

    @property
    def peer(self) -> tuple[str, int]:
        """The client's IP address and port."""
        return self._writer.get_extra_info("peername")

    @property
    def answered(self) -> bool:
        """True once an answer was begun."""
        return self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}

    @property
    def reusable(self) -> bool:
        """True if the connection can carry another request."""
        both_done = self._http.our_state is self._http.their_state is h11.DONE
        return both_done and not self._transport.is_closing()

    def send(self, status: int, fields: Fields = (), body: bytes = b"") -> None:
        """Answers at once, with a body of known length."""
        lengths = [] if status in {204, 304} else [("content-length", str(len(body)))]
        self._write(self._head(status, [*fields, *lengths]), h11.Data(data=body), h11.EndOfMessage())

    def send_json(self, status: int, answer: object, fields: Fields = ()) -> None:
        """Answers with a JSON document."""
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        self.send(status, [("content-type", "application/json"), *fields], body)

    def start(self, status: int, fields: Fields = (), data: bytes = b"") -> None:
        """Begins an answer with `data`; more follows by `write`, and `end` finishes it."""
        self._write(self._head(status, fields), h11.Data(data=data))

    def write(self, data: bytes) -> None:
        """Sends a piece of the body."""
        self._write(h11.Data(data=data))

    def end(self) -> None:
        """Finishes the body that `start` began."""
        self._write(h11.EndOfMessage())

    async def drain(self) -> None:
        """Waits until no more than `buffered_bytes` wait to be sent.

        Raises ClientGoneError where the client is gone; one that takes nothing for `write_seconds`
        is dropped.
        """
        waiting = self._transport.get_write_buffer_size() + 1
        while not self.disconnected.is_set() and (left := self._transport.get_write_buffer_size()) < waiting:
            waiting = left
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(self._limits.write_seconds):
                    return await self._writer.drain()
        self._transport.abort()
        self._hung_up()
        raise ClientGoneError

    def raw(self, data: bytes) -> None:
        """Sends bytes as they are, HTTP or not; the connection ends with this exchange."""
        self._http.send_failed()
        self._transport.write(data)

    def reset(self) -> None:
        """Drops the connection with a TCP reset."""
        self._http.send_failed()
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def hang(self) -> None:
        """Says nothing until the client hangs up, then raises ClientGoneError."""
        self.watch()
        await self.disconnected.wait()
        raise ClientGoneError

    def watch(self) -> None:
        """Notices from now on when the client hangs up; only for a request whose body was read."""
        self._watching = self._watching or asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Ends the watch, so that the next request can be read."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _watch(self) -> None:
        with contextlib.suppress(ConnectionError):
            if await self._read():
                return  # its next request: the client is there
        self._hung_up()

    def _hung_up(self) -> None:
        if self._http.our_state in {h11.SEND_RESPONSE, h11.SEND_BODY}:
            self.disconnected_at = self.disconnected_at or time.monotonic()
            self.disconnected.set()

    def _head(self, status: int, fields: Fields) -> h11.Response:
        self._bodiless = self.request.method == "HEAD" or status in {204, 304}
        # Where the client's request means `close`, h11 says so.
        broken_off = self._http.their_state in {h11.IDLE, h11.SEND_BODY, h11.ERROR}
        connection = ("connection", "close" if broken_off else "keep-alive")
        all_fields = [*fields, ("date", formatdate(time.time(), usegmt=True)), connection]
        headers = [(name.encode("ascii"), value.strip(" \t").encode("latin-1")) for name, value in all_fields]
        return h11.Response(status_code=status, headers=headers, reason=responses.get(status, ""))

    def _write(self, *events: h11.Event) -> None:
        sent = [
            self._http.send(event) or b""
            for event in events
            if not (self._bodiless and isinstance(event, h11.Data))
        ]
        if not self._transport.is_closing():
            self._transport.write(b"".join(sent))
