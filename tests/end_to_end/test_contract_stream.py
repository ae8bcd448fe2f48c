"""A turn's stream: its frames on the wire, its events in their order, and every way in which it ends."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator

import pytest

from dev.claude import Gate, Reply, StreamError, Text, Thinking, ToolUse
from tests.end_to_end.contract_world import Vendor, World, kinds
from tests.end_to_end.stack import (
    BASE,
    TERMINAL,
    Event,
    Json,
    assert_well_formed,
    session_of,
    texts,
)
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

USAGE = {"inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "costUsd"}


def of(events: list[Event], kind: str) -> list[Json]:
    """The data of all events of a type."""
    return [event.data for event in events if event.type == kind]


async def test_each_event_is_one_frame_of_an_id_and_one_ascii_line_of_json(vendor: Vendor):
    odd = (
        "a\nb\r\nc\u2028d\u0085e \u00e4\N{GRINNING FACE} data: {} \x00 </script> event: message_complete\n\n"
    )
    message = vendor.says(Reply(Thinking(odd), Text(odd), ToolUse("list_files")), Reply(Text(odd)))
    before = time.time() * 1000
    async with vendor.post(message) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream"
        raw = await stream.response.aread()
    after = time.time() * 1000

    assert raw.isascii()
    assert raw.endswith(b"\n\n")
    assert b"\r" not in raw
    frames = [frame for frame in raw.decode().split("\n\n") if frame and not frame.startswith(":")]
    for seq, frame in enumerate(frames, start=1):
        match = re.fullmatch(r"id: 1-(\d+)\ndata: (\{.*\})", frame)
        assert match, frame
        assert int(match[1]) == seq
        event = json.loads(match[2])
        assert list(event) == ["type", "data", "timestamp"]
        assert isinstance(event["timestamp"], int)
        assert before - 1 <= event["timestamp"] <= after + 1
    shown = [json.loads(frame.split("\ndata: ")[1]) for frame in frames]
    said = "".join(event["data"]["text"] for event in shown if event["type"] == "text_delta")
    assert said == odd + odd


async def test_the_first_event_is_out_before_the_model_is_called(world: World, vendor: Vendor):
    message = vendor.says(Reply(Gate("unopened"), Text("Late.")))
    world.faults.clear()
    async with asyncio.timeout(PATIENCE), vendor.post(message, messageId="first") as stream:
        first = await anext(stream.events)
        assert (first.type, first.id) == ("connection_established", "1-1")
        assert set(first.data) == {"sessionId", "appId", "turnId", "messageId", "model"}
        assert first.data["appId"] == vendor.app
        assert first.data["messageId"] == "first"
        assert first.data["turnId"] == 1
        assert first.data["model"] == "claude-sonnet-5-5"
        await until(lambda: bool(vendor.plays.asked(message)))
        assert first.timestamp <= time.time() * 1000
        world.stack.model.open("unopened")
        await stream.rest()


async def test_an_answer_of_several_steps_comes_in_the_contracts_order(vendor: Vendor):
    message = vendor.says(
        Reply(
            Thinking("Two files."),
            Text("I write two."),
            ToolUse("create_file", {"path": "a.txt", "content": "1\n2\n"}, id="toolu_a"),
            ToolUse("create_file", {"path": "b.txt", "content": "b\n"}, id="toolu_b"),
            ToolUse("read_file", {"path": "absent.txt"}, id="toolu_c"),
        ),
        Reply(
            Text("Now I change them."),
            ToolUse("edit_file", {"path": "a.txt", "edits": [{"old": "2", "new": "3"}]}, id="toolu_d"),
            ToolUse("rename_file", {"path": "b.txt", "new_path": "c.txt"}, id="toolu_e"),
        ),
        Reply(ToolUse("delete_file", {"path": "c.txt"}, id="toolu_f")),
        Reply(Text("All done.")),
    )
    events = await vendor.turn(message)
    session = await vendor.session(session_of(events))

    assert_well_formed(events)
    assert [data["step"] for data in of(events, "step_complete")] == [1, 2, 3, 4]
    assert [list(data) for data in of(events, "step_complete")] == [["step"]] * 4
    batches = [data["toolResults"] for data in of(events, "tool_use_complete")]
    assert [[result["toolId"] for result in batch] for batch in batches] == [
        ["toolu_a", "toolu_b", "toolu_c"],
        ["toolu_d", "toolu_e"],
        ["toolu_f"],
    ]
    for result in (result for batch in batches for result in batch):
        assert set(result) == {"toolId", "toolName", "status", "isError", "summary", "durationMs"}
        assert result["isError"] is (result["toolId"] == "toolu_c")
        assert result["status"] == ("failed" if result["isError"] else "completed")
        assert isinstance(result["durationMs"], int)
        assert result["summary"]
    changes = of(events, "file_change")
    assert [(c["path"], c["action"], c["version"], c["toolId"]) for c in changes] == [
        ("a.txt", "created", 1, "toolu_a"),
        ("b.txt", "created", 1, "toolu_b"),
        ("a.txt", "edited", 2, "toolu_d"),
        ("c.txt", "renamed", changes[3]["version"], "toolu_e"),
        ("c.txt", "deleted", changes[4]["version"], "toolu_f"),
    ]
    assert changes[3]["previousPath"] == "b.txt"
    assert [(c["additions"], c["deletions"]) for c in changes] == [(2, 0), (1, 0), (1, 1), (0, 0), (0, 1)]
    known = {"path", "action", "version", "previousPath", "additions", "deletions", "toolId"}
    assert all(set(change) <= known for change in changes)
    end = events[-1].data
    assert set(end) == {"turnId", "stopReason", "usage", "fileChanges"}
    assert (end["turnId"], end["stopReason"], end["fileChanges"]) == (1, "end_turn", changes)
    assert set(end["usage"]) == USAGE
    assert end["usage"] == session["metadata"]["usage"]
    for event in events:
        if event.type in ("tool_use_start", "tool_use_progress"):
            assert event.data["toolName"] in (
                "create_file",
                "read_file",
                "edit_file",
                "rename_file",
                "delete_file",
            )
    for data in of(events, "tool_use_progress"):
        assert set(data) == {"toolId", "toolName", "status", "data"}
        assert set(data["data"]) <= {"input", "summary", "error", "durationMs"}
    assert ("a.txt", "edited", 1) in [
        (m["path"], m["action"], m["turnId"]) for m in session["fileModifications"]
    ]
    assert_told_again(session, events)


def assert_told_again(session: Json, events: list[Event]) -> None:
    """Holds what a session tells of its only turn, which ended as it should, to what the stream told."""
    *earlier, last = session["messages"]
    turn, end = last["turn"], events[-1].data
    assert [message for message in earlier if "turn" in message] == []
    assert set(turn) == {"status", "usage", "fileChanges", "startedAt", "endedAt", "undone"}
    assert (turn["status"], turn["undone"]) == ("complete", False)
    assert (turn["fileChanges"], turn["usage"]) == (end["fileChanges"], end["usage"])
    assert turn["startedAt"] <= events[0].timestamp <= turn["endedAt"] <= events[-1].timestamp
    stored = [block for m in earlier for block in m["content"] if block["type"] == "tool_result"]
    told = [result for data in of(events, "tool_use_complete") for result in data["toolResults"]]
    assert [(b["toolId"], b["summary"], b["durationMs"]) for b in stored] == [
        (result["toolId"], result["summary"], result["durationMs"]) for result in told
    ]


def assert_each_call_runs_and_settles(events: list[Event], call: str, status: str) -> None:
    states = [d["status"] for d in of(events, "tool_use_progress") if d["toolId"] == call]
    assert states == ["running", status]


async def test_each_call_is_begun_run_settled_and_completed_in_this_order(vendor: Vendor):
    message = vendor.says(
        Reply(
            ToolUse("list_files", {}, id="toolu_1"),
            ToolUse("no_such_tool", {"a": 1}, id="toolu_2"),
            ToolUse("read_file", '{"path": "cut of', id="toolu_3"),
            ToolUse("list_files", {"surprise": 1}, id="toolu_4"),
            ToolUse("search_files", {"pattern": "x"}, id="toolu_5"),
        ),
        Reply(Text("Enough.")),
    )
    events = await vendor.turn(message)
    session = await vendor.session(session_of(events))

    assert_well_formed(events)
    ids = [f"toolu_{n}" for n in range(1, 6)]
    assert [data["toolId"] for data in of(events, "tool_use_start")] == ids
    for call in ids:
        good = call in ("toolu_1", "toolu_5")
        assert_each_call_runs_and_settles(events, call, "completed" if good else "failed")
    order = [event.type for event in events]
    assert order.count("tool_use_complete") == 1
    last_progress = max(n for n, kind in enumerate(order) if kind == "tool_use_progress")
    assert last_progress < order.index("tool_use_complete") < order.index("step_complete")
    results = session["messages"][2]["content"]
    assert [(block["toolId"], block["isError"]) for block in results] == [
        (call, call not in ("toolu_1", "toolu_5")) for call in ids
    ]
    assert events[-1].type == "message_complete"


async def test_a_step_is_final_in_the_history_when_the_page_is_told_so(world: World, vendor: Vendor):
    message = vendor.says(
        Reply(Text("First."), ToolUse("list_files", id="toolu_x")),
        Reply(Gate("second step"), Text("Second.")),
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("step_complete")
        session = await vendor.session(session_of(stream.seen))
        world.stack.model.open("second step")
        await stream.rest()

    assert session["status"] == "running"
    assert session["pendingTools"] == []
    assert [m["role"] for m in session["messages"]] == ["user", "assistant", "user"]
    assert session["messages"][2]["content"][0]["type"] == "tool_result"


async def test_a_step_that_is_tried_again_is_taken_back_first(vendor: Vendor):
    message = vendor.says(
        Reply(Text("Half an ans"), ToolUse("list_files", id="toolu_lost"), StreamError("overloaded_error")),
        Reply(Text("Half a th"), cut="end"),
        Reply(Text("The whole answer.")),
    )
    events = await vendor.turn(message)

    assert_well_formed(events)
    assert texts(events) == "The whole answer."
    assert len(of(events, "step_reset")) == 2
    assert all(set(data) == {"reason"} and data["reason"] for data in of(events, "step_reset"))
    assert events[-1].type == "message_complete"


async def ended_badly(vendor: Vendor, *replies: Reply) -> tuple[Json, Json, list[Event]]:
    """The error, the session afterwards and all events; and the session takes another message."""
    events = await vendor.turn(vendor.says(*replies))
    session = await vendor.session(session_of(events))
    assert_well_formed(events)
    assert events[-1].type == "error"
    assert (
        {"message", "code", "retryable", "requestId"}
        <= set(events[-1].data)
        <= {"message", "code", "retryable", "requestId", "retryAfterMs"}
    )
    assert session["status"] == "error"
    assert session["pendingTools"] == []
    assert session["messages"][-1]["content"][-1]["type"] == "notice"
    again = await vendor.turn("Still there?", session["sessionId"])
    assert again[-1].type == "message_complete"
    assert (await vendor.session(session["sessionId"]))["status"] == "idle"
    return events[-1].data, session, events


async def test_a_refused_request_of_ours_ends_in_one_error_without_the_upstreams_words(vendor: Vendor):
    secret = "upstream words: key sk-ant-123"
    error, session, _ = await ended_badly(vendor, Reply(status=400, message=secret))

    assert error["code"] == "model_error"
    assert error["retryable"] is False
    assert "upstream" not in json.dumps([error, session["messages"]])


async def test_an_overloaded_model_tells_when_to_come_back(vendor: Vendor):
    error, _, _ = await ended_badly(vendor, Reply(status=529, retry_after=3600))

    assert (error["code"], error["retryable"]) == ("model_overloaded", True)
    assert error["retryAfterMs"] == 3_600_000


async def test_a_refusal_is_an_error_and_what_was_refused_is_not_said_to_the_model_again(vendor: Vendor):
    refused = Reply(Text("Let me tell you the forbidden"), stop_reason="refusal")
    error, session, events = await ended_badly(vendor, refused)
    last = vendor.model.requests[-1]

    assert error["code"] == "model_refused"
    assert "message_complete" not in kinds(events)
    assert "forbidden" in json.dumps(session["messages"])
    assert "forbidden" not in json.dumps(last.messages)


async def test_twenty_five_steps_are_a_turns_limit(vendor: Vendor):
    message = vendor.says(Reply(ToolUse("list_files")))
    events = await vendor.turn(message)

    assert_well_formed(events)
    assert events[-1].data["code"] == "step_limit"
    assert len(of(events, "step_complete")) == 25
    assert len(vendor.plays.asked(message)) == 25
    assert (await vendor.session(session_of(events)))["status"] == "error"


async def test_a_store_that_is_lost_in_mid_turn_ends_the_stream_with_one_error(world: World, vendor: Vendor):
    message = vendor.says(Reply(Text("Before."), Gate("store lost"), Text("After."), ToolUse("list_files")))
    try:
        async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
            await stream.until("text_delta")
            world.faults.add("drop_request")
            world.stack.model.open("store lost")
            events = await stream.rest()
    finally:
        world.faults.clear()

    assert_well_formed(events)
    assert (events[-1].type, events[-1].data["code"]) == ("error", "store_unavailable")
    assert events[-1].data["retryable"] is True


async def test_a_session_has_its_title_from_the_start_and_its_events_nothing_after_the_end(vendor: Vendor):
    events = await vendor.turn("Make   me a\ntodo app " + "x" * 200)
    session = await vendor.session(session_of(events))

    titles = of(events, "session_title")
    assert titles == [{"title": session["title"]}]
    assert session["title"].startswith("Make me a todo app")
    assert len([event for event in events if event.type in TERMINAL]) == 1


async def test_the_tools_offered_are_the_contracts_without_a_search_that_has_no_key(vendor: Vendor):
    message = vendor.says(Reply(Text("Hm.")))
    await vendor.turn(message)
    offered = [tool["name"] for tool in vendor.plays.asked(message)[0].body["tools"]]

    assert offered == [
        "ask_user",
        "check_app",
        "create_file",
        "delete_file",
        "edit_file",
        "list_files",
        "publish_app",
        "push_app",
        "read_file",
        "rename_file",
        "search_files",
        "use_attachment",
        "web_fetch",
    ]


async def test_silence_is_filled_while_a_turn_waits_on_every_open_stream(world: World, vendor: Vendor):
    message = vendor.says(Reply(Gate("silence"), Text("At last.")))

    async def seconds_to_comment(lines: AsyncIterator[str]) -> float:
        began = time.monotonic()
        async for line in lines:
            if line.startswith(":"):
                assert line == ": keep-alive"
                return time.monotonic() - began
            if line:
                began = time.monotonic()
        raise AssertionError("the stream ended without a comment")

    async with (
        asyncio.timeout(PATIENCE),
        vendor.client.stream(
            "POST", BASE, json={"message": message, "appId": vendor.app, "messageId": "quiet"}
        ) as live,
    ):
        await until(lambda: bool(vendor.plays.asked(message)))
        async with vendor.client.stream(
            "POST", BASE, json={"message": message, "appId": vendor.app, "messageId": "quiet"}
        ) as attached:
            waited = await asyncio.gather(
                seconds_to_comment(live.aiter_lines()), seconds_to_comment(attached.aiter_lines())
            )
        world.stack.model.open("silence")

    assert max(waited) < 20.0, "ten seconds, and what a busy machine adds"
