"""A client of the Lambda Runtime API, as far as a streaming function needs it, over asyncio's streams.

Each call has a connection of its own. Most have no time limit, because `/next` waits for the next
invocation, and Lambda itself ends an invocation that takes too long. Only a response has one, because a
client that takes nothing of it would hold the invocation: it fails if nothing is taken for `write_seconds`.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

import asyncio
import contextlib
from collections.abc import Generator, Mapping
from typing import NamedTuple

from .failure import Failure

_PREFIX = "/2018-06-01/runtime"
_INVOCATION_ID = "lambda-runtime-invocation-id"  # sent back, so that Lambda can match the response


class RuntimeApiError(Exception):
    """The Runtime API closed the connection, or refused what it was sent."""


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class RuntimeApi:
    """The Runtime API at an address, `host:port`. Every call may raise RuntimeApiError."""

    def __init__(self, address: str, *, write_seconds: float = 30.0) -> None:
        self._address = address
        self._write_seconds = write_seconds

    async def next(self) -> Reply:
        """Waits for the next invocation: its event is the body, as JSON, and headers describe it."""
        return await self._call("GET", "/invocation/next", status=200)

    async def invocation_error(self, invocation: Mapping[str, str], failure: Failure) -> None:
        """Ends an invocation whose response has not begun. `invocation` are the headers of `next`."""
        path = f"/invocation/{invocation['lambda-runtime-aws-request-id']}/error"
        await self._report(path, failure, _echo(invocation))

    async def init_error(self, failure: Failure) -> None:
        """Reports why this process cannot serve."""
        await self._report("/init/error", failure)

    async def restore_next(self) -> None:
        """Lets Lambda take its snapshot; returns in each process that is restored from it."""
        await self._call("GET", "/restore/next", status=200)

    async def restore_error(self, failure: Failure) -> None:
        """Reports why this process cannot serve after it was restored."""
        await self._report("/restore/error", failure)

    async def response(self, invocation: Mapping[str, str], prelude: bytes) -> "ResponseStream":
        """Begins the response to an invocation by sending `prelude`, its status and headers."""
        headers = {
            "Lambda-Runtime-Function-Response-Mode": "streaming",
            "Content-Type": "application/vnd.awslambda.http-integration-response",
            "Transfer-Encoding": "chunked",
            "Trailer": "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
            **_echo(invocation),
        }
        path = f"/invocation/{invocation['lambda-runtime-aws-request-id']}/response"
        reader, writer = await self._connect()
        # Without a buffer of our own, drain waits until the operating system has taken every byte.
        writer.transport.set_write_buffer_limits(high=0)
        writer.write(self._head("POST", path, headers) + _chunk(prelude))
        return ResponseStream(reader, writer, self._write_seconds)

    async def result(self, invocation: Mapping[str, str], body: bytes) -> None:
        """Answers an invocation in one piece, with JSON."""
        path = f"/invocation/{invocation['lambda-runtime-aws-request-id']}/response"
        headers = {"Content-Type": "application/json", **_echo(invocation)}
        await self._call("POST", path, headers, body, status=202)

    async def _report(self, path: str, failure: Failure, echo: Mapping[str, str] = {}) -> None:
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Function-Error-Type": failure.type,
            **echo,
        }
        await self._call("POST", path, headers, failure.body, status=202)

    async def _call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] = {},
        body: bytes = b"",
        *,
        status: int,
    ) -> Reply:
        headers = {**headers, "Content-Length": str(len(body))}
        reader, writer = await self._connect()
        try:
            writer.write(self._head(method, path, headers) + body)
            with _as_runtime_api_error():
                reply = await _read_reply(reader)
        finally:
            writer.close()
        if reply.status != status:
            raise RuntimeApiError(f"{method} {path} was answered with {reply.status}")
        return reply

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self._address.rpartition(":")
        with _as_runtime_api_error():
            return await asyncio.open_connection(host, int(port))

    def _head(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {_PREFIX}{path} HTTP/1.1", f"Host: {self._address}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


class ResponseStream:
    """A response that has begun: call `write` as often as needed, then `end` or `fail`, then `close`.

    If it is closed before its end, Lambda sees a truncated response. `write`, `end` and `fail` raise
    RuntimeApiError if the Runtime API's side has taken nothing for `write_seconds`.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, write_seconds: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._write_seconds = write_seconds

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Sends a chunk at once; returns when the Runtime API's side has taken it."""
        data = chunk if isinstance(chunk, bytes) else bytes(memoryview(chunk))
        if not data:
            return  # a chunk without bytes is how HTTP ends a body
        with _as_runtime_api_error():
            self._writer.write(_chunk(data))
            await self._drain()

    async def end(self) -> None:
        """Completes the response."""
        await self._end({})

    async def fail(self, failure: Failure) -> None:
        """Breaks the response off, and reports why."""
        await self._end(failure.trailers)

    def close(self) -> None:
        """Closes the connection, and drops all that was not taken yet."""
        self._writer.transport.abort()

    async def _end(self, trailers: Mapping[str, str]) -> None:
        lines = ["0", *(f"{name}: {value}" for name, value in trailers.items()), "", ""]
        with _as_runtime_api_error():
            self._writer.write("\r\n".join(lines).encode("latin-1"))
            await self._drain()
            try:
                async with asyncio.timeout(self._write_seconds):
                    reply = await _read_reply(self._reader)
            except TimeoutError:
                raise self._untaken() from None
        if reply.status != 202:
            raise RuntimeApiError(f"The response was answered with {reply.status}")

    async def _drain(self) -> None:
        """Waits until the operating system has taken every byte; raises if it takes none for too long."""
        transport = self._writer.transport
        if not transport.get_write_buffer_size():
            await self._writer.drain()  # nearly always so, and a timer would cost more than the write
            return
        while left := transport.get_write_buffer_size():
            try:
                async with asyncio.timeout(self._write_seconds):
                    await self._writer.drain()
            except TimeoutError:
                if transport.get_write_buffer_size() == left:
                    raise self._untaken() from None

    def _untaken(self) -> RuntimeApiError:
        seconds = self._write_seconds
        return RuntimeApiError(f"The Runtime API took nothing of the response for {seconds:g} seconds")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _echo(invocation: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in invocation.items() if k == _INVOCATION_ID}


@contextlib.contextmanager
def _as_runtime_api_error() -> Generator[None]:
    try:
        yield
    except (OSError, EOFError) as error:
        raise RuntimeApiError("The Runtime API closed the connection") from error


async def _read_reply(reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.rstrip("\r\n").split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Reply(int(status_line.split(" ", 2)[1]), headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks: list[bytes] = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    return b"".join(chunks)
