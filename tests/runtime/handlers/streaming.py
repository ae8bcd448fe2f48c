"""The handlers that the runtime's tests start: what one does is the `do` of its event."""

import asyncio
import contextvars
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lambda_stream import Context, Response


@dataclass(frozen=True)
class Answer:
    body: AsyncIterator[bytes | bytearray | memoryview]
    status: int = 200
    headers: Mapping[str, Any] = field(default_factory=lambda: {"Content-Type": "text/plain"})
    cookies: Sequence[str] = ()


class Wire:
    """A line of talk with the test, on one connection that lives as long as the process."""

    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def say(self, word: str) -> None:
        _, writer = await self._open()
        writer.write(f"{word}\n".encode())
        await writer.drain()

    async def hear(self) -> str:
        reader, _ = await self._open()
        return (await reader.readline()).decode().strip()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", int(os.environ["WIRE"]))
        return self._streams


class SecretError(Exception):
    """What is raised where the message must not get out."""


wire = Wire()
seen = contextvars.ContextVar("seen", default=0)
pulled = 0
invocations = 0


async def handler(event: dict[str, Any], context: Context) -> Response | dict[str, object]:
    if event["do"] == "return":
        return event["value"]
    return await BEHAVIOURS[event["do"]](event, context)


async def say(event: dict[str, Any], context: Context) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        for word in event["words"]:
            yield word.encode()

    return Answer(body(), event.get("status", 200), event.get("headers", {}), event.get("cookies", ()))


async def tell(event: dict[str, Any], context: Context) -> Answer:
    """What this invocation knows of itself, as JSON."""
    global invocations  # noqa: PLW0603  (what lives in the module is what is asked about)
    invocations += 1
    seen.set(seen.get() + 1)
    client = context.client_context
    facts = {
        "invocations": invocations,
        "loop": id(asyncio.get_running_loop()),
        "loop_of": type(asyncio.get_running_loop()).__module__,
        "context_variable": seen.get(),
        "remaining": context.get_remaining_time_in_millis(),
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "function": [context.function_name, context.function_version, context.memory_limit_in_mb],
        "log": [context.log_group_name, context.log_stream_name],
        "tenant": context.tenant_id,
        "identity": list(context.identity),
        "client": client and [client.client and client.client.app_title, client.custom, client.env],
        "tasks": len(asyncio.all_tasks()),
        "open_files": count_open_files(),
        "event_size": len(event.get("filler", "")),
    }

    async def body() -> AsyncIterator[bytes]:
        yield repr(facts).encode()

    return Answer(body())


def count_open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


async def wait_between_chunks(event: dict[str, Any], context: Context) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await wire.say("waiting")
            await wire.hear()
            yield b"two"
        finally:
            await wire.say("closed")

    return Answer(body())


async def pour(event: dict[str, Any], context: Context) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        global pulled
        for pulled in range(1, event["chunks"] + 1):  # noqa: B007  (read by answer_pings)
            yield bytes(event["size"])

    async def answer_pings() -> None:
        while await wire.hear():
            await wire.say(str(pulled))

    await wire.say("pouring")
    Wire.pings = asyncio.create_task(answer_pings())  # pyright: ignore[reportAttributeAccessIssue]
    return Answer(body())


async def pour_until_closed(event: dict[str, Any], context: Context) -> Answer:
    """Pours more than any buffer holds; closing the body takes until the test says so."""

    async def body() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(65536)
        finally:
            await wire.say("closing")
            await wire.hear()

    return Answer(body())


async def all_kinds_of_bytes(event: dict[str, Any], context: Context) -> Answer:
    async def body() -> AsyncIterator[bytes | bytearray | memoryview]:
        yield b""
        yield bytearray(b"array,")
        yield memoryview(b"")
        yield memoryview(b"01234567").cast("I")
        yield b","
        yield b"x" * event["size"]

    return Answer(body())


async def fail_before(event: dict[str, Any], context: Context) -> Answer:
    try:
        return event["sk-secret-cause"]
    except KeyError as error:
        raise SecretError("sk-secret") from error


async def fail_during(event: dict[str, Any], context: Context) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        yield b"some"
        async with asyncio.TaskGroup() as group:
            group.create_task(fail_before(event, context))

    return Answer(body())


async def be_cancelled_by_itself(event: dict[str, Any], context: Context) -> Answer:
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()
    await task
    raise AssertionError


async def answer_with_a_bad_head(event: dict[str, Any], context: Context) -> Answer:
    class Body:
        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            raise AssertionError

        async def aclose(self) -> None:
            await wire.say("closed")

    return Answer(Body(), headers={"X-Bad": b"bytes are not JSON"})


async def iterate_apart(event: dict[str, Any], context: Context) -> Answer:
    """A body whose iterator is an object of its own, and ends by a plain `close`."""

    class Words:
        def __init__(self) -> None:
            self._words = iter([b"one"])

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            for word in self._words:
                return word
            raise SecretError

        def close(self) -> None:
            Wire.closing = asyncio.create_task(wire.say("closed"))  # pyright: ignore[reportAttributeAccessIssue]

    class Body:
        def __aiter__(self) -> AsyncIterator[bytes]:
            return Words()

    return Answer(Body())  # pyright: ignore[reportArgumentType]


async def fail_while_closing(event: dict[str, Any], context: Context) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await wire.say("waiting")
            await wire.hear()
        finally:
            raise SecretError("sk-secret")

    return Answer(body())


BEHAVIOURS = {
    each.__name__: each
    for each in (
        say,
        tell,
        wait_between_chunks,
        pour,
        pour_until_closed,
        all_kinds_of_bytes,
        fail_before,
        fail_during,
        be_cancelled_by_itself,
        answer_with_a_bad_head,
        iterate_apart,
        fail_while_closing,
    )
}
