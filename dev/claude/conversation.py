"""What the API demands of `messages`: roles, blocks, calls and their results, thinking left as it was.

The sentences are the API's own where they are known from public reports, so that a log reads alike.
"""

from collections.abc import Iterator, Set
from typing import Any, NamedTuple

from dev.claude.api_error import invalid
from dev.claude.content_blocks import ROLE_BLOCKS, check_block
from dev.claude.shape import is_list, is_object
from dev.claude.signature import REDACTED, verify


class _Placed(NamedTuple):
    place: str
    block: dict[str, Any]


class _Turn(NamedTuple):
    """Messages of one role in a row: the API takes them for one."""

    role: str
    place: str
    blocks: list[_Placed]


def check_messages(messages: object, model: str, server_tools: Set[str] = frozenset()) -> None:
    """Raises ApiError 400 where the API would refuse this conversation.

    `server_tools` are the names of those that the API itself runs. Only where one of them was paused may the
    conversation end with the assistant's words: they are sent back as they came (`pause_turn`).
    """
    if not is_list(messages):
        raise invalid("messages: Input should be a valid list")
    if not messages:
        raise invalid("messages: at least one message is required")
    turns = _turns(messages)
    if not turns or turns[0].role != "user":
        raise invalid('messages: first message must use the "user" role')
    if turns[-1].role == "assistant" and not _is_paused(turns[-1], server_tools):
        raise invalid(
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )
    _check_calls(turns)
    _check_thinking(turns, model)


def _is_paused(turn: _Turn, server_tools: Set[str]) -> bool:
    return any(b["type"] == "server_tool_use" and b["name"] in server_tools for _, b in turn.blocks)


def _turns(messages: list[Any]) -> list[_Turn]:
    turns: list[_Turn] = []
    for n, message in enumerate(messages):
        place = f"messages.{n}"
        role = _check_shape(place, message)
        blocks = list(_blocks(place, role, message["content"]))
        if role == "system":
            continue
        if turns and turns[-1].role == role:
            turns[-1].blocks.extend(blocks)
        else:
            turns.append(_Turn(role, place, blocks))
    return turns


def _check_shape(place: str, message: Any) -> str:
    if not is_object(message):
        raise invalid(f"{place}: Input should be an object")
    for name in ("role", "content"):
        if name not in message:
            raise invalid(f"{place}.{name}: Field required")
    extra = set(message) - {"role", "content"}
    if extra:
        raise invalid(f"{place}.{min(extra)}: Extra inputs are not permitted")
    role: Any = message["role"]
    if not isinstance(role, str) or role not in ROLE_BLOCKS:
        raise invalid(f"{place}.role: Input should be 'user' or 'assistant'")
    return role


def _blocks(place: str, role: str, content: Any) -> Iterator[_Placed]:
    if isinstance(content, str):
        content = [{"type": "text", "text": content}] if content else []
    if not is_list(content):
        raise invalid(f"{place}.content: Input should be a valid list")
    if not content:
        raise invalid(
            f"{place}: all messages must have non-empty content "
            "except for the optional final assistant message"
        )
    for n, block in enumerate(content):
        at = f"{place}.content.{n}"
        check_block(at, role, block)
        yield _Placed(at, block)


def _check_calls(turns: list[_Turn]) -> None:
    seen: set[str] = set()
    open_calls: list[str] = []
    caller = ""
    for turn in turns:
        if turn.role == "assistant":
            open_calls = [b["id"] for _, b in turn.blocks if b["type"] == "tool_use"]
            for placed in turn.blocks:
                if placed.block["type"] == "tool_use":
                    _check_unique(placed, seen)
            _check_server_calls(turn, is_last=turn is turns[-1])
            caller = turn.place
        else:
            _check_results(turn, open_calls, caller)
            open_calls = []


def _check_server_calls(turn: _Turn, *, is_last: bool) -> None:
    """Calls of tools that the API runs itself have their results in the same message, unless it is paused."""
    results = [b["tool_use_id"] for _, b in turn.blocks if b["type"].endswith("_tool_result")]
    calls = [placed for placed in turn.blocks if placed.block["type"] == "server_tool_use"]
    for place, call in calls[:-1] if is_last else calls:
        if call["id"] not in results:
            raise invalid(
                f"{place}: `{call['name']}` tool use with id `{call['id']}` was found without a "
                f"corresponding `{call['name']}_tool_result` block"
            )
    stray = set(results).difference(call["id"] for _, call in calls)
    if stray:
        raise invalid(f"{turn.place}: unexpected `tool_use_id` found in a server tool's result: {min(stray)}")


def _check_unique(placed: _Placed, seen: set[str]) -> None:
    if placed.block["id"] in seen:
        raise invalid(f"{placed.place}: `tool_use` ids must be unique")
    seen.add(placed.block["id"])


def _check_results(turn: _Turn, calls: list[str], caller: str) -> None:
    answered: set[str] = set()
    leading = True
    for place, block in turn.blocks:
        if block["type"] != "tool_result":
            leading = False
            continue
        call = block["tool_use_id"]
        if call not in calls:
            raise invalid(
                f"{place}: unexpected `tool_use_id` found in `tool_result` blocks: {call}. Each "
                "`tool_result` block must have a corresponding `tool_use` block in the previous message."
            )
        if call in answered:
            raise invalid(
                f"{place}: each tool_use must have a single result. "
                f"Found multiple `tool_result` blocks with id: {call}"
            )
        # A result after a text doesn't count: results come first in a message.
        if leading:
            answered.add(call)
    missing = [call for call in calls if call not in answered]
    if missing:
        raise invalid(
            f"{caller}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` "
            "block in the next message."
        )


def _check_thinking(turns: list[_Turn], model: str) -> None:
    answers = [turn for turn in turns if turn.role == "assistant"]
    for turn in answers:
        for place, block in turn.blocks:
            if block["type"] in {"thinking", "redacted_thinking"} and not _genuine(block, model):
                raise invalid(f"{place}: {_ALTERED[turn is answers[-1]].format(block['type'])}")
        place, block = turn.blocks[-1]
        if block["type"] in {"thinking", "redacted_thinking"}:
            raise invalid(f"{place}: The final block in an assistant message cannot be `{block['type']}`.")


_ALTERED = {
    True: "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. "
    "These blocks must remain as they were in the original response.",
    False: "Invalid `signature` in `{}` block",
}


def _genuine(block: dict[str, Any], model: str) -> bool:
    if block["type"] == "redacted_thinking":
        return verify(model, REDACTED, str(block.get("data")))
    text, signature = block.get("thinking"), block.get("signature")
    return isinstance(text, str) and isinstance(signature, str) and verify(model, text, signature)
