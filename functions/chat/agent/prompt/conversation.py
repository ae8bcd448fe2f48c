"""Makes a valid conversation for the Messages API out of a session's history, whatever died in between.

The API refuses a whole conversation for one tool call without its result, one result without its call, one
empty text block, thinking with nothing behind it, or a block that it does not accept back. So a pure function
over the records repairs the conversation for each request.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from aicode.history import (
    SERVER_CALL,
    ApiBlock,
    Entry,
    entry_id,
    is_served,
    is_server_result,
    record_type,
    without_citations,
    without_last_thinking,
)
from chat.agent.prompt.attached import listed
from chat.agent.prompt.replaced import Origin, Replacements, numbered, replacements
from chat.agent.prompt.sent_history import model_view
from chat.agent.sections import is_section

INTERRUPTED = "Interrupted: the tool did not finish."
# The kinds of records that take something out of what Claude was sent before them.
_TAKE_OUT = ("summary", "trim", "replaced")
# Each block has its Origin under this key, which no block of the API has, until the messages are made.
_ORIGIN = "\0origin"
_NO_ID = re.compile("[^a-zA-Z0-9_-]")

ApiMessage = dict[str, object]
RoleBlocks = tuple[str, list[ApiBlock]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The Messages API's `messages`, and where each of their blocks comes from, None if from no record."""

    messages: list[ApiMessage]
    origins: list[list[Origin | None]]


def to_api(entries: Sequence[Entry]) -> list[ApiMessage]:
    """The Messages API's `messages`: roles alternate, every call is answered at once, nothing is empty."""
    return conversation_of(entries).messages


def conversation_of(entries: Sequence[Entry]) -> Conversation:
    """As `to_api`, with the origins of the blocks."""
    replaced = replacements(entries)
    recorded = (_blocks(entry, replaced) for entry in _rightly_cited(entries))
    messages = _merged(dropwhile(lambda message: not _can_begin(message), recorded))
    _pair(messages)
    # A message of results without calls is empty now, and the messages around it have the same role.
    merged = _merged(messages)
    return Conversation(
        [{"role": role, "content": [_bare(block) for block in blocks]} for role, blocks in merged],
        [[_origin(block) for block in blocks] for _, blocks in merged],
    )


def _rightly_cited(entries: Sequence[Entry]) -> list[Entry]:
    """What Claude is sent of the entries, with those citations that still mean what they meant.

    A citation names a document by its number among all in the request, and a place in it; the API refuses one
    that leads nowhere. So what takes something out of the conversation takes all citations before it along.
    """
    ends = (entry_id(entry) for entry in entries if entry["record"]["kind"] in _TAKE_OUT)
    end = max(ends, default=(0, 0))
    return [_uncited(entry) if entry_id(entry) < end else entry for entry in model_view(entries)]


def _uncited(entry: Entry) -> Entry:
    record = entry["record"]
    if record["kind"] != "step":
        return entry
    return {**entry, "record": {**record, "content": without_citations(record["content"])}}


def _bare(block: ApiBlock) -> ApiBlock:
    return {name: value for name, value in block.items() if name != _ORIGIN}


def _origin(block: ApiBlock) -> Origin | None:
    origin = block.get(_ORIGIN)
    return origin if isinstance(origin, Origin) else None


def _merged(messages: Iterable[RoleBlocks]) -> list[RoleBlocks]:
    """The messages without empty ones; neighbours with the same role become one."""
    merged: list[RoleBlocks] = []
    for role, blocks in messages:
        if not blocks:
            continue
        if merged and merged[-1][0] == role:
            merged[-1][1].extend(blocks)
        else:
            merged.append((role, list(blocks)))
    return merged


def without_server_calls(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without calls of tools that the API runs itself, for an endpoint that has none."""
    return [_without_server_calls(entry) for entry in entries]


def _without_server_calls(entry: Entry) -> Entry:
    record = entry["record"]
    if record["kind"] != "step":
        return entry
    content = [block for block in record["content"] if not is_served(block)]
    return {**entry, "record": {**record, "content": without_citations(content)}}


def context_of(entries: Sequence[Entry], tag: str) -> str:
    """The latest section with this tag that Claude is still sent beside a message; empty if there is none."""
    for entry in reversed(model_view(entries)):
        record = entry["record"]
        if record["kind"] == "context" and is_section(tag, record["text"]):
            return record["text"]
    return ""


def seen_versions(entries: Sequence[Entry]) -> dict[str, int]:
    """The version of each path that Claude knows from what it read and wrote in this session."""
    seen: dict[str, int] = {}
    for entry in model_view(entries):
        record = entry["record"]
        if record["kind"] == "results" or record["kind"] == "summary":
            seen |= record.get("seen", {})
    return seen


def _blocks(entry: Entry, replaced: Replacements) -> RoleBlocks:
    kind = record_type(entry["record"])
    blocks = listed(entry["record"], kind.model_blocks(entry["record"]))
    placed = replaced.applied(numbered(entry_id(entry), blocks))
    return kind.model_role, [{**block, _ORIGIN: origin} for origin, block in placed]


def _can_begin(message: RoleBlocks) -> bool:
    """True if a conversation can begin with this message."""
    return message[0] == "user" and bool(_not_results(message[1]))


def _pair(messages: list[RoleBlocks]) -> None:
    """Gives every call its result at the start of the next user message, and drops all other results."""
    used: set[str] = set()
    calls: list[tuple[str, str]] = []
    last = len(messages) - 1
    for at, (role, blocks) in enumerate(messages):
        if role == "user":
            blocks[:] = _results(calls, blocks) + _not_results(blocks)
            calls = []
        else:
            blocks[:] = without_last_thinking(_without_broken_server_calls(blocks, is_last=at == last))
            calls = _renamed_calls(blocks, used)
    if calls:
        messages.append(("user", _results(calls, [])))


def _without_broken_server_calls(blocks: Sequence[ApiBlock], *, is_last: bool) -> list[ApiBlock]:
    """The blocks, but calls of the API's own tools and their results only in pairs.

    An answer that is the last of the conversation is one in which the API paused: it goes on with the calls
    that have no result.
    """
    calls = {block["id"] for block in blocks if block["type"] == SERVER_CALL}
    results = {block["tool_use_id"] for block in blocks if is_server_result(block)}
    whole = calls if is_last else calls & results
    return [
        block
        for block in blocks
        if not is_served(block) or block.get("tool_use_id", block.get("id")) in whole
    ]


def _renamed_calls(blocks: list[ApiBlock], used: set[str]) -> list[tuple[str, str]]:
    """Makes the ids of the calls valid and unique in the conversation; gives each id before and after."""
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


def _results(calls: Sequence[tuple[str, str]], blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
    """The result of each call, under the call's new id; a lost one is replaced by an error."""
    given = {block.get("tool_use_id"): block for block in reversed(blocks) if _is_result(block)}
    lost: ApiBlock = {"type": "tool_result", "is_error": True, "content": INTERRUPTED}
    return [{**given.get(before, lost), "tool_use_id": now} for before, now in calls]


def _not_results(blocks: Sequence[ApiBlock]) -> list[ApiBlock]:
    return [block for block in blocks if not _is_result(block)]


def _is_result(block: ApiBlock) -> bool:
    return block.get("type") == "tool_result"
