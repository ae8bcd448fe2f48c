"""A session's records as messages, and a finished turn as events."""

import pytest

from aicode.api_types import FileChange
from aicode.events import EVENTS, ToolResult
from aicode.history import vendor_view
from aicode.history.records import Entry, Record
from aicode.history.usage import no_usage

CHANGE: FileChange = {
    "path": "a.ts",
    "action": "created",
    "version": 1,
    "additions": 3,
    "deletions": 0,
    "toolId": "t1",
}
RESULTS: list[ToolResult] = [
    {
        "toolId": "t1",
        "toolName": "create_file",
        "status": "completed",
        "isError": False,
        "summary": "Created a.ts",
        "durationMs": 12,
    },
    {
        "toolId": "t2",
        "toolName": "read_file",
        "status": "failed",
        "isError": True,
        "summary": "There is no b.ts",
        "durationMs": 3,
    },
]
COMPLETE: dict[str, object] = {
    "turnId": 7,
    "stopReason": "end_turn",
    "usage": no_usage(),
    "fileChanges": [CHANGE],
}
TURN: list[Record] = [
    {"kind": "user", "id": "mine", "text": "Create it", "at": 1},
    {"kind": "context", "text": "files: none", "at": 2},
    {
        "kind": "step",
        "step": 1,
        "content": [
            {"type": "thinking", "thinking": "Hm", "signature": "sig"},
            {"type": "redacted_thinking", "data": "xyz"},
            {"type": "text", "text": "I create it."},
            {"type": "text", "text": ""},
            {"type": "tool_use", "id": "t1", "name": "create_file", "input": {"path": "a.ts"}},
            {"type": "tool_use", "id": "t2", "name": "read_file", "input": {"path": "b.ts"}},
        ],
        "stopReason": "tool_use",
        "model": "claude-test",
        "usage": no_usage(),
        "at": 3,
    },
    {
        "kind": "results",
        "step": 1,
        "content": [
            {"type": "tool_result", "tool_use_id": "t1", "content": "Created."},
            {"type": "tool_result", "tool_use_id": "t2", "content": "There is no b.ts", "is_error": True},
        ],
        "tools": RESULTS,
        "changes": [CHANGE],
        "seen": {"a.ts": 1},
        "at": 4,
    },
    {"kind": "notice", "noticeKind": "budget_low", "text": "Little is left.", "at": 5},
    {
        "kind": "step",
        "step": 2,
        "content": [{"type": "text", "text": "Done."}],
        "stopReason": "end_turn",
        "model": "claude-test",
        "usage": no_usage(),
        "at": 6,
    },
    {"kind": "end", "event": "message_complete", "data": COMPLETE, "at": 7},
]


def entries(records: list[Record], turn: int = 7) -> list[Entry]:
    return [{"turn": turn, "n": n, "record": record} for n, record in enumerate(records, start=1)]


def test_each_record_is_the_message_that_its_vendor_sees() -> None:
    assert vendor_view.messages(entries(TURN)) == [
        {
            "id": "mine",
            "turnId": 7,
            "role": "user",
            "content": [{"type": "text", "text": "Create it"}],
            "createdAt": 1,
        },
        {
            "id": "7.3",
            "turnId": 7,
            "role": "assistant",
            "content": [
                {"type": "thinking", "text": "Hm"},
                {"type": "text", "text": "I create it."},
                {"type": "tool_use", "toolId": "t1", "toolName": "create_file", "input": {"path": "a.ts"}},
                {"type": "tool_use", "toolId": "t2", "toolName": "read_file", "input": {"path": "b.ts"}},
            ],
            "createdAt": 3,
        },
        {
            "id": "7.4",
            "turnId": 7,
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "toolId": "t1",
                    "status": "completed",
                    "isError": False,
                    "content": "Created.",
                    "summary": "Created a.ts",
                    "durationMs": 12,
                },
                {
                    "type": "tool_result",
                    "toolId": "t2",
                    "status": "failed",
                    "isError": True,
                    "content": "There is no b.ts",
                    "summary": "There is no b.ts",
                    "durationMs": 3,
                },
            ],
            "createdAt": 4,
        },
        {
            "id": "7.5",
            "turnId": 7,
            "role": "assistant",
            "content": [{"type": "notice", "text": "Little is left."}],
            "createdAt": 5,
        },
        {
            "id": "7.6",
            "turnId": 7,
            "role": "assistant",
            "content": [{"type": "text", "text": "Done."}],
            "createdAt": 6,
        },
    ]


def test_a_finished_turn_is_replayed_with_every_call_settled() -> None:
    events = list(vendor_view.replay(entries(TURN)))

    first: dict[str, object] = {"toolId": "t1", "toolName": "create_file"}
    second: dict[str, object] = {"toolId": "t2", "toolName": "read_file"}
    error = "There is no b.ts"
    assert events == [
        ("thinking_delta", {"text": "Hm"}),
        ("text_delta", {"text": "I create it."}),
        ("tool_use_start", first),
        ("tool_use_progress", {**first, "status": "running", "data": {"input": {"path": "a.ts"}}}),
        ("tool_use_start", second),
        ("tool_use_progress", {**second, "status": "running", "data": {"input": {"path": "b.ts"}}}),
        (
            "tool_use_progress",
            {**first, "status": "completed", "data": {"summary": "Created a.ts", "durationMs": 12}},
        ),
        (
            "tool_use_progress",
            {**second, "status": "failed", "data": {"summary": error, "durationMs": 3, "error": error}},
        ),
        ("file_change", CHANGE),
        ("tool_use_complete", {"toolResults": RESULTS}),
        ("step_complete", {"step": 1}),
        ("notice", {"kind": "budget_low", "text": "Little is left."}),
        ("text_delta", {"text": "Done."}),
        ("step_complete", {"step": 2}),
        ("message_complete", COMPLETE),
    ]
    assert {name for name, _ in events} <= EVENTS.keys()


def test_what_was_shown_of_a_stopped_turn_stays_followed_by_a_notice() -> None:
    stopped: list[Record] = [
        {"kind": "partial", "text": "Half an ans", "thinking": "Hm", "at": 1},
        {"kind": "end", "event": "turn_cancelled", "data": {"turnId": 7}, "notice": "Stopped.", "at": 2},
    ]

    found = vendor_view.messages(entries(stopped))

    assert [message["content"] for message in found] == [
        [{"type": "thinking", "text": "Hm"}, {"type": "text", "text": "Half an ans"}],
        [{"type": "notice", "text": "Stopped."}],
    ]
    assert list(vendor_view.replay(entries(stopped))) == [
        ("thinking_delta", {"text": "Hm"}),
        ("text_delta", {"text": "Half an ans"}),
        ("turn_cancelled", {"turnId": 7}),
    ]


@pytest.mark.parametrize(
    ("identifier", "place"),
    [
        *[("3.2", (3, 2)), ("mine", None), ("3", None), ("3.x", None), ("\u0663.2", None), ("", None)],
        *[("9" * 15 + ".1", (10**15 - 1, 1)), ("9" * 16 + ".1", None), ("1." + "9" * 4_400, None)],
    ],
)
def test_a_servers_message_id_names_its_place(identifier: str, place: tuple[int, int] | None) -> None:
    assert vendor_view.entry_place(identifier) == place


def test_modifications_come_with_the_latest_last() -> None:
    files = {
        "b": '{"timestamp":2,"path":"b"}',
        "a": '{"timestamp":9,"path":"a"}',
        "c": '{"timestamp":2,"path":"c"}',
    }

    assert [item["path"] for item in vendor_view.file_modifications(files)] == ["b", "c", "a"]
