"""SIGKILL before and after every command to the store and every step of a two-batch turn.

Each kill is followed once by the next message and once by taking the turn up again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from crash_world import (
    FaultWorld,
    assert_counted,
    assert_history,
    assert_nothing_refused,
    joined,
    ownerless,
)

from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import Event, assert_well_formed, texts
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True, slots=True)
class Point:
    """Where the process dies: at the nth command of a kind, not carried out or not heard of; or at a gate."""

    name: str
    command: Callable[[str, str], str] | None = None
    nth: int = 0
    after: bool = False

    def __str__(self) -> str:
        return self.name


# What only such a command holds, of this vendor or this session.
COMMANDS: dict[str, tuple[Callable[[str, str], str], int]] = {
    "checkpoint": (lambda vendor, sid: f's:{sid}:f","tokens:{vendor}:', 4),
    "begin": (lambda vendor, _: f"rate:{vendor}", 1),
    "flush": (lambda _, sid: f'"XADD","s:{sid}:e"', 1),
    "end": (lambda vendor, sid: f's:{sid}:x","run:{vendor}","ix:', 1),
}
POINTS = [
    *(
        Point(f"{'after' if after else 'before'} {name} {nth}", command, nth, after)
        for name, (command, count) in COMMANDS.items()
        for nth in range(count)
        for after in (True, False)
    ),
    *(Point(f"{place}/gate") for place in ("thinking", "text", "call", "batch", "last")),
]


CASES = [(point, then) for point in POINTS for then in ("continue", "message")]


@pytest.mark.sample(2)
@pytest.mark.parametrize(("point", "then"), CASES, ids=str)
async def test_a_turn_survives_the_death_of_its_process_anywhere(world: FaultWorld, point: Point, then: str):
    vendor, session = await world.vendor_with_session()
    message = f"Do it in two batches [{point.name}-{then}]"
    async with asyncio.timeout(PATIENCE):
        seen = await _crash(world, vendor, session, message, point)
    state = await ownerless(vendor, session)
    accepted = ["Hello", message]
    if state["metadata"]["turns"] == 1:
        assert point.name == "before begin 0"
        events = await vendor.turn(message, session, messageId="the-one")
        assert_well_formed(events)
    elif then == "continue":
        await _take_up(vendor, session, seen)
    elif point.name == "after begin 0":
        # The client has heard nothing and sends the same again: that turn goes on.
        assert_well_formed(await vendor.turn(message, session, messageId="the-one"))
    interrupted = then == "message" and state["status"] == "interrupted" and "begin" not in point.name

    events = await vendor.turn("And now?", session)

    assert_well_formed(events)
    assert events[-1].type == "message_complete"
    read = await assert_history(vendor, session, [*accepted, "And now?"])
    assert str(read["messages"]).count("This answer was interrupted.") == interrupted
    if not interrupted:
        assert (await vendor.file("a.txt"), await vendor.file("b.txt")) == ("two\n", "b\n")
    assert_nothing_refused(world)
    await assert_counted(world, vendor, message)


async def _crash(world: FaultWorld, vendor: Vendor, session: str, message: str, point: Point) -> list[Event]:
    request = vendor.post(message, session, messageId="the-one")
    if point.command is None:
        async with world.watched(request) as watched:
            await world.stack.model.reached(message.rpartition("[")[2].rstrip("]"))
            return await watched.kill()
    containing = point.command(vendor.name, session)
    fault = world.faults.add(
        "hang_answer" if point.after else "hang", times=1, containing=containing, skip=point.nth
    )
    try:
        async with world.watched(request) as watched:
            await until(lambda: fault.struck)
            return await watched.kill()
    finally:
        world.faults.active.remove(fault)


async def _take_up(vendor: Vendor, session: str, seen: list[Event]) -> None:
    """The page reconnects and asks for the turn to go on: every event once, one end, all there for others."""
    after = seen[-1].id if seen else "2-0"
    async with asyncio.timeout(PATIENCE), vendor.resume(session, after, **{"continue": "1"}) as stream:
        assert stream.response.status_code == 200
        page = joined(seen, await stream.rest())
    assert_well_formed(page)
    assert page[-1].type == "message_complete"
    whole = await vendor.missed(session, "2-0")
    assert_well_formed(whole)
    assert texts(page) == texts(whole) == "Making it.Changing it.All done."
    assert [e.data["path"] for e in whole if e.type == "file_change"] == [
        c["path"] for c in whole[-1].data["fileChanges"]
    ]
