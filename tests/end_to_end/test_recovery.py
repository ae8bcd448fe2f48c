"""A turn whose function dies, or runs out of time: nothing is lost, nothing is done twice."""

import os
import signal
from pathlib import Path

from dev.claude import Gate, Reply, Script, Text, ToolUse
from tests.end_to_end.stack import Stack, assert_well_formed, serve, texts


async def kill_chat(stack: Stack) -> None:
    """SIGKILL to the function process that runs the turn."""
    for pid in stack.chat_pids():
        os.kill(pid, signal.SIGKILL)


async def test_a_message_after_a_crash_closes_the_interrupted_turn_and_is_answered(tmp_path: Path):
    script = Script([Reply(Text("Half an "), Gate("never"), Text("answer")), Reply(Text("All well."))])
    async with serve(tmp_path, script, TURN_LEASE_SECONDS="2") as stack:
        async with stack.post("First") as stream:
            await stream.until("text_delta")
            session = stream.seen[0].data["sessionId"]
            await stack.until_logged(session, "Half an ")
            await kill_chat(stack)
        running = await stack.session(session)
        interrupted = await stack.until_status(session, "interrupted")
        events = await stack.turn("Second", session)
        after = await stack.session(session)
        sent = stack.model.requests[-1].messages

    assert running["status"] == "running"
    assert interrupted["messages"][-1]["role"] == "user"
    assert_well_formed(events)
    assert texts(events) == "All well."
    shown = [[block.get("text") for block in message["content"]] for message in after["messages"]]
    assert shown == [["First"], ["Half an "], ["This answer was interrupted."], ["Second"], ["All well."]]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]


async def test_an_interrupted_turn_is_taken_up_from_its_last_finished_step(tmp_path: Path):
    script = Script(
        [
            Reply(ToolUse("create_file", {"path": "a.txt", "content": "one\n"}), stop_reason="tool_use"),
            Reply(Text("Half an "), Gate("never"), Text("answer")),
            Reply(Text("A whole answer.")),
        ]
    )
    async with serve(tmp_path, script, TURN_LEASE_SECONDS="2") as stack:
        async with stack.post("Make a file") as stream:
            await stream.until("step_complete")
            await stream.until("text_delta")
            session = stream.seen[0].data["sessionId"]
            await stack.until_logged(session, "Half an ")
            await kill_chat(stack)
        seen = list(stream.seen)
        await stack.until_status(session, "interrupted")
        async with stack.resume(session, seen[-1].id, **{"continue": "1"}) as resumed:
            seen += await resumed.rest()
        after = await stack.session(session)

    assert_well_formed(seen)
    assert seen[-1].type == "message_complete"
    assert "step_reset" in [event.type for event in seen]
    assert texts(seen) == "A whole answer."
    assert seen[-1].data["fileChanges"][0]["path"] == "a.txt"
    assert after["status"] == "idle"
    assert after["metadata"]["turns"] == 1
