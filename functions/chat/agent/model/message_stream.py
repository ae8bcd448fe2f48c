"""Parses the bytes of a streamed answer: calls a listener on the way, and builds the Answer.

This is not left to the SDK, which needs 15 times the CPU per delta and takes a truncated stream for a
complete one. Deltas of one read are handed on together, and a tool's input is parsed once, at its end.
"""

import contextlib
import re
from collections.abc import Callable
from typing import Any, cast

import orjson

from aicode.api_types import Usage
from aicode.history import SERVER_CALL, ApiBlock, is_server_result, no_usage
from chat.agent.model.interface import INVALID_JSON, Answer, AnswerListener, ModelFailure, ToolCall

CHARACTERS_PER_TOKEN = 4
RETRYABLE_ERRORS = frozenset(
    {"overloaded_error", "api_error", "rate_limit_error", "timeout_error", "internal_server_error"}
)
_CODE_WORD = re.compile(r"[a-z0-9_]{0,60}")
# Codes of a rate_limit_error for which waiting does not help. It may come before the stream or in it.
SPEND_LIMITS = frozenset({"contract_spend_limit_reached", "enforced_spend_limit_reached"})


class MessageStream:
    """Parses one answer from the chunks it is fed; `answer` is set once `message_stop` has come.

    `progress` grows with each event but pings. `told` is true once the API has said what the answer uses, or
    that there is none.
    """

    def __init__(self, listener: AnswerListener) -> None:
        self._listener = listener
        self._rest = b""
        self._blocks: dict[int, ApiBlock] = {}
        self._parts: dict[int, list[str]] = {}
        self._signatures: dict[int, str] = {}
        self._calls: list[ToolCall] = []
        self._usage: dict[str, int] = {}
        self._model = ""
        self._stop_reason = "unknown"
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._input: list[str] = []
        self._input_index = -1
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "message_start": self._message_start,
            "content_block_start": self._block_start,
            "content_block_stop": self._block_stop,
            "message_delta": self._message_delta,
            "message_stop": self._message_stop,
            "error": self._error,
        }
        self.progress: int = 0
        self.told = False
        self.request_id: str | None = None
        self.answer: Answer | None = None

    @property
    def hour_writes(self) -> int:
        """How many of the tokens written to the cache are kept there for an hour."""
        return self._usage.get("ephemeral_1h_input_tokens", 0)

    def usage(self) -> Usage:
        """The tokens so far, without their price. The output of an unfinished answer is an estimate."""
        usage = no_usage()
        usage["inputTokens"] = self._usage.get("input_tokens", 0)
        usage["outputTokens"] = self._usage.get("output_tokens", 0)
        usage["cacheReadTokens"] = self._usage.get("cache_read_input_tokens", 0)
        usage["cacheWriteTokens"] = self._usage.get("cache_creation_input_tokens", 0)
        if self.answer is None and self._blocks:
            written = sum(len(part) for parts in self._parts.values() for part in parts)
            ended = [block for index, block in self._blocks.items() if index not in self._parts]
            read = sum(len(str(block)) for block in ended if is_server_result(block))
            written += sum(len(str(block)) for block in ended) - read
            usage["outputTokens"] = max(usage["outputTokens"], written // CHARACTERS_PER_TOKEN)
            usage["inputTokens"] += read // CHARACTERS_PER_TOKEN
        return usage

    def feed(self, chunk: bytes) -> None:
        """Parses a chunk. Raises ModelFailure for an `error` event or a malformed stream."""
        data = self._rest + chunk if self._rest else chunk
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        lines = data.split(b"\n")
        self._rest = lines.pop()
        try:
            for line in lines:
                if line[:5] == b"data:":
                    event = orjson.loads(line[5:])
                    if event["type"] == "content_block_delta":
                        self._delta(event["index"], event["delta"])
                        self.progress += 1
                    else:
                        self._event(event)
            self._hand_on()
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelFailure("failed", "malformed stream", retryable=True) from error

    def _event(self, event: dict[str, Any]) -> None:
        if event["type"] == "ping":
            return
        self._hand_on()
        handle = self._handlers.get(event["type"])
        if handle is not None:
            handle(event)
        self.progress += 1

    def _delta(self, index: int, delta: dict[str, Any]) -> None:
        kind = delta["type"]
        if kind == "text_delta":
            if self._thinking:
                self._hand_on()
            self._parts[index].append(delta["text"])
            self._text.append(delta["text"])
        elif kind == "input_json_delta":
            self._more_input(index, delta["partial_json"])
        elif kind == "thinking_delta":
            if self._text:
                self._hand_on()
            self._parts[index].append(delta["thinking"])
            self._thinking.append(delta["thinking"])
        elif kind == "citations_delta":
            cited = cast("list[object]", self._blocks[index].get("citations") or [])
            self._blocks[index]["citations"] = [*cited, delta["citation"]]
        elif kind == "signature_delta":
            self._signatures[index] = self._signatures.get(index, "") + delta["signature"]

    def _more_input(self, index: int, piece: str) -> None:
        if index != self._input_index:
            self._hand_on()
            self._input_index = index
        self._parts[index].append(piece)
        self._input.append(piece)

    def _hand_on(self) -> None:
        if self._text:
            text, self._text = "".join(self._text), []
            self._listener.text(text)
        if self._thinking:
            thinking, self._thinking = "".join(self._thinking), []
            self._listener.thinking(thinking)
        if self._input:
            piece, self._input = "".join(self._input), []
            block = self._blocks[self._input_index]
            if piece and block["type"] == "tool_use":
                self._listener.tool_input(str(block["id"]), piece)

    def _message_start(self, event: dict[str, Any]) -> None:
        self._model = str(event["message"]["model"])
        self._count(event["message"].get("usage"))

    def _block_start(self, event: dict[str, Any]) -> None:
        if not self._blocks:
            self._listener.begins()
        index, block = event["index"], dict(event["content_block"])
        if block.get("type") == "tool_use":
            # The API refuses a conversation in which two calls share an id.
            while any(other.get("id") == block["id"] for other in self._blocks.values()):
                block["id"] = f"{block['id']}_{index}"
        if block.get("type") in ("tool_use", SERVER_CALL):
            self._listener.tool_start(str(block["id"]), str(block["name"]))
        self._blocks[index], self._parts[index] = block, []
        if block.get("type") == "text" and block.get("text"):
            self._delta(index, {"type": "text_delta", "text": block["text"]})

    def _block_stop(self, event: dict[str, Any]) -> None:
        index = event["index"]
        block, joined = self._blocks[index], "".join(self._parts.pop(index))
        if block["type"] == "text":
            block["text"] = joined
            if block.get("citations"):
                self._listener.cited(block["citations"])
        elif block["type"] == "thinking":
            block["thinking"] = str(block.get("thinking", "")) + joined
            block["signature"] = str(block.get("signature", "")) + self._signatures.get(index, "")
        elif block["type"] == "tool_use":
            self._tool_stop(block, joined)
        elif block["type"] == SERVER_CALL:
            if joined:
                block["input"] = orjson.loads(joined)
            given = cast("dict[str, object]", block["input"])
            self._listener.server_call(ToolCall(str(block["id"]), str(block["name"]), dict(given)))
        elif is_server_result(block):
            self._listener.server_result(block)

    def _close_cut_blocks(self) -> None:
        """Closes the blocks that a limit cut off: a call becomes invalid, unsigned thinking is dropped."""
        for index, parts in self._parts.items():
            block, joined = self._blocks[index], "".join(parts)
            if block["type"] == "text":
                block["text"] = joined
            elif block["type"] == "tool_use":
                block["input"] = {INVALID_JSON: joined}
            elif block["type"] in ("thinking", SERVER_CALL):
                del self._blocks[index]
        self._parts.clear()

    def _tool_stop(self, block: ApiBlock, text: str) -> None:
        arguments: object = None
        with contextlib.suppress(orjson.JSONDecodeError):
            arguments = orjson.loads(text) if text.strip() else block.get("input") or {}
        parsed = cast("dict[str, object]", arguments) if isinstance(arguments, dict) else None
        # The API accepts only an object here. In this one the model sees what it wrote.
        block["input"] = {INVALID_JSON: text} if parsed is None else parsed
        call = ToolCall(str(block["id"]), str(block["name"]), parsed)
        self._calls.append(call)
        self._listener.tool_ready(call)

    def _message_delta(self, event: dict[str, Any]) -> None:
        delta = event["delta"]
        self._stop_reason = code_word(delta.get("stop_reason") or "unknown")
        self._count(event.get("usage"))

    def _message_stop(self, _event: dict[str, Any]) -> None:
        self._close_cut_blocks()
        self.answer = Answer(
            content=[block for _, block in sorted(self._blocks.items()) if not _is_empty(block)],
            stop_reason=self._stop_reason,
            model=self._model,
            usage=self.usage(),
            calls=self._calls,
            request_id=self.request_id,
        )

    def _error(self, event: dict[str, Any]) -> None:
        self.told = True
        error: dict[str, Any] = event["error"]
        kind, details = code_word(error["type"]), error.get("details")
        if isinstance(details, dict) and cast("ApiBlock", details).get("error_code") in SPEND_LIMITS:
            raise ModelFailure("refused_request", kind, retryable=False)
        raise ModelFailure(
            "overloaded" if kind in ("overloaded_error", "rate_limit_error") else "failed",
            kind,
            retryable=kind in RETRYABLE_ERRORS,
        )

    def _count(self, usage: dict[str, Any] | None) -> None:
        """Takes over an event's counts; they are cumulative, so a later one replaces an earlier one."""
        counts = usage or {}
        self.told = self.told or bool(counts)
        lifetimes: dict[str, Any] = counts.get("cache_creation") or {}
        for name, value in (counts | lifetimes).items():
            if isinstance(value, int):
                self._usage[name] = value


def code_word(word: object) -> str:
    """What the API calls something, such as a kind of error; `unknown` where it is no such word.

    These are shown and logged, so that none of them may be a sentence.
    """
    return word if isinstance(word, str) and _CODE_WORD.fullmatch(word) else "unknown"


def _is_empty(block: ApiBlock) -> bool:
    """True for a blank text block, which the API refuses to take back."""
    return block.get("type") == "text" and not str(block.get("text", "")).strip()
