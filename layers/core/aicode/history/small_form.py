"""What a history keeps of a record for good, and what only Claude needs of it until there is a summary.

A conversation may go on for thousands of turns, and most of its bytes are what tools gave Claude to read.
Once a summary stands for them Claude is never sent them again, and the vendor is shown what each call did.
"""

from typing import cast

from aicode.history.records import ApiBlock, Record, ResultsRecord, StepRecord, encode

# Of each text that Claude wrote into a call: enough to recognise it. With these two a session of 2,000 turns
# of three to nine steps each takes less than 20 MB (tests/session/test_very_long_sessions.py).
INPUT_LIMIT = 500
# Characters. A record that is hardly longer than its small form is kept in one piece.
WORTH_SPLITTING = 250


def stored_forms(record: Record) -> tuple[str, str]:
    """What the history keeps of a record for good, and the whole of it, empty where that is the same."""
    whole = encode(record)
    small = encode(small_form(record))
    return (small, whole) if len(whole) - len(small) >= WORTH_SPLITTING else (whole, "")


def small_form(record: Record) -> Record:
    """The record without what neither its vendor is shown nor a bill or a take-over needs."""
    if record["kind"] == "results":
        return _results(record)
    if record["kind"] == "step":
        return _step(record)
    if record["kind"] == "context":
        return {**record, "text": ""}
    if record["kind"] == "summary":
        return {**record, "text": "", "seen": {}}
    return record


def cut_texts(value: object, limit: int) -> object:
    """The same JSON value with no text of more than `limit` characters: it says how many were left out."""
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[:limit]}\n[{len(value) - limit} characters more]"
    if isinstance(value, dict):
        return {name: cut_texts(part, limit) for name, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [cut_texts(part, limit) for part in cast("list[object]", value)]
    return value


def _results(record: ResultsRecord) -> ResultsRecord:
    summaries = {tool["toolId"]: tool["summary"] for tool in record["tools"]}
    content = [
        _result(block, summaries.get(str(block.get("tool_use_id")), "")) for block in record["content"]
    ]
    return {**record, "content": content, "seen": {}}


def _result(block: ApiBlock, summary: str) -> ApiBlock:
    content = block.get("content", "")
    is_shorter = isinstance(content, str) and len(content) <= len(summary)
    return block if is_shorter else {**block, "content": summary}


def _step(record: StepRecord) -> StepRecord:
    content = [_block(block) for block in record["content"] if block.get("type") != "redacted_thinking"]
    return {**record, "content": content}


def _block(block: ApiBlock) -> ApiBlock:
    if block.get("type") == "thinking":
        return {name: value for name, value in block.items() if name != "signature"}
    if block.get("type") == "tool_use":
        return {**block, "input": cut_texts(block.get("input"), INPUT_LIMIT)}
    return block
