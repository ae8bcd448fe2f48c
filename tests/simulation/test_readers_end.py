"""When a reader's stream ends before its turn, in virtual time: in good time, and it says so."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sim_store import Process
from sim_world import MODEL, VENDOR, World
from test_silence import SlowReader
from virtual_time import VirtualTimeLoop

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.session_manager.manager import NewTurn, OwnedTurn, SessionManager
from chat.event_reader import EventReader
from dev.upstash.valkey import EmbeddedValkey

RECONNECT = b": reconnect\n\n"


@asynccontextmanager
async def a_running_turn(
    folder: Path, valkey: EmbeddedValkey
) -> AsyncGenerator[tuple[World, SessionManager, str]]:
    """A turn whose owner says nothing and lives for ever."""
    files = SqliteFileStore(folder / "files.sqlite")
    world = World(0, valkey, files, "app")
    world.network.unreliable = False
    sessions = world.sessions(Process())
    sessions.now_ms = lambda: 0
    new = NewTurn(
        vendor=VENDOR, app="app", session_id=None, message_id="m", text="Hi", model=MODEL, title="Hi"
    )
    begun = await sessions.begin(new, owner_known=True)
    assert isinstance(begun, OwnedTurn)
    yield world, sessions, begun.writer.sid
    files.close()


async def read(reader: EventReader, limit: float) -> tuple[float, bytes]:
    """When the stream of a function with this time limit has ended, and its last words."""
    clock = asyncio.get_running_loop().time
    began = clock()
    first = await reader.attach(None)
    assert first == b""
    chunks = [chunk async for chunk in reader.follow(first, lambda: began + limit - clock())]
    return clock() - began, chunks[-1]


def in_virtual_time(work: Callable[[], Coroutine[None, None, None]]) -> None:
    loop = VirtualTimeLoop()
    loop.run_until_complete(work())
    loop.close()


@pytest.mark.parametrize("limit", [1.0, 8.0, 30.0])
@pytest.mark.parametrize("slow", [False, True])
def test_a_stream_has_four_fifths_of_its_functions_time_at_least_and_never_all_of_it(
    tmp_path: Path, valkey: EmbeddedValkey, limit: float, slow: bool
):
    async def work() -> None:
        async with a_running_turn(tmp_path, valkey) as (_, sessions, sid):
            store = SlowReader(sessions) if slow else sessions
            ended, last = await read(EventReader(store, VENDOR, sid), limit)

            assert 0.8 * limit <= ended < limit
            assert last == RECONNECT

    in_virtual_time(work)


def test_a_stream_ends_after_ninety_seconds_so_that_one_whose_client_has_left_does_not_stay(
    tmp_path: Path, valkey: EmbeddedValkey
):
    async def work() -> None:
        async with a_running_turn(tmp_path, valkey) as (world, sessions, sid):
            ended, last = await read(EventReader(sessions, VENDOR, sid), 900.0)

            assert 90 <= ended < 91
            assert last == RECONNECT
            assert world.network.execute("/", ["ZCARD", f"readers:{VENDOR}"]) == {"result": 0}

    in_virtual_time(work)
