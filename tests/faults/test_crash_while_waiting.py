"""SIGKILL around a wait, around its answer, and in the turn that goes on after it: an app is published once.

What dies is the chat function, or the session function that takes the answer.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from crash_world import CREATE_A, FaultWorld, assert_nothing_refused, joined, ownerless

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import APPS, Event, Json, assert_well_formed, texts
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = ToolUse("create_file", {"path": "index.html", "content": "<title>Hi</title>\n"})
PUBLISH = ToolUse("publish_app", {})
FIRST = Reply(Text("Making it."), PAGE, CREATE_A, PUBLISH)
LAST = Reply(Text("All done."))
SAID = "Making it.All done."


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after the nth of the commands with this text, which a script's own comment tells apart."""

    name: str
    text: Callable[[str, str], str]
    nth: int = 0
    after: bool = False

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.name} {self.nth}"


def points(name: str, text: Callable[[str, str], str], count: int = 1) -> list[Point]:
    return [Point(name, text, nth, after) for nth in range(count) for after in (False, True)]


WAIT = points("wait", lambda _vendor, _sid: "-- Lets a turn wait")
ANSWER = points("answer", lambda _vendor, _sid: "-- Answers one request of a waiting turn")
GOING_ON = [
    *points("claim", lambda _vendor, _sid: "-- Takes a running turn over"),
    # The call has begun; its result, with which the next answer may be asked for; the last answer.
    *points("checkpoint", lambda vendor, sid: f's:{sid}:f","tokens:{vendor}:', 2),
    *points("end", lambda vendor, sid: f's:{sid}:x","run:{vendor}","ix:'),
]


async def published(vendor: Vendor) -> Json:
    answer = await vendor.client.get(f"{APPS}/{vendor.app}/publish")
    assert answer.status_code == 200
    return answer.json()


async def pending(vendor: Vendor, session: str) -> list[str]:
    return [each["approvalId"] for each in (await vendor.session(session))["pendingApprovals"]]


async def answer(vendor: Vendor, session: str, approval: str, **body: Any) -> httpx.Response:
    path = f"{vendor.base}/{session}/approvals/{approval}"
    return await vendor.client.post(path, json={"approved": True, **body})


async def take_up(vendor: Vendor, session: str, after: str) -> list[Event]:
    async with asyncio.timeout(PATIENCE), vendor.resume(session, after, **{"continue": "1"}) as stream:
        return await stream.rest() if stream.response.status_code == 200 else []


async def assert_published_once(world: FaultWorld, vendor: Vendor, session: str, *, said: str = SAID) -> None:
    """The turn is whole, each of its calls has one result, and there is one version of the site."""
    turns = (await vendor.session(session))["metadata"]["turns"]
    whole = await vendor.missed(session, f"{turns}-0")
    assert_well_formed(whole)
    assert whole[-1].type == "message_complete"
    assert texts(whole) == said
    read = await vendor.session(session)
    blocks = [block for message in read["messages"] for block in message["content"]]
    calls = [block["toolId"] for block in blocks if block["type"] == "tool_use"]
    results = {block["toolId"]: block for block in blocks if block["type"] == "tool_result"}
    assert sorted(calls) == sorted(results)
    assert not any(result["isError"] for result in results.values()), results
    assert [each["version"] for each in (await published(vendor))["versions"]] == [1]
    assert (read["status"], read["pendingApprovals"]) == ("idle", [])
    assert_nothing_refused(world)


def struck(world: FaultWorld, vendor: Vendor, session: str, point: Point) -> Any:
    return world.faults.add(
        "hang_answer" if point.after else "hang",
        times=1,
        containing=point.text(vendor.name, session),
        skip=point.nth,
    )


async def waits(vendor: Vendor, session: str) -> list[Event]:
    """A turn that waits for a yes to publish."""
    events = await vendor.turn(vendor.says(FIRST, LAST), session)
    assert events[-1].type == "turn_waiting"
    return events


@pytest.mark.sample(1)
@pytest.mark.parametrize("point", WAIT, ids=str)
async def test_a_process_that_dies_at_its_wait_leaves_a_turn_that_asks_once(world: FaultWorld, point: Point):
    vendor, session = await world.vendor_with_session()
    fault = struck(world, vendor, session, point)
    async with world.watched(vendor.post(vendor.says(FIRST, LAST), session)) as watched:
        await until(lambda: fault.struck)
        seen = await watched.kill()
    world.faults.active.remove(fault)
    state = await ownerless(vendor, session)
    assert state["status"] == ("waiting" if point.after else "interrupted")
    if state["status"] == "interrupted":
        seen = joined(seen, await take_up(vendor, session, seen[-1].id))
        assert seen[-1].type == "turn_waiting"
    assert (await published(vendor))["versions"] == []

    [approval] = await pending(vendor, session)
    assert (await answer(vendor, session, approval)).json()["waiting"] == 0
    await vendor.until_status(session, "idle")

    await assert_published_once(world, vendor, session)


@pytest.mark.sample(2)
@pytest.mark.parametrize("point", ANSWER, ids=str)
async def test_an_answer_whose_process_dies_is_given_again_and_counts_once(world: FaultWorld, point: Point):
    vendor, session = await world.vendor_with_session()
    await waits(vendor, session)
    [approval] = await pending(vendor, session)
    fault = struck(world, vendor, session, point)
    asking = asyncio.create_task(answer(vendor, session, approval))
    await until(lambda: fault.struck)
    for process in world.stack.server.processes("session"):
        if process.busy and process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    await asyncio.gather(asking, return_exceptions=True)
    world.faults.active.remove(fault)

    again = await answer(vendor, session, approval)

    assert (again.status_code, again.json()["waiting"]) == (200, 0)
    await vendor.until_status(session, "idle")
    await assert_published_once(world, vendor, session)


@pytest.mark.parametrize("then", ["continue", "message"])
async def test_an_answered_turn_that_nobody_takes_up_is_interrupted_and_goes_on(world: FaultWorld, then: str):
    vendor, session = await world.vendor_with_session()
    before = await waits(vendor, session)
    [approval] = await pending(vendor, session)
    # The answer is stored; whoever was to invoke the chat function for it is dead.
    [after] = [point for point in ANSWER if point.after]
    fault = struck(world, vendor, session, after)
    asking = asyncio.create_task(answer(vendor, session, approval))
    await until(lambda: fault.struck)
    for process in world.stack.server.processes("session"):
        if process.busy and process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    await asyncio.gather(asking, return_exceptions=True)
    world.faults.active.remove(fault)

    assert (await vendor.session(session))["status"] == "running"
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    if then == "continue":
        page = joined(before, await take_up(vendor, session, before[-1].id))
        assert "step_reset" not in [event.type for event in page]
        assert page[-1].type == "message_complete"
        await assert_published_once(world, vendor, session)
        return

    events = await vendor.turn("And now?", session)
    assert events[-1].type == "message_complete"
    assert (await published(vendor))["versions"] == []
    assert_nothing_refused(world)


CASES = [(point, then) for point in GOING_ON for then in ("continue", "message")]


@pytest.mark.sample(3)
@pytest.mark.parametrize(("point", "then"), CASES, ids=str)
async def test_a_process_that_dies_after_the_answer_publishes_no_second_time(
    world: FaultWorld, point: Point, then: str
):
    vendor, session = await world.vendor_with_session()
    before = await waits(vendor, session)
    [approval] = await pending(vendor, session)
    fault = struck(world, vendor, session, point)
    assert (await answer(vendor, session, approval)).status_code == 200
    async with asyncio.timeout(PATIENCE):
        await until(lambda: fault.struck)
    for pid in world.stack.chat_pids():
        os.kill(pid, signal.SIGKILL)
    world.faults.active.remove(fault)
    state = await ownerless(vendor, session)
    ended = state["status"] == "idle"
    assert ended == (str(point) == "after end 0")

    if then == "continue":
        if not ended:
            page = joined(before, await take_up(vendor, session, before[-1].id))
            assert page[-1].type == "message_complete"
        await assert_published_once(world, vendor, session)
        return

    events = await vendor.turn("And now?", session)
    assert_well_formed(events)
    assert events[-1].type == "message_complete"
    read = await vendor.session(session)
    blocks = [block for message in read["messages"] for block in message["content"]]
    results = [block for block in blocks if block["type"] == "tool_result"]
    assert len(results) == 3
    versions = [each["version"] for each in (await published(vendor))["versions"]]
    assert versions in ([], [1])
    # What Claude was told is true: done, not done, or that nobody knows.
    told = str(results[-1]["content"])
    assert ("is live" in told) <= (versions == [1])
    assert versions == [] or "is live" in told or "Outcome unknown" in told, told
    assert_nothing_refused(world)


async def test_two_tabs_that_answer_at_once_publish_once(world: FaultWorld):
    vendor, session = await world.vendor_with_session()
    await waits(vendor, session)
    [approval] = await pending(vendor, session)

    answers = await asyncio.gather(
        *(answer(vendor, session, approval) for _ in range(3)),
        answer(vendor, session, approval, approved=False),
    )
    await vendor.until_status(session, "idle")

    yes = [each.status_code for each in answers[:3]]
    if answers[3].status_code == 200:
        assert yes == [409] * 3
        assert (await published(vendor))["versions"] == []
    else:
        assert (answers[3].json()["error"]["code"], yes) == ("already_answered", [200] * 3)
        await assert_published_once(world, vendor, session)


async def test_an_answer_against_stop_publishes_once_or_not_at_all(world: FaultWorld):
    vendor, session = await world.vendor_with_session()
    await waits(vendor, session)
    [approval] = await pending(vendor, session)

    yes, stop = await asyncio.gather(
        answer(vendor, session, approval), vendor.client.post(f"{vendor.base}/{session}/cancel")
    )
    state = await vendor.until_status(session, "idle", "cancelled")

    assert stop.status_code == 200
    assert yes.status_code in {200, 404, 409}
    versions = (await published(vendor))["versions"]
    assert len(versions) <= (yes.status_code == 200)
    assert state["pendingApprovals"] == []
    whole = await vendor.missed(session, "2-0")
    assert_well_formed(whole)
    assert (await vendor.turn("And now?", session))[-1].type == "message_complete"
