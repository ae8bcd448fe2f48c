"""One request, read off a connection by h11."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator

import h11

from dev.http.message import Limits, Request, RequestError, request_from

# h11 looks at a head's size after each piece, so a head may be longer than its limit by one.
_PIECE_BYTES = 32 * 1024
_CONTINUE = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")


class RequestReader:
    """Reads a request, `received` being what came of it together with the one before."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits, received: bytes
    ) -> None:
        self.request = Request("", "/", "", {})
        self.trailers: dict[str, str] = {}
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, limits.head_bytes)
        self._in_target = True
        if received:
            self._receive(received)

    @property
    def rest(self) -> bytes:
        """What has come of the client's next request already."""
        return self._http.trailing_data[0]

    async def read_head(self) -> bool:
        """Reads the request up to its body; False where the client has no more requests.

        Raises RequestError for one that is malformed (400, 501, 505), too large (431) or slow (408).
        """
        if not self.rest:
            try:
                async with asyncio.timeout(self._limits.idle_seconds):
                    await self._read()
            except TimeoutError:
                return False
        async with self._in_time():
            event = await self._next_event()
        if isinstance(event, h11.Request):
            self.request = request_from(event)
            if not self.request.content_length and "transfer-encoding" not in self.request.headers:
                await self._next_event()  # the end of the request, which is there already
        return isinstance(event, h11.Request)

    async def read_body(self, limit: int) -> bytes:
        """The whole body, which `request.body` holds from now on.

        Raises RequestError: 413 beyond `limit` bytes, 408 for a slow client, 400 for a body cut short.
        """
        body = bytearray()
        async with self._in_time():
            if self.request.content_length <= limit:
                async for piece in self.stream_body():
                    body += piece
                    if len(body) > limit:
                        break
        if max(len(body), self.request.content_length) > limit:
            raise RequestError(413, "The request body is too large.")
        self.request.body = bytes(body)
        return self.request.body

    async def stream_body(self) -> AsyncGenerator[bytes]:
        """The body piece by piece, as it arrives; after it `trailers` holds its trailers.

        Raises RequestError 400 for a body cut short.
        """
        if self._http.they_are_waiting_for_100_continue:
            self._writer.write(self._http.send(_CONTINUE))
        while self._http.their_state is h11.SEND_BODY:
            event = await self._next_event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                trailers = event.headers
                self.trailers = {name.decode("ascii"): value.decode("latin-1") for name, value in trailers}

    @contextlib.asynccontextmanager
    async def _in_time(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._limits.arrival_seconds):
                yield
        except TimeoutError:
            raise RequestError(408, "The request did not arrive in time.") from None

    async def _next_event(self) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                await self._read()
        except h11.RemoteProtocolError as error:
            raise RequestError(error.error_status_hint, "The request is malformed.") from error
        return event

    async def _read(self) -> bool:
        """Waits for a piece of the request; False where the client sends no more."""
        data = await self._reader.read(_PIECE_BYTES)
        self._receive(data)
        return bool(data)

    def _receive(self, data: bytes) -> None:
        # h11 takes no target in UTF-8, which some clients send.
        if self._in_target:
            line, end, rest = data.partition(b"\n")
            data = re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % ord(byte[0]), line) + end + rest
            self._in_target = not end
        self._http.receive_data(data)
