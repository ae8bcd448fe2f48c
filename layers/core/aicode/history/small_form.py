"""Makes the small forms of records: what the history keeps after a summary has replaced them for Claude.

A conversation may go on for thousands of turns, and most of its bytes are results of tools. After a summary
Claude is never sent those again, and for the vendor one line about each call is enough.
"""

from typing import cast

from aicode.history.content import result_blocks, text_block, text_of
from aicode.history.records import ApiBlock, ContextRecord, ResultsRecord, StepRecord, SummaryRecord
from aicode.history.server_calls import without_pages

# In characters of each text that Claude wrote into a call: enough to recognise it. So a session of 2,000
# turns of three to nine steps each takes less than 22 MB (tests/session/test_very_long_sessions.py).
INPUT_LIMIT = 500


def small_context(record: ContextRecord) -> ContextRecord:
    """The record without its text."""
    return {**record, "text": ""}


def small_summary(record: SummaryRecord) -> SummaryRecord:
    """The record without its file versions. Its text is sent again if a message behind it is replaced."""
    return {**record, "seen": {}}


def cut_texts(value: object, limit: int) -> object:
    """The JSON value with each text cut to `limit` characters; a cut text says how many were left out."""
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[:limit]}\n[{len(value) - limit} characters more]"
    if isinstance(value, dict):
        return {name: cut_texts(part, limit) for name, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [cut_texts(part, limit) for part in cast("list[object]", value)]
    return value


def small_results(record: ResultsRecord) -> ResultsRecord:
    """The results with each call's summary in place of its result, unless the result is as short."""
    summaries = {tool["toolId"]: tool["summary"] for tool in record["tools"]}
    content = [
        _result(block, summaries.get(str(block.get("tool_use_id")), "")) for block in record["content"]
    ]
    return {**record, "content": content, "seen": {}}


def _result(block: ApiBlock, summary: str) -> ApiBlock:
    is_shorter = len(text_of(result_blocks(block))) <= len(summary)
    return block if is_shorter else {**block, "content": [text_block(summary)] if summary else []}


def small_step(record: StepRecord) -> StepRecord:
    """The answer with inputs of calls and pages cut, and without what only the API needs of its thinking."""
    content = [_block(block) for block in record["content"] if block.get("type") != "redacted_thinking"]
    return {**record, "content": without_pages(content, INPUT_LIMIT)}


def _block(block: ApiBlock) -> ApiBlock:
    if block.get("type") == "thinking":
        return {name: value for name, value in block.items() if name != "signature"}
    if block.get("type") == "tool_use":
        return {**block, "input": cut_texts(block.get("input"), INPUT_LIMIT)}
    return block
