"""A session's history as Claude must be given it: always a valid conversation, whatever died in between.

The API refuses a whole conversation for one tool call without its result, one result without its call, or
one empty text block; so this is a pure function over the records, run whenever they are loaded.
"""

import re
from collections.abc import Sequence

from aicode.session_manager.records import ApiBlock, Entry, Record

INTERRUPTED = "Interrupted: the tool did not finish."
RESULT_LIMIT = 65_536
_SURROGATE = re.compile("[\ud800-\udfff]")

ApiMessage = dict[str, object]


def to_api(entries: Sequence[Entry]) -> list[ApiMessage]:
    """The Messages API's `messages`: roles alternate, every call is answered at once, nothing is empty."""
    turns: list[tuple[str, list[ApiBlock]]] = []
    for entry in entries:
        role, blocks = _blocks(entry["record"])
        if not blocks:
            continue
        if turns and turns[-1][0] == role:
            turns[-1][1].extend(blocks)
        else:
            turns.append((role, blocks))
    _pair(turns)
    return [{"role": role, "content": blocks} for role, blocks in turns if blocks]


def context_of(entries: Sequence[Entry]) -> str:
    """What Claude was last told about the app beside a message."""
    for entry in reversed(entries):
        if entry["record"]["kind"] == "context":
            return entry["record"]["text"]
    return ""


def seen_versions(entries: Sequence[Entry]) -> dict[str, int]:
    """The version of each path that Claude knows, by all it read and wrote in this session."""
    seen: dict[str, int] = {}
    for entry in entries:
        if entry["record"]["kind"] == "results":
            seen |= entry["record"].get("seen", {})
    return seen


def _blocks(record: Record) -> tuple[str, list[ApiBlock]]:
    if record["kind"] == "user" or record["kind"] == "context":
        return "user", _text(record["text"])
    if record["kind"] == "step":
        return "assistant", [block for block in record["content"] if not _is_blank(block)]
    if record["kind"] == "results":
        return "user", [_sound(block) for block in record["content"]]
    if record["kind"] == "partial":
        return "assistant", _text(record["text"])
    return "user", []


def _text(text: str) -> list[ApiBlock]:
    return [{"type": "text", "text": _SURROGATE.sub("�", text)}] if text.strip() else []


def _is_blank(block: ApiBlock) -> bool:
    return block.get("type") == "text" and not str(block.get("text", "")).strip()


def _sound(block: ApiBlock) -> ApiBlock:
    content = _SURROGATE.sub("�", str(block.get("content", "")))
    if len(content) > RESULT_LIMIT:
        content = content[:RESULT_LIMIT] + "\n[cut: the result was longer]"
    return {**block, "content": content or "(no output)"}


def _pair(turns: list[tuple[str, list[ApiBlock]]]) -> None:
    """Answers every call in the user message right behind it, results first, and drops the others."""
    position = 0
    while position < len(turns):
        role, blocks = turns[position]
        calls = [str(block["id"]) for block in blocks if block.get("type") == "tool_use"]
        if role == "assistant" and calls:
            if position + 1 == len(turns):
                turns.append(("user", []))
            following = turns[position + 1][1]
            following[:] = _answers(calls, following) + _others(following)
            position += 1
        elif role == "user":
            blocks[:] = _others(blocks)
        position += 1


def _answers(calls: Sequence[str], blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
    given = {block.get("tool_use_id"): block for block in reversed(blocks) if _is_result(block)}
    lost: ApiBlock = {"type": "tool_result", "is_error": True, "content": INTERRUPTED}
    return [given.get(call, {**lost, "tool_use_id": call}) for call in calls]


def _others(blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
    return [block for block in blocks if not _is_result(block)]


def _is_result(block: ApiBlock) -> bool:
    return block.get("type") == "tool_result"
