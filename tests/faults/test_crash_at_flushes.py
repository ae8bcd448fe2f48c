"""SIGKILL at the flushes of a long answer, those that renew the lease among them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from crash_world import (
    WORDS,
    FaultWorld,
    a_fault_world,
    assert_history,
    assert_nothing_refused,
    joined,
    ownerless,
)

from tests.end_to_end.stack import assert_well_formed, texts
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER = "".join(f"word{n} " for n in range(WORDS))


@dataclass(frozen=True, slots=True)
class Point:
    """The nth flush, or the nth that renews the lease: not carried out, or not heard of."""

    nth: int
    after: bool
    renews: bool = False

    def __str__(self) -> str:
        kind = "renewal" if self.renews else "flush"
        return f"{'after' if self.after else 'before'}-{kind}-{self.nth}"


POINTS = [
    Point(3, after=True),
    *(Point(nth, after) for nth in (1, 4, 7) for after in (False, True)),
    *(Point(nth, after, renews=True) for nth in (0, 2) for after in (False, True)),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FaultWorld]:
    """A product whose lease is renewed several times in an answer of two seconds."""
    async with a_fault_world(tmp_path_factory.mktemp("flushes"), TURN_LEASE_SECONDS="2") as product:
        yield product


@pytest.mark.sample(0)
@pytest.mark.parametrize("point", POINTS, ids=str)
async def test_a_turn_that_dies_at_any_flush_is_taken_up_and_shown_once(world: FaultWorld, point: Point):
    vendor, session = await world.vendor_with_session()
    flush = f'"XADD","s:{session}:e"'
    renewal = f'"s:{session}:m","run:{vendor.name}","s:{session}:x"'
    fault = world.faults.add(
        "hang_answer" if point.after else "hang",
        times=1,
        containing=renewal if point.renews else flush,
        skip=point.nth,
    )
    try:
        async with world.watched(vendor.post("Say many words", session)) as watched:
            await until(lambda: fault.struck)
            seen = await watched.kill()
    finally:
        world.faults.active.remove(fault)
    assert (await ownerless(vendor, session))["status"] == "interrupted"

    async with vendor.resume(session, seen[-1].id, **{"continue": "1"}) as stream:
        page = joined(seen, await stream.rest())

    assert_well_formed(page)
    assert page[-1].type == "message_complete"
    assert texts(page) == ANSWER * 2
    whole = await vendor.missed(session, "2-0")
    assert [(e.id, e.type, e.data) for e in whole] == [(e.id, e.type, e.data) for e in page]
    await assert_history(vendor, session, ["Hello", "Say many words"])
    assert_nothing_refused(world)
