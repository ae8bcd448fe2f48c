"""One turn over HTTP, through real function processes."""

import pytest

from dev.claude import Reply, Text, Thinking, ToolUse
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import assert_well_formed, session_of, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_answer_of_text_alone_streams_and_stands_in_the_history(vendor: Vendor):
    message = vendor.says(Reply(Thinking("Hm."), Text("Hello, vendor."), stop_reason="end_turn"))
    events = await vendor.turn(message, messageId="m-1")
    session = await vendor.session(session_of(events))

    assert_well_formed(events)
    assert [e.type for e in events if not e.type.endswith("_delta")] == [
        "connection_established",
        "session_title",
        "step_complete",
        "message_complete",
    ]
    assert texts(events) == "Hello, vendor."
    begun = events[0].data
    assert begun == {
        "sessionId": session["sessionId"],
        "appId": session["appId"],
        "turnId": 1,
        "messageId": "m-1",
        "model": "claude-sonnet-5-5",
    }
    assert session["status"] == "idle"
    assert session["title"] == message
    assert [(m["role"], m["content"]) for m in session["messages"]] == [
        ("user", [{"type": "text", "text": message}]),
        (
            "assistant",
            [{"type": "thinking", "text": "Hm."}, {"type": "text", "text": "Hello, vendor."}],
        ),
    ]
    assert events[-1].data["usage"] == session["metadata"]["usage"]
    assert events[-1].data["stopReason"] == "end_turn"


async def test_tools_run_and_their_files_are_there(vendor: Vendor):
    message = vendor.says(
        Reply(
            Text("I'll write two files."),
            ToolUse("create_file", {"path": "a.txt", "content": "one\n"}),
            ToolUse("create_file", {"path": "b.txt", "content": "two\n"}),
            ToolUse("read_file", {"path": "nowhere.txt"}),
            stop_reason="tool_use",
        ),
        Reply(Text("Done."), stop_reason="end_turn"),
    )
    events = await vendor.turn(message)
    session = await vendor.session(session_of(events))
    contents = [await vendor.file("a.txt"), await vendor.file("b.txt")]
    sent = vendor.plays.asked(message)[1].messages

    assert_well_formed(events)
    assert contents == ["one\n", "two\n"]
    results = next(e for e in events if e.type == "tool_use_complete").data["toolResults"]
    assert [(r["toolName"], r["status"], r["isError"]) for r in results] == [
        ("create_file", "completed", False),
        ("create_file", "completed", False),
        ("read_file", "failed", True),
    ]
    changes = [e.data for e in events if e.type == "file_change"]
    assert [(c["path"], c["action"], c["version"]) for c in changes] == [
        ("a.txt", "created", 1),
        ("b.txt", "created", 1),
    ]
    assert events[-1].data["fileChanges"] == changes
    assert [(f["path"], f["turnId"]) for f in session["fileModifications"]] == [("a.txt", 1), ("b.txt", 1)]
    assert [m["role"] for m in session["messages"]] == ["user", "assistant", "user", "assistant"]
    assert [b["type"] for b in sent[-1]["content"]] == ["tool_result"] * 3


async def test_a_file_is_shown_while_claude_writes_it(vendor: Vendor):
    content = "".join(f'line {n}: \N{GRINNING FACE} "quoted"\n' for n in range(50))
    message = vendor.says(
        Reply(ToolUse("create_file", {"content": content, "path": "a.txt"}, cuts=60), pace=100),
        Reply(Text("Done.")),
    )
    events = await vendor.turn(message)

    assert_well_formed(events)
    shown = [event for event in events if event.type == "tool_use_input"]
    assert "".join(event.data["delta"] for event in shown) == content == await vendor.file("a.txt")
    assert [event.data["path"] for event in shown if "path" in event.data] == ["a.txt"]
    assert len(shown) >= 3
    kinds = [event.type for event in events]
    assert kinds.index("tool_use_input") == kinds.index("tool_use_start") + 1

    session = session_of(events)
    assert await vendor.missed(session, "1-1") == events[1:]
    await vendor.forget_events(session)
    assert "tool_use_input" not in [event.type for event in await vendor.missed(session, "1-1")]
