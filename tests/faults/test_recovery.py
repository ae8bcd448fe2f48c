"""A turn whose function dies, or runs out of time: nothing is lost, nothing is done twice."""

import asyncio
import os
import signal

import httpx
import pytest
import pytest_asyncio
from crash_world import FaultWorld, ownerless

from dev.claude import Gate, Reply, Stall, Text, ToolUse
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import BASE, Event, assert_well_formed, session_of, texts
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def vendor(world: FaultWorld) -> Vendor:
    """A vendor with an empty app."""
    return await world.vendor()


def kill_chat(vendor: Vendor) -> None:
    """SIGKILL to the function process that runs the turn."""
    for pid in vendor.chat_pids():
        os.kill(pid, signal.SIGKILL)


async def killed_in_its_second_step(vendor: Vendor, message: str) -> tuple[str, list[Event]]:
    """The session of a turn whose process dies once "Half an " is stored, and what its page had by then."""
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("step_complete")
        await stream.until("text_delta")
        session = session_of(stream.seen)
        await vendor.until_logged(session, "Half an ")
        kill_chat(vendor)
    return session, list(stream.seen)


async def test_a_turn_whose_function_died_is_running_then_interrupted_then_closed(vendor: Vendor):
    message = vendor.says(Reply(Text("Half an answer"), ToolUse("list_files"), Gate("never")))
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("tool_use_start")
        session = session_of(stream.seen)
        await vendor.until_logged(session, "Half an answer")
        kill_chat(vendor)
        with pytest.raises((AssertionError, httpx.RemoteProtocolError)):
            await stream.until("message_complete")
    await vendor.end_lease(session, in_seconds=PATIENCE)
    running = await vendor.session(session)
    await vendor.end_lease(session, in_seconds=0.5)
    interrupted = await vendor.until_status(session, "interrupted")
    nothing_runs = await vendor.client.post(f"{BASE}/{session}/cancel")
    second = vendor.says(Reply(Text("All well.")))
    events = await vendor.turn(second, session)
    after = await vendor.session(session)
    (asked,) = vendor.plays.asked(second)

    assert running["status"] == "running"
    assert interrupted["messages"][-1]["role"] == "user"
    assert nothing_runs.json()["cancelled"] is False
    assert_well_formed(events)
    assert events[0].data["turnId"] == 2
    assert events[-1].type == "message_complete"
    assert texts(events) == "All well."
    shown = [[block.get("text", block["type"]) for block in m["content"]] for m in after["messages"]]
    assert shown == [
        [message],
        ["Half an answer", "tool_use", "tool_result"],
        ["This answer was interrupted."],
        [second],
        ["All well."],
    ]
    assert [m["role"] for m in asked.messages] == ["user", "assistant", "user"]


async def test_an_interrupted_turn_is_taken_up_from_its_last_finished_step(vendor: Vendor):
    message = vendor.says(
        Reply(ToolUse("create_file", {"path": "a.txt", "content": "one\n"}), stop_reason="tool_use"),
        Reply(Text("Half an "), Gate("never"), Text("answer")),
        Reply(Text("A whole answer.")),
    )
    session, seen = await killed_in_its_second_step(vendor, message)
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    async with asyncio.timeout(PATIENCE), vendor.resume(session, seen[-1].id, **{"continue": "1"}) as again:
        seen += await again.rest()
    after = await vendor.session(session)

    assert_well_formed(seen)
    assert seen[-1].type == "message_complete"
    assert "step_reset" in [event.type for event in seen]
    assert texts(seen) == "A whole answer."
    assert seen[-1].data["fileChanges"][0]["path"] == "a.txt"
    assert after["status"] == "idle"
    assert after["metadata"]["turns"] == 1


async def test_what_was_shown_and_not_kept_is_taken_back_when_a_turn_is_taken_up_again(
    world: FaultWorld, vendor: Vendor
):
    message = vendor.says(
        Reply(ToolUse("list_files")),
        Reply(Gate("kept"), Text("lost words"), Stall(ping_every=0.2)),
        Reply(Text("The whole.")),
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("step_complete")
        session = session_of(stream.seen)
        world.stack.model.open("kept")
        await stream.until("text_delta")
        kill_chat(vendor)
    seen = list(stream.seen)
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    async with asyncio.timeout(PATIENCE), vendor.resume(session, seen[-1].id, **{"continue": "1"}) as stream:
        taken_up = await stream.rest()

    assert texts([*seen, *taken_up]) == "The whole."
    whole = taken_up if taken_up[0].type == "connection_established" else [*seen, *taken_up]
    assert_well_formed(whole)
    assert whole[-1].type == "message_complete"
    assert (await vendor.session(session))["status"] == "idle"


async def test_a_block_that_was_left_out_stays_so_when_a_turn_is_taken_up_again(vendor: Vendor):
    message = vendor.says(
        Reply(ToolUse("list_files")),
        Reply(status=400, message="messages.2.content.0.tool_result.content: refused"),
        Reply(Text("Half an "), Gate("never")),
        Reply(Text("A whole answer.")),
    )
    session, seen = await killed_in_its_second_step(vendor, message)
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    async with asyncio.timeout(PATIENCE), vendor.resume(session, seen[-1].id, **{"continue": "1"}) as again:
        seen += await again.rest()
    after = await vendor.session(session)

    assert_well_formed(seen)
    assert seen[-1].type == "message_complete"
    left_out = "[The result of list_files could not be sent to Claude: not accepted.]"
    results = [asked.messages[-1]["content"][0]["content"] for asked in vendor.plays.asked(message)[1:]]
    assert results[1:] == [left_out, left_out] != results[:1]
    blocks = [block for m in after["messages"] for block in m["content"]]
    assert [block["type"] for block in blocks].count("notice") == 1


@pytest.mark.parametrize("entry", ['{"kind":"hologram","at":1}', '{"kind":"step","content":[{"te'])
async def test_what_nobody_can_read_costs_a_turn_that_is_taken_up_again_none_of_its_steps(
    vendor: Vendor, entry: str
):
    message = vendor.says(
        Reply(ToolUse("create_file", {"path": "a.txt", "content": "one\n"})),
        Reply(Text("Half an "), Gate("never"), Text("answer")),
        Reply(Text("Now b."), ToolUse("create_file", {"path": "b.txt", "content": "two\n"})),
        Reply(Text("Both are there.")),
    )
    session, _ = await killed_in_its_second_step(vendor, message)
    [[last, _]] = await vendor.redis_command("XREVRANGE", f"s:{session}:h", "+", "-", "COUNT", 1)
    turn, n = last.split("-")
    await vendor.redis_command("XADD", f"s:{session}:h", f"{turn}-{int(n) + 1}", "m", entry)
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    async with asyncio.timeout(PATIENCE), vendor.resume(session, **{"continue": "1"}) as again:
        events = await again.rest()
    blocks = [block for m in (await vendor.session(session))["messages"] for block in m["content"]]

    assert events[-1].type == "message_complete"
    assert [block["input"]["path"] for block in blocks if block["type"] == "tool_use"] == ["a.txt", "b.txt"]
    assert [block["isError"] for block in blocks if block["type"] == "tool_result"] == [False, False]
    assert blocks[-1] == {"type": "text", "text": "Both are there."}
