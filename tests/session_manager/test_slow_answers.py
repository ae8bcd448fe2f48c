"""A database, or something in between, whose answers begin in time and never end."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from aicode.errors import StoreUnavailable
from aicode.redis import client, replies, sdk


@pytest.fixture
async def trickle() -> AsyncGenerator[str]:
    """A server that sends a byte now and then, for ever."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def test_all_tries_together_are_over_within_three_seconds() -> None:
    assert client.FIRST_SECONDS * replies.ATTEMPTS < 3
    assert sdk.SECONDS * replies.ATTEMPTS < 3


async def test_an_answer_that_does_not_end_is_not_waited_for(trickle: str) -> None:
    redis = client.RedisClient(trickle, "t")

    # The first go without the SDK, which the third has loaded and the later ones use.
    for _ in range(4):
        async with asyncio.timeout(30):
            with pytest.raises(StoreUnavailable):
                await redis.command("GET", "a")

    await redis.close()
