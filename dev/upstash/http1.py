"""HTTP/1.1 with keep-alive for one handler: small, because every Redis call of a test or a turn passes here.

asyncio sets TCP_NODELAY on each accepted socket, and each answer is one write.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus

MAX_HEAD = 64 * 1024
MAX_DRAIN = 64 * 1024 * 1024


@dataclass(slots=True)
class Request:
    """One request. Header names are lower case; `oversized` is the length of a body that was thrown away."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    oversized: int = 0


@dataclass(slots=True)
class Answer:
    """What to send back; the length and connection headers are added."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


class Silence(Enum):
    """Ways not to answer."""

    DROP = auto()
    HANG = auto()


Handler = Callable[[Request], Awaitable[Answer | Silence]]


class Connection(asyncio.Protocol):
    """One client's connection; requests on it are served one after another."""

    def __init__(self, handler: Handler, max_body: int, connections: "set[Connection]") -> None:
        self._handler = handler
        self._max_body = max_body
        self._connections = connections
        self._transport: asyncio.Transport
        self._buffer = bytearray()
        self._request: Request | None = None
        self._body_left = 0
        self._serving: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (narrows for the type checker)
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's interface)
        # A command already on its way is executed all the same, as on a real server.
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._serving is None:
            self._advance()

    async def close(self) -> None:
        """Stop serving and cut the connection."""
        self._transport.abort()
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)

    def _advance(self) -> None:
        if self._request is None and not self._read_head():
            return
        request = self._request
        if request is None or not self._read_body(request):
            return
        self._request = None
        self._transport.pause_reading()
        self._serving = asyncio.get_running_loop().create_task(self._serve(request))

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return False
        head = self._buffer[:end].decode("latin-1")
        del self._buffer[: end + 4]
        try:
            method, target, headers, self._body_left = _parse_head(head)
        except ValueError:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return False
        if "transfer-encoding" in headers:
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
            return False
        self._request = Request(method, target, headers)
        if self._body_left > self._max_body:
            self._request.oversized = self._body_left
        if headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _read_body(self, request: Request) -> bool:
        """Whether the body is complete. One over the limit is read and thrown away, so that the
        client gets to read its answer instead of a reset connection."""
        if request.oversized:
            if request.oversized > MAX_DRAIN:
                self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return False
            taken = min(self._body_left, len(self._buffer))
            del self._buffer[:taken]
            self._body_left -= taken
            return self._body_left == 0
        if len(self._buffer) < self._body_left:
            return False
        request.body = bytes(self._buffer[: self._body_left])
        del self._buffer[: self._body_left]
        return True

    async def _serve(self, request: Request) -> None:
        try:
            answer = await self._handler(request)
        except BaseException:
            self._transport.abort()
            raise
        if answer is Silence.HANG:
            self._transport.resume_reading()  # only to notice that the client leaves
            return
        if answer is Silence.DROP or self._transport.is_closing():
            self._transport.abort()
            return
        keep = request.headers.get("connection", "").lower() != "close"
        self._transport.write(_encode(answer, with_body=request.method != "HEAD", keep=keep))
        if not keep:
            self._transport.close()
            return
        self._serving = None
        self._transport.resume_reading()
        if self._buffer:
            self._advance()

    def _refuse(self, status: HTTPStatus) -> None:
        answer = Answer(status, b"")
        self._transport.write(_encode(answer, with_body=True, keep=False))
        self._transport.close()


def _parse_head(head: str) -> tuple[str, str, dict[str, str], int]:
    """Method, target, headers and length of the body; ValueError if it is not HTTP/1."""
    first, *rest = head.split("\r\n")
    method, target, _version = first.split(" ")
    fields = (line.partition(":") for line in rest)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise ValueError("Content-Length is not a number")
    return method, target, headers, int(length)


def _encode(answer: Answer, *, with_body: bool, keep: bool) -> bytes:
    head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    head += [f"{name}: {value}" for name, value in answer.headers]
    head.append(f"Content-Length: {len(answer.body)}")
    if not keep:
        head.append("Connection: close")
    encoded = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
    return encoded + answer.body if with_body else encoded
