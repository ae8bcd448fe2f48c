"""The Messages API's wire format: events, content blocks and whole messages, as pure functions.

After https://platform.claude.com/docs/en/build-with-claude/streaming.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from dev.claude.cache import InputUsage, text_tokens
from dev.claude.script import (
    Block,
    FetchedPage,
    RedactedThinking,
    ServerToolUse,
    Text,
    Thinking,
    ToolUse,
    UnknownBlock,
)
from dev.claude.signature import REDACTED, sign

_TEXT_CUT = 14
_JSON_CUT = 20


def new_id(prefix: str) -> str:
    """An id in the API's style, such as `msg_01Xk...`."""
    return f"{prefix}_01{secrets.token_hex(11)}"


def frame(event_type: str, data: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    text = json.dumps({"type": event_type, **data}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event_type}\ndata: {text}\n\n".encode()


def message(model: str, message_id: str, usage: InputUsage) -> dict[str, Any]:
    """The message of `message_start`: everything but its content."""
    return {
        "model": model,
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            **input_usage(usage),
            "cache_creation": {
                "ephemeral_5m_input_tokens": usage.cache_creation_input_tokens - usage.hour_input_tokens,
                "ephemeral_1h_input_tokens": usage.hour_input_tokens,
            },
            "output_tokens": 1,
            "service_tier": "standard",
        },
    }


def input_usage(usage: InputUsage) -> dict[str, int]:
    """The input side of `usage`."""
    return {
        "input_tokens": usage.input_tokens,
        "cache_creation_input_tokens": usage.cache_creation_input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
    }


class WireBlock:
    """A content block as it goes over the wire: its start, its deltas, and what they add up to."""

    def __init__(self, start: dict[str, Any], deltas: list[dict[str, Any]], whole: dict[str, Any]) -> None:
        self.start = start
        self.deltas = deltas
        self.whole = whole

    @classmethod
    def of(cls, block: Block, *, model: str, show_thinking: bool) -> "WireBlock":  # noqa: PLR0911 - kinds
        """The block as `model` would send it to a request that shows thinking, or doesn't."""
        match block:
            case Text():
                return cls._text(block)
            case Thinking():
                return cls._thinking(block, model, block.text if show_thinking else "")
            case ToolUse():
                return cls._tool_use(block)
            case ServerToolUse():
                return cls._server_tool_use(block)
            case FetchedPage():
                whole = _fetched(block)
                return cls(whole, [], whole)
            case RedactedThinking():
                start = {"type": "redacted_thinking", "data": sign(model, REDACTED)}
                return cls(start, [], start)
            case UnknownBlock():
                return cls(dict(block.block), [dict(d) for d in block.deltas], dict(block.block))

    @classmethod
    def _text(cls, block: Text) -> "WireBlock":
        deltas: list[dict[str, Any]] = [
            {"type": "text_delta", "text": part} for part in _words(block.text, block.cuts)
        ]
        start, whole = {"type": "text", "text": ""}, {"type": "text", "text": block.text}
        if not block.citations:
            return cls(start, deltas, whole)
        cited = [dict(citation) for citation in block.citations]
        deltas += [{"type": "citations_delta", "citation": citation} for citation in cited]
        return cls({"citations": [], **start}, deltas, {"citations": cited, **whole})

    @classmethod
    def _thinking(cls, block: Thinking, model: str, shown: str) -> "WireBlock":
        signature = sign(model, shown)
        deltas: list[dict[str, Any]] = [
            {"type": "thinking_delta", "thinking": part} for part in _words(shown, block.cuts)
        ]
        deltas.append({"type": "signature_delta", "signature": signature})
        start = {"type": "thinking", "thinking": "", "signature": ""}
        return cls(start, deltas, {**start, "thinking": shown, "signature": signature})

    @classmethod
    def _tool_use(cls, block: ToolUse) -> "WireBlock":
        raw = block.input if isinstance(block.input, str) else _dumps(block.input)
        start: dict[str, Any] = {
            "type": "tool_use",
            "id": block.id or new_id("toolu"),
            "name": block.name,
            "input": {},
        }
        # The API opens every input with an empty delta, and cuts it anywhere, inside escapes too.
        parts = ["", *_cut(raw, block.cuts, _JSON_CUT)]
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        return cls(start, deltas, {**start, "input": _parsed(raw)})

    @classmethod
    def _server_tool_use(cls, block: ServerToolUse) -> "WireBlock":
        start: dict[str, Any] = {"type": "server_tool_use", "id": block.id, "name": block.name, "input": {}}
        parts = ["", *_cut(_dumps(block.input), None, _JSON_CUT)]
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        return cls(start, deltas, {**start, "input": dict(block.input)})

    def output_tokens(self) -> int:
        """A rough count of what the block cost; what a tool of the API gave was not written by the model."""
        if self.whole["type"].endswith("_tool_result"):
            return 0
        return text_tokens(_dumps(self.whole))


def _fetched(block: FetchedPage) -> dict[str, Any]:
    """After https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool#response."""
    content: dict[str, Any] = {"type": "web_fetch_tool_result_error", "error_code": block.error_code}
    if not block.error_code:
        source = {"type": "text", "media_type": "text/plain", "data": block.text}
        document = {
            "type": "document",
            "source": source,
            "title": block.title,
            "citations": {"enabled": True},
        }
        when = "2026-01-01T00:00:00Z"
        content = {"type": "web_fetch_result", "url": block.url, "content": document, "retrieved_at": when}
    result = {"type": "web_fetch_tool_result", "tool_use_id": block.call_id, "content": content}
    return {**result, "caller": {"type": "direct"}}


def _dumps(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _parsed(raw: str) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return {}


def _cut(text: str, cuts: int | None, size: int) -> Iterator[str]:
    if cuts is not None:
        for n in range(cuts):
            yield text[n * len(text) // cuts : (n + 1) * len(text) // cuts]
        return
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _words(text: str, cuts: int | None) -> Iterator[str]:
    """Pieces of a few words each, or `cuts` pieces."""
    if cuts is not None:
        yield from _cut(text, cuts, _TEXT_CUT)
        return
    start = 0
    while start < len(text):
        space = text.find(" ", start + _TEXT_CUT)
        end = len(text) if space < 0 else space
        yield text[start:end]
        start = end
