"""A Runtime API on loopback, as Lambda's looks to a runtime, that shows every byte it was sent."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

PREFIX = "/2018-06-01/runtime"
DEADLINE_SECONDS = 30


class Invocation:
    """One invocation, and what has come back for it so far."""

    def __init__(self, request_id: str, event: object, headers: Mapping[str, str]) -> None:
        self.request_id = request_id
        self.event = json.dumps(event).encode()
        self.headers = {
            "Content-Type": "application/json",  # Lambda's own client for buffered functions crashes without
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 60) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:1:function:chat",
            **headers,
        }
        self.response_headers: dict[str, str] = {}
        self.error: dict[str, Any] | None = None
        self.error_headers: dict[str, str] = {}
        self.trailers: dict[str, str] = {}
        self.ended = False
        self.cut = False
        self._sent = bytearray()
        self._changed = asyncio.Condition()

    @property
    def head(self) -> dict[str, Any]:
        """The prelude: statusCode, headers, cookies."""
        return json.loads(self._sent[: self._sent.index(bytes(8))])

    @property
    def payload(self) -> Any:
        """What a function that does not stream has answered."""
        return json.loads(self._sent)

    @property
    def body(self) -> bytes:
        return bytes(self._sent[self._sent.index(bytes(8)) + 8 :]) if bytes(8) in self._sent else b""

    async def until_body(self, body: bytes) -> None:
        """Waits until this much of the body has come, and no more."""
        async with asyncio.timeout(DEADLINE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.body == body)

    async def until_over(self) -> "Invocation":
        """Waits for the end of the response, for an error, or for a connection that broke off."""
        async with asyncio.timeout(DEADLINE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.ended or self.cut or self.error is not None)
        return self

    async def add(self, chunk: bytes) -> None:
        self._sent += chunk
        async with self._changed:
            self._changed.notify_all()


class RuntimeApi:
    """Serves the calls of one runtime. `calls` lists them, without their invocation's id."""

    def __init__(self) -> None:
        self.address = ""
        self.calls: list[str] = []
        self.init_error: dict[str, Any] | None = None
        self.restore_error: dict[str, Any] | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        self.restored = asyncio.Event()
        self.refuses_the_next_response = False
        self._waiting: asyncio.Queue[Invocation] = asyncio.Queue()
        self._invocations: dict[str, Invocation] = {}

    def invoke(self, event: object, headers: Mapping[str, str] | None = None) -> Invocation:
        """Puts an event before the runtime."""
        invocation = Invocation(f"request-{len(self._invocations) + 1}", event, headers or {})
        self._invocations[invocation.request_id] = invocation
        self._waiting.put_nowait(invocation)
        return invocation

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the runtime ended in the middle; what it had sent is what tests look at
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
        method, path, _ = request.split(" ")
        assert path.startswith(PREFIX)
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        match [method, *parts]:
            case ["GET", "invocation", "next"]:
                self.calls.append("next")
                await self._next(reader, writer)
            case ["POST", "invocation", request_id, "response"]:
                self.calls.append("response")
                await self._response(self._invocations[request_id], headers, reader, writer)
            case ["GET", "restore", "next"]:
                self.calls.append("restore/next")
                await self.restored.wait()
                await reply(writer, 200)
            case _:
                self.calls.append("/".join(p for p in parts if p not in self._invocations))
                await self._error(parts, headers, reader)
                await reply(writer, 202)

    async def _next(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = asyncio.ensure_future(self._waiting.get())
        gone = asyncio.ensure_future(reader.read())
        await asyncio.wait({taken, gone}, return_when=asyncio.FIRST_COMPLETED)
        if taken.done():
            await reply(writer, 200, taken.result().headers, taken.result().event)
        taken.cancel()
        gone.cancel()

    async def _response(
        self,
        invocation: Invocation,
        headers: dict[str, str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if self.refuses_the_next_response:
            self.refuses_the_next_response = False
            await invocation.add(b"")
            return  # hangs up
        invocation.response_headers = headers
        try:
            if "content-length" in headers:
                await invocation.add(await reader.readexactly(int(headers["content-length"])))
                invocation.ended = True
                await reply(writer, 202)
                return
            while size := int(await self._line(reader), 16):
                data = await reader.readexactly(size)
                assert await self._line(reader) == ""
                await invocation.add(data)
            while line := await self._line(reader):
                name, value = line.split(":", 1)
                invocation.trailers[name.lower()] = value.strip()
            invocation.ended = True
            await reply(writer, 202)
        except asyncio.IncompleteReadError:
            invocation.cut = True
        await invocation.add(b"")

    async def _line(self, reader: asyncio.StreamReader) -> str:
        await self.reading.wait()
        return (await reader.readuntil(b"\r\n")).decode().removesuffix("\r\n")

    async def _error(self, parts: list[str], headers: dict[str, str], reader: asyncio.StreamReader) -> None:
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        assert headers["lambda-runtime-function-error-type"] == body["errorType"]
        match parts:
            case ["invocation", request_id, "error"]:
                invocation = self._invocations[request_id]
                invocation.error, invocation.error_headers = body, headers
                await invocation.add(b"")
            case ["init", "error"]:
                self.init_error = body
            case ["restore", "error"]:
                self.restore_error = body
            case _:
                raise AssertionError(parts)


async def reply(
    writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str] = {}, body: bytes = b""
) -> None:
    """Sends a reply; a large body in chunks of unknown number, as Lambda's own server does."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{k}: {v}" for k, v in headers.items())]
    if len(body) <= 2048:
        lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
        pieces = [body[i : i + 32768] for i in range(0, len(body), 32768)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()


@asynccontextmanager
async def serve_runtime_api() -> AsyncGenerator[RuntimeApi]:
    """A Runtime API on a port of its own, with so small buffers that a pause is soon felt."""
    api = RuntimeApi()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    server = await asyncio.start_server(api.serve, sock=listener)
    async with server:
        api.address = f"127.0.0.1:{listener.getsockname()[1]}"
        yield api
