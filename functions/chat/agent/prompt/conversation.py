"""A session's history as Claude must be given it: always a valid conversation, whatever died in between.

The API refuses a whole conversation for one tool call without its result, one result without its call, one
empty text block, thinking with nothing behind it, or a block of a kind that it does not take back; so this is
a pure function over the records, run whenever they are loaded.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import dropwhile

from aicode.history.records import ApiBlock, Entry, Record
from aicode.surrogates import without_surrogates
from chat.agent.prompt.sections import is_section
from chat.agent.prompt.sent_history import told

INTERRUPTED = "Interrupted: the tool did not finish."
RESULT_LIMIT = 65_536
ASSISTANT_BLOCKS = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})
_NO_ID = re.compile("[^a-zA-Z0-9_-]")

ApiMessage = dict[str, object]
Turn = tuple[str, list[ApiBlock]]


def to_api(entries: Sequence[Entry]) -> list[ApiMessage]:
    """The Messages API's `messages`: roles alternate, every call is answered at once, nothing is empty."""
    recorded = (_blocks(entry["record"]) for entry in told(entries))
    turns = _merged(dropwhile(lambda turn: not _is_message(turn), recorded))
    _pair(turns)
    # A message of results without calls has lost all it held, and its neighbours now meet.
    return [{"role": role, "content": blocks} for role, blocks in _merged(turns)]


def _merged(turns: Iterable[Turn]) -> list[Turn]:
    """One message for neighbours of one role, none for nothing."""
    merged: list[Turn] = []
    for role, blocks in turns:
        if not blocks:
            continue
        if merged and merged[-1][0] == role:
            merged[-1][1].extend(blocks)
        else:
            merged.append((role, list(blocks)))
    return merged


def context_of(entries: Sequence[Entry], tag: str) -> str:
    """The section with this tag as Claude was last told it beside a message; empty where it knows none."""
    for entry in reversed(told(entries)):
        record = entry["record"]
        if record["kind"] == "context" and is_section(tag, record["text"]):
            return record["text"]
    return ""


def seen_versions(entries: Sequence[Entry]) -> dict[str, int]:
    """The version of each path that Claude knows, by all it read and wrote in this session."""
    seen: dict[str, int] = {}
    for entry in told(entries):
        record = entry["record"]
        if record["kind"] == "results" or record["kind"] == "summary":
            seen |= record.get("seen", {})
    return seen


def _blocks(record: Record) -> Turn:
    if record["kind"] == "user" or record["kind"] == "context" or record["kind"] == "summary":
        return "user", _text(record["text"])
    if record["kind"] == "step":
        return "assistant", _answer(record["content"])
    if record["kind"] == "results":
        return "user", [_sound(block) for block in record["content"]]
    if record["kind"] == "partial":
        return "assistant", _text(record["text"])
    return "user", []


def _is_message(turn: Turn) -> bool:
    """Whether a conversation can begin with this."""
    return turn[0] == "user" and bool(_others(turn[1]))


def _text(text: str) -> list[ApiBlock]:
    return [{"type": "text", "text": without_surrogates(text)}] if text.strip() else []


def _answer(content: Sequence[ApiBlock]) -> list[ApiBlock]:
    """A step's blocks as they came, but for those that the API does not take back."""
    blocks = [block for block in content if block.get("type") in ASSISTANT_BLOCKS and not _is_blank(block)]
    while blocks and blocks[-1]["type"] in ("thinking", "redacted_thinking"):
        blocks.pop()
    return blocks


def _is_blank(block: ApiBlock) -> bool:
    return block.get("type") == "text" and not str(block.get("text", "")).strip()


def _sound(block: ApiBlock) -> ApiBlock:
    content = without_surrogates(str(block.get("content", "")))
    if len(content) > RESULT_LIMIT:
        content = content[:RESULT_LIMIT] + "\n[cut: the result was longer]"
    return {**block, "content": content or "(no output)"}


def _pair(turns: list[Turn]) -> None:
    """Answers every call in the user message right behind it, results first, and drops the others."""
    used: set[str] = set()
    calls: list[tuple[str, str]] = []
    for role, blocks in turns:
        if role == "user":
            blocks[:] = _answers(calls, blocks) + _others(blocks)
            calls = []
        else:
            calls = _rename(blocks, used)
    if calls:
        turns.append(("user", _answers(calls, [])))


def _rename(blocks: list[ApiBlock], used: set[str]) -> list[tuple[str, str]]:
    """The ids of the calls, as they came and as they are now: each valid, and once in a conversation."""
    calls: list[tuple[str, str]] = []
    for position, block in enumerate(blocks):
        if block.get("type") != "tool_use":
            continue
        given = str(block["id"])
        call = valid = _NO_ID.sub("_", given) or "call"
        while call in used:
            call = f"{valid}_{len(used)}"
        used.add(call)
        name = _NO_ID.sub("_", str(block["name"]))[:64] or "unknown"
        if (call, name) != (given, block["name"]):
            blocks[position] = {**block, "id": call, "name": name}
        calls.append((given, call))
    return calls


def _answers(calls: Sequence[tuple[str, str]], blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
    given = {block.get("tool_use_id"): block for block in reversed(blocks) if _is_result(block)}
    lost: ApiBlock = {"type": "tool_result", "is_error": True, "content": INTERRUPTED}
    return [{**given.get(before, lost), "tool_use_id": now} for before, now in calls]


def _others(blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
    return [block for block in blocks if not _is_result(block)]


def _is_result(block: ApiBlock) -> bool:
    return block.get("type") == "tool_result"
