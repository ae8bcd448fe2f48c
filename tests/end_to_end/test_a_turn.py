"""One turn over HTTP, through real function processes."""

from pathlib import Path

from dev.claude import Gate, Reply, Script, Text, Thinking, ToolUse
from tests.end_to_end.stack import assert_well_formed, serve, session_of, texts

MODEL = "claude-sonnet-5-5"


async def test_an_answer_of_text_alone_streams_and_stands_in_the_history(tmp_path: Path):
    script = Script([Reply(Thinking("Hm."), Text("Hello, vendor."), stop_reason="end_turn")])
    async with serve(tmp_path, script) as stack:
        events = await stack.turn("Hi there", messageId="m-1")
        session = await stack.session(session_of(events))

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
    assert session["title"] == "Hi there"
    assert [(m["role"], m["content"]) for m in session["messages"]] == [
        ("user", [{"type": "text", "text": "Hi there"}]),
        (
            "assistant",
            [{"type": "thinking", "text": "Hm."}, {"type": "text", "text": "Hello, vendor."}],
        ),
    ]
    assert events[-1].data["usage"] == session["metadata"]["usage"]
    assert events[-1].data["stopReason"] == "end_turn"


async def test_tools_run_and_their_files_are_there(tmp_path: Path):
    script = Script(
        [
            Reply(
                Text("I'll write two files."),
                ToolUse("create_file", {"path": "a.txt", "content": "one\n"}),
                ToolUse("create_file", {"path": "b.txt", "content": "two\n"}),
                ToolUse("read_file", {"path": "nowhere.txt"}),
                stop_reason="tool_use",
            ),
            Reply(Text("Done."), stop_reason="end_turn"),
        ]
    )
    async with serve(tmp_path, script) as stack:
        events = await stack.turn("Make files")
        session = await stack.session(session_of(events))
        contents = [await stack.file("a.txt"), await stack.file("b.txt")]
        sent = stack.model.requests[1].messages

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


async def test_a_new_session_gets_its_title_from_a_small_model(tmp_path: Path):
    script = Script([Reply(Text("Hello,"), Gate("titled"), Text(" vendor.")), Reply(Text("Again."))])
    async with serve(tmp_path, script, TITLE_MODEL="claude-haiku-5-5") as stack:
        async with stack.post("Please make me a shopping list with prices") as stream:
            first = await stream.until("session_title")
            second = await stream.until("session_title")
            stack.model.open("titled")
            events = await stream.rest()
        session = await stack.session(session_of(events))
        await stack.turn("And now?", session_of(events))
        asked = [request.body for request in stack.model.requests if request.body["model"] != MODEL]

    assert_well_formed(events)
    assert first.data == {"title": "Please make me a shopping list with prices"}
    assert second.data == {"title": "Shopping list with prices"}
    assert session["title"] == "Shopping list with prices"
    assert events[-1].data["usage"] == session["metadata"]["usage"]
    assert len(asked) == 1
    assert "tools" not in asked[0]
