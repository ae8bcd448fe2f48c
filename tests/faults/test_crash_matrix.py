"""SIGKILL before and after every command to the store and every step of a two-batch turn.

Each kill is followed once by the next message and once by taking the turn up again. `make crashes` goes
through all of these cases; with the other tests runs every eighth.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from crash_world import (
    FaultWorld,
    a_fault_world,
    a_session,
    assert_history,
    assert_nothing_refused,
    joined,
    until_struck,
)

from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import PATIENCE, Event, assert_well_formed, texts

PRODUCTS = 3


@dataclass(frozen=True, slots=True)
class Point:
    """Where the process dies: at the nth command of a kind, not carried out or not heard of; or at a gate."""

    name: str
    command: Callable[[str, str], str] | None = None
    nth: int = 0
    after: bool = False


# What only such a command holds, of this vendor or this session.
COMMANDS: dict[str, tuple[Callable[[str, str], str], int]] = {
    "begin": (lambda vendor, _: f"rate:{vendor}", 1),
    "flush": (lambda _, sid: f'"XADD","s:{sid}:e"', 1),
    "checkpoint": (lambda vendor, sid: f's:{sid}:f","tokens:{vendor}:', 4),
    "end": (lambda vendor, sid: f's:{sid}:x","run:{vendor}","ix:', 1),
}
POINTS = [
    *(
        Point(f"{'after' if after else 'before'} {name} {nth}", command, nth, after)
        for name, (command, count) in COMMANDS.items()
        for nth in range(count)
        for after in (False, True)
    ),
    *(Point(f"{place}/gate") for place in ("thinking", "text", "call", "batch", "last")),
]


async def test_a_turn_survives_the_death_of_its_process_anywhere(tmp_path: Path):
    every = 1 if os.environ.get("CRASHES") == "all" else 8
    cases = [(point, then) for point in POINTS for then in ("continue", "message")][::every]
    failed: dict[str, str] = {}

    async def one_product(number: int) -> None:
        async with a_fault_world(tmp_path / str(number), TURN_LEASE_SECONDS="2") as world:
            while cases:
                point, then = cases.pop()
                try:
                    async with asyncio.timeout(3 * PATIENCE):
                        await _case(world, point, then)
                except (AssertionError, TimeoutError, httpx.HTTPError) as error:
                    failed[f"{point.name}, then {then}"] = repr(error)
            assert_nothing_refused(world)

    await asyncio.gather(*(one_product(number) for number in range(PRODUCTS)))

    assert not failed, failed


async def _case(world: FaultWorld, point: Point, then: str) -> None:
    vendor = await world.vendor()
    session = await a_session(vendor)
    message = f"Do it in two batches [{point.name}-{then}]"
    seen = await _crash(world, vendor, session, message, point)
    state = await vendor.until_status(session, "interrupted", "idle")
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
            await until_struck(fault)
            return await watched.kill()
    finally:
        world.faults.active.remove(fault)


async def _take_up(vendor: Vendor, session: str, seen: list[Event]) -> None:
    """The page reconnects and asks for the turn to go on: every event once, one end, all there for others."""
    after = seen[-1].id if seen else "2-0"
    async with vendor.resume(session, after, **{"continue": "1"}) as stream:
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
