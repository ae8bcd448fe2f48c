"""What a history keeps of a record for good, and what only Claude needs of it until there is a summary.

A conversation may go on for thousands of turns, and most of its bytes are what tools gave Claude to read.
Once a summary stands for them Claude is never sent them again, and the vendor is shown what each call did.
"""

from typing import cast

from aicode.history.content import result_blocks, text_block, text_of
from aicode.history.records import ApiBlock, ContextRecord, ResultsRecord, StepRecord, SummaryRecord

# Of each text that Claude wrote into a call: enough to recognise it. With these two a session of 2,000 turns
# of three to nine steps each takes less than 20 MB (tests/session/test_very_long_sessions.py).
INPUT_LIMIT = 500


def small_context(record: ContextRecord) -> ContextRecord:
    """That something was told, without what."""
    return {**record, "text": ""}


def small_summary(record: SummaryRecord) -> SummaryRecord:
    """What the summary cost, without its text."""
    return {**record, "text": "", "seen": {}}


def cut_texts(value: object, limit: int) -> object:
    """The same JSON value with no text of more than `limit` characters: it says how many were left out."""
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[:limit]}\n[{len(value) - limit} characters more]"
    if isinstance(value, dict):
        return {name: cut_texts(part, limit) for name, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [cut_texts(part, limit) for part in cast("list[object]", value)]
    return value


def small_results(record: ResultsRecord) -> ResultsRecord:
    """What each call did in a line, in place of what it gave."""
    summaries = {tool["toolId"]: tool["summary"] for tool in record["tools"]}
    content = [
        _result(block, summaries.get(str(block.get("tool_use_id")), "")) for block in record["content"]
    ]
    return {**record, "content": content, "seen": {}}


def _result(block: ApiBlock, summary: str) -> ApiBlock:
    is_shorter = len(text_of(result_blocks(block))) <= len(summary)
    return block if is_shorter else {**block, "content": [text_block(summary)] if summary else []}


def small_step(record: StepRecord) -> StepRecord:
    """The answer with the beginnings of what Claude wrote into calls, and without signatures."""
    content = [_block(block) for block in record["content"] if block.get("type") != "redacted_thinking"]
    return {**record, "content": content}


def _block(block: ApiBlock) -> ApiBlock:
    if block.get("type") == "thinking":
        return {name: value for name, value in block.items() if name != "signature"}
    if block.get("type") == "tool_use":
        return {**block, "input": cut_texts(block.get("input"), INPUT_LIMIT)}
    return block
