"""A turn of hundreds of events, read from everywhere: each reader gets what it missed, once and in order.

As many read it at once as may. `make crashes` takes it up behind every event, the other tests behind every
fourth.
"""

import asyncio
import random
from collections.abc import Sequence

import pytest
from crash_world import ALL, FaultWorld

from aicode.session_manager.reader import SESSION_READERS
from tests.end_to_end.stack import Event, assert_well_formed, texts
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVERY = 1 if ALL else 4


def plain(events: Sequence[Event]) -> list[tuple[str, str, object]]:
    """What two readers of the same events must both have seen."""
    return [(event.id, event.type, event.data) for event in events]


async def test_many_readers_join_a_running_turn_and_then_any_event_is_a_place_to_resume_from(
    world: FaultWorld,
):
    vendor, session = await world.vendor_with_session()
    chance = random.Random(1)  # noqa: S311 - a seed makes the test repeatable
    async with asyncio.timeout(3 * PATIENCE), vendor.post("Say many words", session) as live:
        following = asyncio.create_task(live.rest())

        async def reader() -> tuple[int, list[Event]]:
            await asyncio.sleep(chance.uniform(0, 3))
            after = chance.randrange(max(1, len(live.seen)))
            async with vendor.resume(session, f"2-{after}") as stream:
                return after, await stream.rest()

        readers = await asyncio.gather(*(reader() for _ in range(SESSION_READERS)))
        events = await following

    assert_well_formed(events)
    assert len(events) >= 40, "a busy process tells several words at once"
    for after, seen in readers:
        assert plain(seen) == plain(events[after:])

    limit = asyncio.Semaphore(4)

    async def resumed(after: int) -> None:
        async with limit:
            assert plain(await vendor.missed(session, f"2-{after}")) == plain(events[after:])

    await asyncio.gather(*(resumed(after) for after in range(0, len(events) + 1, EVERY)))
    await vendor.forget_events(session)
    replay = await vendor.missed(session, "2-1")
    assert_well_formed(replay)
    assert texts(replay) == texts(events)
    assert replay[-1].data == events[-1].data
    assert await vendor.missed(session, replay[-1].id) == []
