"""What stays of a turn that did not come to its end: what was shown, and what it cost."""

import asyncio
import time

import pytest

from dev.claude import Gate, Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor, assert_error
from tests.end_to_end.stack import BASE, assert_well_formed, session_of
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

STOPPED = Reply(Text("I begin."), ToolUse("create_file", {"path": "a.txt", "content": "a"}), Gate("never"))


async def stopped_turn(vendor: Vendor) -> tuple[str, list[str]]:
    """A session whose turn was stopped while a call was being written, and its events' types."""
    async with asyncio.timeout(PATIENCE), vendor.post(vendor.says(STOPPED)) as stream:
        await stream.until("tool_use_start")
        session = session_of(stream.seen)
        answer = await vendor.client.post(f"{BASE}/{session}/cancel")
        assert answer.json() == {"success": True, "cancelled": True}
        events = await stream.rest()
    assert_well_formed(events)
    return session, [event.type for event in events]


async def test_calls_that_were_shown_stay_in_the_messages_of_a_stopped_turn(vendor: Vendor):
    session, types = await stopped_turn(vendor)
    messages = (await vendor.session(session))["messages"]
    after = await vendor.turn("Go on", session)

    assert types[-1] == "turn_cancelled"
    shown = [block["type"] for message in messages for block in message["content"]]
    assert shown == ["text", "text", "tool_use", "tool_result", "notice"]
    assert messages[1]["content"][1]["toolName"] == "create_file"
    assert after[-1].type == "message_complete"


async def test_tokens_of_a_stopped_answer_count(vendor: Vendor):
    session, _ = await stopped_turn(vendor)
    usage = (await vendor.session(session))["metadata"]["usage"]

    assert usage["inputTokens"] + usage["cacheReadTokens"] + usage["cacheWriteTokens"] > 500
    assert usage["costUsd"] > 0


async def test_tokens_of_a_turn_whose_session_is_deleted_count_for_the_day(vendor: Vendor):
    today = time.strftime("%Y%m%d", time.gmtime())
    await vendor.redis_command("SET", f"tokens:{vendor.name}:{today}", 1_999_800)
    begun = vendor.says(Reply(Text("I begin. "), Gate("never")))
    async with asyncio.timeout(PATIENCE), vendor.post(begun) as stream:
        await stream.until("text_delta")
        session = session_of(stream.seen)
        answer = await vendor.client.delete(BASE, params={"sessionId": session})
        assert answer.status_code == 200
        events = await stream.rest()
    refused = await vendor.client.post(BASE, json={"message": "Another", "appId": vendor.app})

    assert events[-1].type == "turn_cancelled"
    assert_error(refused, 429, "budget_exceeded")
