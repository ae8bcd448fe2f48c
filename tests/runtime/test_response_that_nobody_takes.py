"""A client that takes nothing does not hold a process: after some seconds its invocation ends."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from lambda_stream.api import RuntimeApi as Runtime
from lambda_stream.api import RuntimeApiError
from tests.runtime.processes import StartFunction
from tests.runtime.runtime_api import RuntimeApi
from tests.runtime.wire import Wire
from tests.waiting import until

SOON = {"LAMBDA_STREAM_WRITE_SECONDS": "0.3"}


async def test_a_response_that_nobody_takes_is_given_up_when_its_body_is_closed(
    api: RuntimeApi, start: StartFunction, wire: Wire
):
    function = await start(**SOON)
    api.reading.clear()
    untaken = api.invoke({"do": "pour_until_closed"})
    assert await wire.hear() == "closing"
    # What the body has still to do, such as a turn to its end, is done before the response breaks off.
    assert api.calls == ["next", "response"]
    await wire.say("go on")
    await until(lambda: api.calls.count("next") == 2)
    api.reading.set()
    await untaken.until_over()
    after = await api.invoke({"do": "say", "words": ["fine"]}).until_over()
    function.terminate()
    _, log = await function.until_ended()

    assert (untaken.ended, untaken.cut) == (False, True)
    assert (after.ended, after.body) == (True, b"fine")
    assert "took nothing of the response for 0.3 seconds" in log
    assert untaken.request_id in log


async def test_a_response_whose_last_bytes_nobody_takes_is_given_up_too(
    api: RuntimeApi, start: StartFunction
):
    await start(**SOON)
    api.reading.clear()
    untaken = api.invoke({"do": "say", "words": ["the system's buffers hold as much as this"]})
    await until(lambda: api.calls.count("next") == 2)
    api.reading.set()
    after = await api.invoke({"do": "say", "words": ["fine"]}).until_over()

    assert untaken.error is None
    assert (after.ended, after.body) == (True, b"fine")


async def test_a_response_that_is_taken_slowly_is_taken_to_its_end():
    size, limit = 10_000_000, 0.6
    async with slow_api() as (address, taken):
        stream = await Runtime(address, write_seconds=limit).response(
            {"lambda-runtime-aws-request-id": "1"}, b"{}" + bytes(8)
        )
        await stream.write(bytes(size))
        stream.close()

        assert sum(taken) > size // 2, "the system has the rest"


async def test_a_write_fails_once_nothing_is_taken_any_more():
    async with slow_api(pieces=20) as (address, _):
        stream = await Runtime(address, write_seconds=0.2).response(
            {"lambda-runtime-aws-request-id": "1"}, b"{}" + bytes(8)
        )
        with pytest.raises(RuntimeApiError, match=r"took nothing of the response for 0\.2 seconds"):
            await stream.write(bytes(50_000_000))
        stream.close()


@asynccontextmanager
async def slow_api(pieces: int = 1_000_000) -> AsyncGenerator[tuple[str, list[int]]]:
    """A server that takes so many small pieces, a hundred a second at most; its address, and their sizes."""
    taken: list[int] = []
    closing, closed = asyncio.Event(), asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while len(taken) < pieces and (piece := await reader.read(65536)):
                taken.append(len(piece))
                await asyncio.sleep(0.01)
        await closing.wait()
        writer.close()
        closed.set()

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    async with await asyncio.start_server(take, sock=listener):
        yield f"127.0.0.1:{listener.getsockname()[1]}", taken
        closing.set()
        await closed.wait()
