"""How many streams one vendor may read at once, and that each gives its slot back, however it ends."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import cast

import pytest
from turn_world import VENDOR, World

from aicode.auth import Authenticator
from aicode.errors import StoreUnavailable, TooManyStreams
from aicode.redis.client import RedisClient
from aicode.request_limits import RequestLimits
from aicode.session_manager.manager import SessionManager
from aicode.session_manager.reader import EVENT_PAGE
from aicode.session_manager.turn_writer import TurnWriter
from chat import continuation
from chat.dependencies import Dependencies
from chat.event_reader import LastEvent
from chat.handover import Invocation
from chat.held_stream import HeldStream
from tests.chat.test_resume import Turn, written
from tests.observing import Operators

SLOTS = 2


class Readers:
    """The readers of one turn, for whose vendor there are two slots."""

    def __init__(self, turn: Turn, client: RedisClient) -> None:
        world = turn.world
        settings = replace(world.settings, max_readers=SLOTS)
        self.turn = turn
        self._client = client
        self._have = Dependencies(
            settings=settings,
            authenticator=Authenticator(settings),
            admit=RequestLimits(client).admit,
            sessions=SessionManager(client, settings, now_ms=lambda: world.clock),
            telemetry=Operators().telemetry,
            demo=False,
        )

    @property
    def writer(self) -> TurnWriter:
        return self.turn.writer

    async def read(self, last: LastEvent | None = None, *, left: float = 900.0) -> AsyncIterator[bytes]:
        """A stream, of a function that has so many seconds left."""
        stream = await self.ask(last, left=left)
        assert stream is not None
        return stream

    async def ask(self, last: LastEvent | None = None, *, left: float = 900.0) -> AsyncIterator[bytes] | None:
        invocation = Invocation(
            function="chat", limit=left, seconds_left=lambda: left, observer=Operators().observer()
        )
        return await continuation.read(self._have, VENDOR, self.turn.sid, last, invocation)

    async def slots_taken(self) -> int:
        return int(await self._client.command("ZCARD", f"readers:{VENDOR}"))


@pytest.fixture
async def readers(world: World) -> AsyncGenerator[Readers]:
    turn = Turn(world, await world.begin())
    await turn.write(3)
    client = RedisClient(world.redis.url, "t")
    yield Readers(turn, client)
    await client.close()


async def rest(stream: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(30):
        return b"".join([chunk async for chunk in stream])


async def close(stream: AsyncIterator[bytes]) -> None:
    """What the runtime does with a body that nobody takes any more."""
    assert isinstance(stream, HeldStream)
    await stream.aclose()


async def test_a_reader_too_many_is_refused_before_its_stream_and_let_in_once_another_has_left(
    readers: Readers,
):
    streams = [await readers.read() for _ in range(SLOTS)]
    for stream in streams:
        await anext(stream)

    with pytest.raises(TooManyStreams):
        await readers.ask()
    await close(streams[0])
    third = await readers.read()
    await readers.turn.end()

    assert b"message_complete" in await rest(third)
    assert b"message_complete" in await rest(streams[1])
    assert await readers.slots_taken() == 0


async def test_who_needs_no_live_stream_is_answered_when_all_slots_are_taken(readers: Readers, world: World):
    finished = Turn(world, await world.begin())
    await finished.end()
    for _ in range(SLOTS):
        await readers.read()
    with pytest.raises(TooManyStreams):
        await readers.ask()
    readers.turn = finished

    assert b"message_complete" in await rest(await readers.read(LastEvent(1, 0)))
    assert await readers.ask(LastEvent(1, 1)) is None
    assert await readers.ask() is None
    assert await readers.slots_taken() == SLOTS


async def test_a_reader_whose_process_is_told_to_end_gives_its_slot_back(readers: Readers):
    stream = await readers.read()
    reading = asyncio.create_task(rest(stream))
    await asyncio.sleep(0)
    assert await readers.slots_taken() == 1

    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    assert await readers.slots_taken() == 0


async def test_a_reader_whose_session_is_deleted_gives_its_slot_back(readers: Readers, world: World):
    stream = await readers.read()
    await anext(stream)
    await world.sessions.delete(VENDOR, readers.turn.sid)

    assert b"turn_cancelled" in await rest(stream)
    assert await readers.slots_taken() == 0


async def test_a_reader_whose_function_ends_says_so_and_gives_its_slot_back(readers: Readers):
    stream = await readers.read(left=0.5)

    assert (await rest(stream)).endswith(b"\n\n: reconnect\n\n")
    assert await readers.slots_taken() == 0


async def test_a_reader_that_is_refused_for_another_reason_gives_its_slot_back(
    readers: Readers, world: World
):
    await written(readers.turn, [1] * EVENT_PAGE)
    assert world.redis.faults is not None
    away = world.redis.faults.add("bad_gateway", containing='"XRANGE","s:')

    with pytest.raises(StoreUnavailable):
        await readers.ask()

    assert away.struck > 0
    assert await readers.slots_taken() == 0


async def test_a_store_that_is_away_does_not_keep_a_reader_that_leaves(readers: Readers, world: World):
    stream = await readers.read()
    await anext(stream)
    assert world.redis.faults is not None
    away = world.redis.faults.add("bad_gateway", containing="ZREM")

    await close(stream)

    assert away.struck > 0
    assert await readers.slots_taken() == 1, "until its lease ends"


async def test_a_reader_whose_stream_is_closed_before_it_began_gives_its_slot_back(readers: Readers):
    stream = await readers.read()
    assert await readers.slots_taken() == 1

    await cast("HeldStream", stream).aclose()

    assert await readers.slots_taken() == 0
