"""What a history keeps of a record for good: what its vendor sees of it, and not what Claude alone needs."""

from aicode.events import ToolResult
from aicode.history import vendor_view
from aicode.history.record_types import record_type, stored_forms
from aicode.history.records import ApiBlock, Record, encode
from aicode.history.small_form import INPUT_LIMIT
from aicode.history.usage import no_usage
from tests.session_store import ended, step

TOOL: ToolResult = {
    "toolId": "t1",
    "toolName": "read_file",
    "status": "completed",
    "isError": False,
    "summary": "Read a.ts, 400 lines",
    "durationMs": 3,
}


def results(content: object) -> Record:
    block: ApiBlock = {"type": "tool_result", "tool_use_id": "t1", "content": content}
    return {
        "kind": "results",
        "step": 1,
        "content": [block],
        "tools": [TOOL],
        "changes": [],
        "seen": {"a.ts": 4},
        "at": 5,
    }


def kept(record: Record) -> Record:
    """What is left for good of a record that is split; it holds the whole of it beside."""
    small, whole = stored_forms(record)
    assert whole == encode(record)
    assert len(whole) - len(small) > 1_000
    assert small == encode(record_type(record).small(record))
    return record_type(record).small(record)


def test_of_a_result_what_the_vendor_is_told_of_it_is_kept() -> None:
    for content in ("x\n" * 5_000, [{"type": "text", "text": "x" * 5_000}]):
        found = kept(results(content))

        [message] = vendor_view.messages([{"turn": 1, "n": 3, "record": found}])
        assert message["content"] == [
            {
                "type": "tool_result",
                "toolId": "t1",
                "status": "completed",
                "isError": False,
                "content": "Read a.ts, 400 lines",
                "summary": "Read a.ts, 400 lines",
                "durationMs": 3,
            }
        ]
        record: Record = {**found, "content": []}  # pyright: ignore[reportAssignmentType] - still results
        assert record == {**results(""), "content": [], "seen": {}}


def test_a_result_that_is_shorter_than_its_summary_stays() -> None:
    assert record_type(results("Saved.")).small(results("Saved.")) == {**results("Saved."), "seen": {}}


def test_of_a_call_the_beginning_of_its_long_texts_is_kept() -> None:
    call: ApiBlock = {
        "type": "tool_use",
        "id": "t1",
        "name": "edit_file",
        "input": {"path": "a.ts", "edits": [{"old": "o" * 9_000, "new": "n"}], "all": True},
    }

    record = kept(step("I edit it.", call))

    assert record["kind"] == "step"
    assert record["content"][0] == {"type": "text", "text": "I edit it."}
    old = f"{'o' * INPUT_LIMIT}\n[{9_000 - INPUT_LIMIT} characters more]"
    assert record["content"][1] == {
        **call,
        "input": {"path": "a.ts", "edits": [{"old": old, "new": "n"}], "all": True},
    }


def test_of_thinking_the_words_are_kept() -> None:
    thinking: ApiBlock = {"type": "thinking", "thinking": "Hm.", "signature": "s" * 2_000}
    hidden: ApiBlock = {"type": "redacted_thinking", "data": "d" * 2_000}

    record = kept(step("Hello", thinking, hidden))

    assert record["kind"] == "step"
    assert record["content"] == [{"type": "text", "text": "Hello"}, {"type": "thinking", "thinking": "Hm."}]


def test_of_what_claude_alone_is_told_only_the_rest_is_kept() -> None:
    context: Record = {"kind": "context", "text": "x" * 2_000, "at": 5}
    summary: Record = {
        "kind": "summary",
        "text": "x" * 2_000,
        "before": (2, 1),
        "seen": {f"src/{n}.ts": n for n in range(100)},
        "uploadIds": ["upload-1"],
        "usage": no_usage(),
        "model": "m",
        "at": 5,
    }

    assert kept(context) == {**context, "text": ""}
    assert kept(summary) == {**summary, "seen": {}}


def test_other_records_and_those_that_are_small_anyway_stay_in_one_piece() -> None:
    long = "x" * 9_000
    records: list[Record] = [
        {"kind": "user", "id": "m1", "text": long, "at": 5},
        {"kind": "partial", "text": long, "thinking": long, "at": 5},
        {"kind": "notice", "noticeKind": "other", "text": long, "at": 5},
        {**ended(), "notice": long},  # pyright: ignore[reportAssignmentType] - still an end
        step(long),
        results("x" * 200),
    ]

    for record in records:
        assert stored_forms(record) == (encode(record), "")
