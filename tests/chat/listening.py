"""A listener that remembers what it heard of an answer, and a wire transcript to listen to."""

import json
from collections.abc import Iterable
from typing import Any

from aicode.api_types import Usage
from chat.agent.model.interface import Purpose, ToolCall

Heard = list[tuple[str, Any]]


class Ear:
    """Hears an answer; neighbouring pieces of one kind count as one."""

    purpose: Purpose = "answer"

    def __init__(self) -> None:
        self.heard: Heard = []
        self.lost: list[Usage] = []
        self.begun = 0

    def begins(self) -> None:
        self.begun += 1

    def text(self, text: str) -> None:
        self._more("text", text)

    def thinking(self, text: str) -> None:
        self._more("thinking", text)

    def tool_start(self, call_id: str, name: str) -> None:
        self.heard.append(("start", (call_id, name)))

    def tool_input(self, call_id: str, piece: str) -> None:
        if self.heard[-1][0] == "input" and self.heard[-1][1][0] == call_id:
            piece = self.heard.pop()[1][1] + piece
        self.heard.append(("input", (call_id, piece)))

    def tool_ready(self, call: ToolCall) -> None:
        self.heard.append(("ready", call))

    def server_call(self, call: ToolCall) -> None:
        self.heard.append(("server call", call))

    def server_result(self, result: dict[str, object]) -> None:
        self.heard.append(("server result", result))

    def cited(self, citations: object) -> None:
        self.heard.append(("cited", citations))

    def delayed(self, text: str) -> None:
        self.heard.append(("delayed", text))

    def spent(self, model: str, usage: Usage) -> None:
        self.lost.append(usage)

    def reset(self, reason: str) -> None:
        self.heard.append(("reset", reason))

    def _more(self, kind: str, text: str) -> None:
        if self.heard and self.heard[-1][0] == kind:
            text = self.heard.pop()[1] + text
        self.heard.append((kind, text))

    @property
    def resets(self) -> list[str]:
        return [reason for kind, reason in self.heard if kind == "reset"]


def frame(event: dict[str, Any], line_end: str = "\n") -> bytes:
    """One event as the API writes it."""
    data = json.dumps(event, ensure_ascii=False)
    return f"event: {event['type']}{line_end}data: {data}{line_end}{line_end}".encode()


def transcript(events: Iterable[dict[str, Any]], line_end: str = "\n") -> bytes:
    """A whole answer."""
    return b"".join(frame(event, line_end) for event in events)


def started(**usage: int) -> dict[str, Any]:
    return {"type": "message_start", "message": {"model": "claude-test", "usage": usage}}


def stopped(stop_reason: str = "end_turn", **usage: int) -> list[dict[str, Any]]:
    delta = {"stop_reason": stop_reason, "stop_sequence": None}
    return [{"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop"}]


def block(index: int, content: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": content},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def text_block(index: int, *pieces: str) -> list[dict[str, Any]]:
    deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
    return block(index, {"type": "text", "text": ""}, *deltas)


def thinking_block(index: int, signature: str, *pieces: str) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"type": "thinking_delta", "thinking": piece} for piece in pieces]
    deltas.append({"type": "signature_delta", "signature": signature})
    return block(index, {"type": "thinking", "thinking": "", "signature": ""}, *deltas)


def tool_block(index: int, call_id: str, name: str, *pieces: str) -> list[dict[str, Any]]:
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    return block(index, {"type": "tool_use", "id": call_id, "name": name, "input": {}}, *deltas)
