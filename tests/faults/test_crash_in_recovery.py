"""The process that takes a dead one's turn over dies too, at any command: the next one takes it over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from crash_world import (
    FaultWorld,
    assert_history,
    assert_nothing_refused,
    joined,
    ownerless,
)

from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import Event, assert_well_formed, texts
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True, slots=True)
class Point:
    """Where it dies: at the nth command of a kind, not carried out or not heard of."""

    then: Literal["message", "continue"]
    name: str
    nth: int = 0
    after: bool = False

    def __str__(self) -> str:
        return f"{self.then}-{'after' if self.after else 'before'}-{self.name}-{self.nth}"


# What only such a command holds, of this vendor or this session.
COMMANDS: dict[str, Callable[[str, str], str]] = {
    "claim": lambda vendor, sid: f'"s:{sid}:m","s:{sid}:e","run:{vendor}"',
    "checkpoint": lambda vendor, sid: f's:{sid}:f","tokens:{vendor}:',
    "end": lambda vendor, sid: f's:{sid}:x","run:{vendor}","ix:',
    "begin": lambda vendor, _: f"rate:{vendor}",
}
POINTS = [
    Point("message", "end", after=True),
    Point("continue", "claim", after=True),
    Point("continue", "checkpoint", after=True),
    Point("message", "claim", after=True),
    Point("continue", "end", after=True),
    *(Point("continue", name) for name in ("claim", "checkpoint", "end")),
    *(Point("continue", "checkpoint", 1, after) for after in (False, True)),
    *(Point("message", name) for name in ("claim", "end")),
    # The first begin finds the dead turn, the second one comes behind its end.
    *(Point("message", "begin", 1, after) for after in (False, True)),
]


@pytest.mark.sample(0)
@pytest.mark.parametrize("point", POINTS, ids=str)
async def test_whoever_dies_while_taking_a_turn_over_leaves_it_to_the_next(world: FaultWorld, point: Point):
    vendor, session = await world.vendor_with_session()
    message = f"Do it in two batches [batch/{point}]"
    async with world.watched(vendor.post(message, session)) as watched:
        await world.stack.model.reached(f"batch/{point}")
        page = await watched.kill()
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    page = joined(page, await _crash(world, vendor, session, point, _request(vendor, session, point, page)))
    await ownerless(vendor, session)

    async with _request(vendor, session, point, page) as stream:
        if stream.response.status_code == 200:
            page = joined(page, await stream.rest())
    after = await vendor.turn("And now?", session)

    assert_well_formed(page)
    assert page[-1].type == "message_complete"
    assert after[-1].type == "message_complete"
    if point.then == "continue":
        assert texts(page) == "Making it.Changing it.All done."
        assert (await vendor.file("a.txt"), await vendor.file("b.txt")) == ("two\n", "b\n")
    said = ["Hello", message, *(["Second"] if point.then == "message" else []), "And now?"]
    read = await assert_history(vendor, session, said)
    assert str(read["messages"]).count("This answer was interrupted.") == (point.then == "message")
    assert_nothing_refused(world)


def _request(vendor: Vendor, session: str, point: Point, page: list[Event]) -> Any:
    if point.then == "message":
        return vendor.post("Second", session, messageId="second")
    return vendor.resume(session, page[-1].id, **{"continue": "1"})


async def _crash(world: FaultWorld, vendor: Vendor, session: str, point: Point, request: Any) -> list[Event]:
    fault = world.faults.add(
        "hang_answer" if point.after else "hang",
        times=1,
        containing=COMMANDS[point.name](vendor.name, session),
        skip=point.nth,
    )
    try:
        async with world.watched(request) as watched:
            await until(lambda: fault.struck)
            return await watched.kill()
    finally:
        world.faults.active.remove(fault)
