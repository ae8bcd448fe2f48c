"""A turn whose new owner fails before it has begun is nobody's again at once, not when its lease is over."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from turn_world import APP, VENDOR, World

from aicode.auth import Authenticator
from aicode.errors import NotFound, StoreUnavailable
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Committed, TurnRef
from aicode.history.records import Record
from aicode.history.usage import no_usage
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.session_manager.turn_writer import Batch
from chat.agent.turn.takeover import close_abandoned, take_over
from chat.dependencies import Dependencies
from chat.turn_stream import Invocation, new_turn
from dev.upstash.faults import Fault
from tests.chat.test_handed_over import invoked
from tests.function_event import function_event, token
from tests.observing import Operators

LEASE_MS = 30_001


class AwayStore(SqliteFileStore):
    """A file store that is away when a turn is taken over."""

    async def raise_fence(self, vendor: str, app_id: str, turn: TurnRef) -> None:
        raise StoreUnavailable("The store does not answer.")


class MeanwhileStore(SqliteFileStore):
    """A file store, and what somebody else does while a turn is taken over."""

    meanwhile: Callable[[], Awaitable[object]]

    async def raise_fence(self, vendor: str, app_id: str, turn: TurnRef) -> None:
        await self.meanwhile()
        await super().raise_fence(vendor, app_id, turn)

    async def stored(self, vendor: str, app_id: str, key: str) -> Committed | None:
        await self.meanwhile()
        return await super().stored(vendor, app_id, key)


def fault(world: World, containing: str, skip: int = 0) -> Fault:
    """From so many of these requests on none is answered."""
    assert world.redis.faults is not None
    return world.redis.faults.add("bad_gateway", containing=containing, skip=skip)


async def an_interrupted_turn(world: World) -> str:
    begun = await world.begin()
    world.clock += LEASE_MS
    assert await status(world, begun.writer.sid) == "interrupted"
    return begun.writer.sid


async def status(world: World, sid: str) -> str:
    assert world.redis.faults is not None
    world.redis.faults.clear()
    return (await world.sessions.state(VENDOR, sid)).status


async def test_a_turn_that_is_closed_for_its_owner_is_counted_and_told_of_by_its_own_ids(world: World):
    sid, operators = await an_interrupted_turn(world), Operators()
    observer = operators.observer()

    await close_abandoned(world.sessions, world.store, VENDOR, sid, str, observer)
    observer.bind(session=sid, turn=2, epoch=3)  # the turn of the message for which the other was closed
    await observer.finish()

    [(what, facts)] = operators.logged
    assert (what, facts["outcome"]) == ("turn ended", "interrupted")
    assert (facts["session"], facts["turn"], facts["epoch"]) == (sid, 1, 2)
    assert operators.metrics("Outcome=interrupted")["Turns"] == [1]
    assert operators.metrics()["TurnErrors"] == [1]


async def test_a_file_store_that_is_away_leaves_the_turn_to_the_next(world: World, tmp_path: Path):
    sid = await an_interrupted_turn(world)
    away = AwayStore(tmp_path / "away.db")

    with pytest.raises(StoreUnavailable):
        await take_over(world.sessions, away, VENDOR, sid)
    away.close()

    assert await status(world, sid) == "interrupted"
    assert await take_over(world.sessions, world.store, VENDOR, sid) is not None


async def test_a_turn_that_could_not_be_closed_is_left_to_the_next(world: World):
    sid = await an_interrupted_turn(world)
    ending = fault(world, f's:{sid}:x","run:{VENDOR}","ix:')

    with pytest.raises(StoreUnavailable):
        await close_abandoned(world.sessions, world.store, VENDOR, sid, str, Operators().observer())

    assert ending.struck > 0
    assert await status(world, sid) == "interrupted"


async def test_a_turn_whose_session_is_deleted_while_it_is_taken_over_is_gone(world: World, tmp_path: Path):
    await _an_app_at(tmp_path)
    store = MeanwhileStore(tmp_path / "apps.sqlite3")
    sid = await an_interrupted_turn(world)
    epoch = (await world.sessions.state(VENDOR, sid)).epoch

    async def fence_off() -> None:
        await SqliteFileStore.raise_fence(store, VENDOR, APP, TurnRef(sid, 1, epoch + 2))

    store.meanwhile = fence_off
    assert await take_over(world.sessions, store, VENDOR, sid) is None
    store.close()


async def test_a_turn_whose_session_is_deleted_while_it_is_closed_is_gone(world: World, tmp_path: Path):
    await _an_app_at(tmp_path)
    store = MeanwhileStore(tmp_path / "apps.sqlite3")
    begun = await world.begin()
    sid = begun.writer.sid
    asked: Record = {
        "kind": "step",
        "step": 1,
        "content": [{"type": "tool_use", "id": "toolu_1", "name": "delete_file", "input": {"path": "a.txt"}}],
        "stopReason": "tool_use",
        "model": "claude-test",
        "usage": no_usage(),
        "at": world.clock,
    }
    await begun.writer.checkpoint(world.clock, Batch(records=[asked]))
    world.clock += LEASE_MS
    looks = 0

    async def delete() -> None:
        nonlocal looks
        looks += 1
        if looks == 2:  # the outcome of its calls is asked for
            await world.sessions.delete(VENDOR, sid)

    store.meanwhile = delete
    await close_abandoned(world.sessions, store, VENDOR, sid, str, Operators().observer())
    store.close()

    assert looks == 2
    with pytest.raises(NotFound):
        await world.begin(sid=sid)


# The history when it is claimed, then the events: what the dead owner had shown, and what the reader missed.
@pytest.mark.parametrize(
    ("command", "skip"), [("Reads a session", 0), ('"XRANGE","s:{}:e"', 0), ('"XRANGE","s:{}:e"', 1)]
)
async def test_a_session_store_that_is_away_for_a_moment_leaves_the_turn_to_the_next(
    world: World, tmp_path: Path, command: str, skip: int
):
    world.clock = int(time.time() * 1000) - LEASE_MS
    sid = await an_interrupted_turn(world)
    await _an_app_at(tmp_path)
    path = f"{world.settings.base_path}/{sid}/stream"
    reads = fault(world, command.format(sid), skip)
    told = await invoked(
        world,
        function_event("GET", path, query="continue=1", headers={"authorization": f"Bearer {token(VENDOR)}"}),
        {"DATA_DIR": str(tmp_path), "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"},
    )

    assert told.startswith("503 ")
    assert reads.struck > 0
    assert await status(world, sid) == "interrupted"


@pytest.mark.parametrize(
    ("headers", "variables", "refusal"),
    [
        ({"cookie": f"vendor_session={token(VENDOR)}"}, {}, "403 "),
        ({"cookie": f"vendor_session={token(VENDOR)}", "origin": "https://evil.example"}, {}, "403 "),
        ({"authorization": f"Bearer {token(VENDOR)}"}, {"MAX_CONCURRENT_TURNS": "1"}, "429 "),
        ({"authorization": f"Bearer {token(VENDOR)}"}, {"RATE_LIMIT_PER_MINUTE": "1"}, "429 "),
    ],
)
async def test_who_may_send_no_message_takes_no_turn_up(
    world: World, tmp_path: Path, headers: dict[str, str], variables: dict[str, str], refusal: str
):
    world.clock = int(time.time() * 1000) - LEASE_MS
    sid = await an_interrupted_turn(world)
    await world.begin()
    path = f"{world.settings.base_path}/{sid}/stream"
    told = await invoked(
        world,
        function_event("GET", path, query="continue=1", headers=headers),
        {"DATA_DIR": str(tmp_path), "ANTHROPIC_BASE_URL": "http://127.0.0.1:9", **variables},
    )

    assert told.startswith(refusal)
    assert await status(world, sid) == "interrupted"


async def test_a_stream_that_is_closed_before_it_began_leaves_its_turn_to_the_next(world: World):
    begun, operators = await world.begin(), Operators()
    have = Dependencies(
        settings=world.settings,
        authenticator=Authenticator(world.settings),
        admit=RequestLimits(RedisClient(world.redis.url, world.redis.token)).admit,
        sessions=world.sessions,
        telemetry=operators.telemetry,
        demo=False,
    )
    invocation = Invocation(
        function="chat", limit=900.0, seconds_left=lambda: 900.0, observer=operators.observer()
    )

    await new_turn(have, begun, invocation).aclose()

    assert await status(world, begun.writer.sid) == "interrupted"
    assert operators.logged == []


async def _an_app_at(folder: Path) -> None:
    store = SqliteFileStore(folder / "apps.sqlite3")
    await store.create_app(VENDOR, "App", app_id=APP)
    store.close()
