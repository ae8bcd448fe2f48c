"""A session's records as its vendor sees them: messages of the history, and a finished turn as events."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import cast

from aicode.api_types import ContentBlock, FileModification, Message
from aicode.events import FileChange
from aicode.history.records import (
    ApiBlock,
    ContextRecord,
    EndRecord,
    Entry,
    OpaqueRecord,
    PartialRecord,
    Record,
    ResultsRecord,
    SpentRecord,
    StepRecord,
    SummaryRecord,
    TrimRecord,
    UserRecord,
)

Event = tuple[str, dict[str, object]]
_PLACE = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})")
# The kinds whose records make messages; an end makes one only where its turn did not end well.
SHOWN_KINDS = ("user", "step", "results", "partial", "notice")
NOT_RUN = "Not run: the answer ended before."


def messages(entries: Sequence[Entry]) -> list[Message]:
    """The entries as messages; an entry with nothing to show makes none."""
    found: list[Message] = []
    for entry in entries:
        record = entry["record"]
        content = _content(record)
        if content:
            found.append(
                {
                    "id": message_id(entry),
                    "turnId": entry["turn"],
                    "role": "user" if record["kind"] in ("user", "results") else "assistant",
                    "content": content,
                    "createdAt": record["at"],
                }
            )
    return found


def message_id(entry: Entry) -> str:
    """The vendor's own id for a message of the vendor; else its place, which no vendor's id can look like."""
    record = entry["record"]
    return record["id"] if record["kind"] == "user" else f"{entry['turn']}.{entry['n']}"


def entry_place(identifier: str) -> tuple[int, int] | None:
    """The place that a message id names, or None where it names none; each part has 15 digits at most."""
    place = _PLACE.fullmatch(identifier)
    return (int(place[1]), int(place[2])) if place else None


def file_modifications(files: dict[str, str]) -> list[FileModification]:
    """What the session did to each path, the latest last."""
    found = [cast("FileModification", json.loads(text)) for text in files.values()]
    return sorted(found, key=lambda item: (item["timestamp"], item["path"]))


def replay(entries: Sequence[Entry]) -> Iterator[Event]:
    """The events of one finished turn after its `connection_established`, rebuilt from its records."""
    changes: list[FileChange] = []
    for entry in entries:
        record = entry["record"]
        if record["kind"] == "step":
            yield from shown_step(record["content"])
            if not any(block.get("type") == "tool_use" for block in record["content"]):
                yield "step_complete", {"step": record["step"]}
        elif record["kind"] == "results":
            changes += record["changes"]
            yield from _settled(record)
            yield "step_complete", {"step": record["step"]}
        elif record["kind"] == "partial":
            yield from _deltas(record)
        elif record["kind"] == "notice":
            yield "notice", {"kind": record["noticeKind"], "text": record["text"]}
        elif record["kind"] == "end":
            yield record["event"], record["data"]


def shown_step(content: Sequence[ApiBlock]) -> Iterator[Event]:
    """The events that show a step's answer, its calls about to run."""
    for block in content:
        if block.get("type") == "text" and block.get("text"):
            yield "text_delta", {"text": block["text"]}
        elif block.get("type") == "thinking" and block.get("thinking"):
            yield "thinking_delta", {"text": block["thinking"]}
        elif block.get("type") == "tool_use":
            tool = {"toolId": block["id"], "toolName": block["name"]}
            yield "tool_use_start", dict(tool)
            yield "tool_use_progress", {**tool, "status": "running", "data": {"input": block["input"]}}


def _settled(record: ResultsRecord) -> Iterator[Event]:
    for tool in record["tools"]:
        data: dict[str, object] = {"summary": tool["summary"], "durationMs": tool["durationMs"]}
        if tool["isError"]:
            data["error"] = tool["summary"]
        yield (
            "tool_use_progress",
            {"toolId": tool["toolId"], "toolName": tool["toolName"], "status": tool["status"], "data": data},
        )
    for change in record["changes"]:
        yield "file_change", dict(change)
    yield "tool_use_complete", {"toolResults": record["tools"]}


def _deltas(record: PartialRecord) -> Iterator[Event]:
    if record["thinking"]:
        yield "thinking_delta", {"text": record["thinking"]}
    if record["text"]:
        yield "text_delta", {"text": record["text"]}
    for call in record.get("calls", []):
        tool = {"toolId": call["id"], "toolName": call["name"]}
        yield "tool_use_start", dict(tool)
        yield "tool_use_progress", {**tool, "status": "cancelled", "data": {}}


def _content(record: Record) -> list[ContentBlock]:
    if record["kind"] == "notice":
        return [{"type": "notice", "text": record["text"]}]
    return _SHOWN[record["kind"]](record)  # pyright: ignore[reportArgumentType] - each kind has its own function


def _user(record: UserRecord) -> list[ContentBlock]:
    return [{"type": "text", "text": record["text"]}]


def _step(record: StepRecord) -> list[ContentBlock]:
    content: list[ContentBlock] = []
    for block in record["content"]:
        if block.get("type") == "text" and block.get("text"):
            content.append({"type": "text", "text": str(block["text"])})
        elif block.get("type") == "thinking" and block.get("thinking"):
            content.append({"type": "thinking", "text": str(block["thinking"])})
        elif block.get("type") == "tool_use":
            content.append(
                {
                    "type": "tool_use",
                    "toolId": str(block["id"]),
                    "toolName": str(block["name"]),
                    "input": cast("dict[str, object]", block["input"]),
                }
            )
    return content


def _results(record: ResultsRecord) -> list[ContentBlock]:
    return [
        {
            "type": "tool_result",
            "toolId": str(block["tool_use_id"]),
            "isError": bool(block.get("is_error")),
            "content": str(block.get("content", "")),
        }
        for block in record["content"]
    ]


def _partial(record: PartialRecord) -> list[ContentBlock]:
    content: list[ContentBlock] = []
    if record["thinking"]:
        content.append({"type": "thinking", "text": record["thinking"]})
    if record["text"]:
        content.append({"type": "text", "text": record["text"]})
    for call in record.get("calls", []):
        name, result = call["name"], NOT_RUN
        content.append({"type": "tool_use", "toolId": call["id"], "toolName": name, "input": {}})
        content.append({"type": "tool_result", "toolId": call["id"], "isError": True, "content": result})
    return content


def _end(record: EndRecord) -> list[ContentBlock]:
    notice = record.get("notice")
    return [{"type": "notice", "text": notice}] if notice else []


def _nothing(
    _record: ContextRecord | SummaryRecord | TrimRecord | SpentRecord | OpaqueRecord,
) -> list[ContentBlock]:
    """What is for Claude or for the bill alone, or cannot be read."""
    return []


_SHOWN = {
    "user": _user,
    "context": _nothing,
    "summary": _nothing,
    "trim": _nothing,
    "spent": _nothing,
    "opaque": _nothing,
    "step": _step,
    "results": _results,
    "partial": _partial,
    "end": _end,
}
