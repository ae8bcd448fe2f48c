"""What stays of a turn that did not come to its end: what was shown, and what it cost."""

from pathlib import Path

from dev.claude import Gate, Reply, Script, Text, ToolUse
from tests.end_to_end.stack import BASE, Stack, assert_well_formed, serve, session_of

STOPPED = Reply(Text("I begin."), ToolUse("create_file", {"path": "a.txt", "content": "a"}), Gate("never"))


async def stopped_turn(stack: Stack) -> tuple[str, list[str]]:
    """A session whose turn was stopped while a call was being written, and its events' types."""
    async with stack.post("Make a file") as stream:
        await stream.until("tool_use_start")
        session = session_of(stream.seen)
        answer = await stack.client.post(f"{BASE}/{session}/cancel")
        assert answer.json() == {"success": True, "cancelled": True}
        events = await stream.rest()
    assert_well_formed(events)
    return session, [event.type for event in events]


async def test_calls_that_were_shown_stay_in_the_messages_of_a_stopped_turn(tmp_path: Path):
    async with serve(tmp_path, Script([STOPPED, Reply(Text("Fine."))])) as stack:
        session, types = await stopped_turn(stack)
        messages = (await stack.session(session))["messages"]
        after = await stack.turn("Go on", session)

    assert types[-1] == "turn_cancelled"
    shown = [block["type"] for message in messages for block in message["content"]]
    assert shown == ["text", "text", "tool_use", "tool_result", "notice"]
    assert messages[1]["content"][1]["toolName"] == "create_file"
    assert after[-1].type == "message_complete"


async def test_tokens_of_a_stopped_answer_count(tmp_path: Path):
    async with serve(tmp_path, Script([STOPPED])) as stack:
        session, _ = await stopped_turn(stack)
        usage = (await stack.session(session))["metadata"]["usage"]

    assert usage["inputTokens"] + usage["cacheWriteTokens"] > 500
    assert usage["costUsd"] > 0


async def test_tokens_of_a_turn_whose_session_is_deleted_count_for_the_day(tmp_path: Path):
    script = Script([Reply(Text("I begin. "), Gate("never")), Reply(Text("Too much."))])
    async with serve(tmp_path, script, DAILY_TOKEN_BUDGET="500") as stack:
        async with stack.post("Make a file") as stream:
            await stream.until("text_delta")
            session = session_of(stream.seen)
            answer = await stack.client.delete(BASE, params={"sessionId": session})
            assert answer.status_code == 200
            events = await stream.rest()
        async with stack.post("Another") as refused:
            body = (await refused.response.aread()).decode()

    assert events[-1].type == "turn_cancelled"
    assert refused.response.status_code == 429
    assert "budget_exceeded" in body
