"""What the vendor is shown for each kind of record: blocks of a message, and events of a replay."""

from collections.abc import Iterator, Sequence
from typing import cast

from aicode.api_types import ContentBlock
from aicode.history.content import result_blocks, text_of
from aicode.history.records import (
    ApiBlock,
    EndRecord,
    NoticeRecord,
    PartialRecord,
    ResultsRecord,
    StepRecord,
    UserRecord,
)

Event = tuple[str, dict[str, object]]
NOT_RUN = "Not run: the answer ended before."


def user_blocks(record: UserRecord) -> list[ContentBlock]:
    """The attachments, then the vendor's own text."""
    attached: list[ContentBlock] = [
        {"type": "attachment", **attachment} for attachment in record.get("attachments", [])
    ]
    return [*attached, {"type": "text", "text": record["text"]}]


def step_blocks(record: StepRecord) -> list[ContentBlock]:
    """The text, thinking and calls of an answer."""
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


def step_events(record: StepRecord) -> Iterator[Event]:
    """The events of an answer; with `step_complete` if it asks for no tools."""
    yield from shown_step(record["content"])
    if not any(block.get("type") == "tool_use" for block in record["content"]):
        yield "step_complete", {"step": record["step"]}


def shown_step(content: Sequence[ApiBlock]) -> Iterator[Event]:
    """The events that show an answer, with its calls as running."""
    for block in content:
        if block.get("type") == "text" and block.get("text"):
            yield "text_delta", {"text": block["text"]}
        elif block.get("type") == "thinking" and block.get("thinking"):
            yield "thinking_delta", {"text": block["thinking"]}
        elif block.get("type") == "tool_use":
            tool = {"toolId": block["id"], "toolName": block["name"]}
            yield "tool_use_start", dict(tool)
            yield "tool_use_progress", {**tool, "status": "running", "data": {"input": block["input"]}}


def results_blocks(record: ResultsRecord) -> list[ContentBlock]:
    """The result of each call, as text."""
    told = {tool["toolId"]: tool for tool in record["tools"]}

    def shown(block: ApiBlock) -> ContentBlock:
        call, is_error = str(block["tool_use_id"]), bool(block.get("is_error"))
        tool = told.get(call)
        return {
            "type": "tool_result",
            "toolId": call,
            "status": tool["status"] if tool else "failed" if is_error else "completed",
            "isError": is_error,
            "content": text_of(result_blocks(block)),
            "summary": tool["summary"] if tool else "",
            "durationMs": tool["durationMs"] if tool else 0,
        }

    return [shown(block) for block in record["content"]]


def results_events(record: ResultsRecord) -> Iterator[Event]:
    """The events that show how each call ended, what it changed, and that the step is final."""
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
    yield "step_complete", {"step": record["step"]}


def partial_blocks(record: PartialRecord) -> list[ContentBlock]:
    """What the page showed of an unfinished answer; each of its calls gets the result that it was not run."""
    content: list[ContentBlock] = []
    if record["thinking"]:
        content.append({"type": "thinking", "text": record["thinking"]})
    if record["text"]:
        content.append({"type": "text", "text": record["text"]})
    for call in record.get("calls", []):
        content.append({"type": "tool_use", "toolId": call["id"], "toolName": call["name"], "input": {}})
        content.append(
            {
                "type": "tool_result",
                "toolId": call["id"],
                "status": "cancelled",
                "isError": True,
                "content": NOT_RUN,
                "summary": NOT_RUN,
                "durationMs": 0,
            }
        )
    return content


def partial_events(record: PartialRecord) -> Iterator[Event]:
    """As `partial_blocks`, but as events."""
    if record["thinking"]:
        yield "thinking_delta", {"text": record["thinking"]}
    if record["text"]:
        yield "text_delta", {"text": record["text"]}
    for call in record.get("calls", []):
        tool = {"toolId": call["id"], "toolName": call["name"]}
        yield "tool_use_start", dict(tool)
        yield "tool_use_progress", {**tool, "status": "cancelled", "data": {}}


def notice_blocks(record: NoticeRecord) -> list[ContentBlock]:
    """The text of the notice."""
    return [{"type": "notice", "text": record["text"]}]


def notice_events(record: NoticeRecord) -> Iterator[Event]:
    """The notice as an event."""
    yield "notice", {"kind": record["noticeKind"], "text": record["text"]}


def end_blocks(record: EndRecord) -> list[ContentBlock]:
    """A notice that says why the turn did not end well; no block if it did."""
    notice = record.get("notice")
    return [{"type": "notice", "text": notice}] if notice else []


def end_events(record: EndRecord) -> Iterator[Event]:
    """The turn's terminal event."""
    yield record["event"], record["data"]
