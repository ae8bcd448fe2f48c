"""How long a reader hears nothing while the store hardly answers, in virtual time."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from sim_store import Process
from sim_world import VENDOR, World
from virtual_time import VirtualTimeLoop

from aicode.errors import StoreUnavailable
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.redis import sdk
from aicode.redis.replies import ATTEMPTS
from aicode.session_manager.manager import OwnedTurn
from aicode.session_manager.reader import LoggedEvents, SessionReader, SessionState
from chat.event_reader import EventReader
from dev.upstash.valkey import EmbeddedValkey
from tests.session_store import new_turn

# What the API promises; whoever is in between may close what is silent for longer.
SILENCE = 10.0


class SlowReader(SessionReader):
    """A store that takes as long as it may, and every other time does not answer even then."""

    def __init__(self, sessions: SessionReader) -> None:
        self._sessions = sessions
        self._asked = 0

    async def events(self, vendor: str, sid: str, cursor: str) -> tuple[SessionState, Sequence[LoggedEvents]]:
        """The next entries."""
        self._asked += 1
        await asyncio.sleep(sdk.SECONDS * ATTEMPTS)
        if self._asked % 2 == 0:
            raise StoreUnavailable("The session store does not answer.")
        return await self._sessions.events(vendor, sid, cursor)

    async def attach(
        self, vendor: str, sid: str, *, seconds: float
    ) -> tuple[SessionState, Sequence[LoggedEvents], str | None]:
        """Its first entries, at once."""
        return await self._sessions.attach(vendor, sid, seconds=seconds)

    async def detach(self, vendor: str, slot: str) -> None:
        """Never answered."""
        await asyncio.sleep(sdk.SECONDS * ATTEMPTS)
        raise StoreUnavailable("The session store does not answer.")


async def _spoken(folder: Path, valkey: EmbeddedValkey) -> list[float]:
    """When a reader that follows for two minutes hears something."""
    files = SqliteFileStore(folder / "files.sqlite")
    world = World(0, valkey, files, "app")
    world.network.unreliable = False
    sessions = world.sessions(Process())
    begun = await sessions.begin(new_turn(vendor=VENDOR), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    sessions.now_ms = lambda: 0  # its lease does not end
    reader = EventReader(SlowReader(sessions), VENDOR, begun.writer.sid)
    first = await reader.first(None)
    assert first == b""
    clock = asyncio.get_running_loop().time
    until = clock() + 120
    times = [clock(), *[clock() async for _ in reader.follow(first, lambda: until - clock())]]
    files.close()
    return times


def test_a_reader_is_never_left_without_a_word_for_more_than_ten_seconds(
    tmp_path: Path, valkey: EmbeddedValkey
):
    loop = VirtualTimeLoop()
    times = loop.run_until_complete(_spoken(tmp_path, valkey))
    loop.close()

    assert times[-1] > 100
    assert max(later - earlier for earlier, later in pairwise(times)) <= SILENCE
