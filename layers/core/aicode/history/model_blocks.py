"""The content blocks that Claude is sent for each kind of record, all valid for the Messages API."""

from collections.abc import Sequence
from typing import cast

from aicode.history.content import result_blocks, text_block
from aicode.history.media import attachment_media
from aicode.history.records import (
    ApiBlock,
    ContextRecord,
    PartialRecord,
    ResultsRecord,
    StepRecord,
    SummaryRecord,
    UserRecord,
)
from aicode.history.server_calls import SERVER_CALL, is_server_result
from aicode.surrogates import without_surrogates

RESULT_LIMIT = 65_536
THINKING = frozenset({"thinking", "redacted_thinking"})
# What a citation has only in an answer, null as a rule. The API refuses what it does not know, and the SDK's
# `anthropic/types/citation_char_location_param.py` and `citation_page_location_param.py` do not have it.
_ONLY_IN_ANSWERS = "file_id"
_ASSISTANT_BLOCKS = THINKING | {"text", "tool_use", SERVER_CALL}


def user_blocks(record: UserRecord) -> list[ApiBlock]:
    """The attachments as blocks that stand for them, then the text: Claude sees best what comes before it.

    https://platform.claude.com/docs/en/build-with-claude/vision
    """
    return [*map(attachment_media, record.get("attachments", [])), *text_blocks(record)]


def text_blocks(record: UserRecord | ContextRecord | SummaryRecord | PartialRecord) -> list[ApiBlock]:
    """The record's text as one block; no block if it is blank."""
    text = record["text"]
    return [text_block(without_surrogates(text))] if text.strip() else []


def step_blocks(record: StepRecord) -> list[ApiBlock]:
    """The answer's blocks as they came, without those that the API does not accept back."""
    blocks = [
        _with_valid_citations(block)
        for block in record["content"]
        if _is_accepted_back(block) and not _is_blank(block)
    ]
    return without_last_thinking(blocks)


def without_last_thinking(blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
    """The blocks up to the last one that is no thinking: the API takes no answer that ends with thinking."""
    end = len(blocks)
    while end and blocks[end - 1]["type"] in THINKING:
        end -= 1
    return list(blocks[:end])


def results_blocks(record: ResultsRecord) -> list[ApiBlock]:
    """The result blocks, each with valid content."""
    return [_valid_result(block) for block in record["content"]]


def _is_accepted_back(block: ApiBlock) -> bool:
    """True for a block that the API accepts back, calls and results of its own tools included.

    The small form of a step has lost the signatures of its thinking.
    """
    if block.get("type") == "thinking" and not block.get("signature"):
        return False
    return block.get("type") in _ASSISTANT_BLOCKS or is_server_result(block)


def _with_valid_citations(block: ApiBlock) -> ApiBlock:
    if not isinstance(block.get("citations"), list):
        return block
    citations = cast("list[ApiBlock]", block["citations"])
    valid = [{name: v for name, v in each.items() if name != _ONLY_IN_ANSWERS} for each in citations]
    return {**block, "citations": valid}


def _is_blank(block: ApiBlock) -> bool:
    return block.get("type") == "text" and not str(block.get("text", "")).strip()


def _valid_result(result: ApiBlock) -> ApiBlock:
    """The result with valid texts: none is empty, and together they are at most RESULT_LIMIT long."""
    blocks: list[ApiBlock] = []
    room = RESULT_LIMIT
    for block in result_blocks(result):
        if block.get("type") != "text":
            blocks.append(block)
            continue
        text = without_surrogates(str(block.get("text", "")))
        if len(text) > room:
            text = f"{text[:room]}\n[cut: the result was longer]"
        room = max(0, room - len(text))
        if text.strip():
            blocks.append({**block, "text": text})
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        return {**result, "content": blocks[0]["text"]}  # a plain string takes less room, and means the same
    return {**result, "content": blocks or "(no output)"}
