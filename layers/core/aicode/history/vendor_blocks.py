"""What the vendor is shown for each kind of record: blocks of a message, and events of a replay."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import cast

from aicode.api_types import AnsweredRequest, ContentBlock, Source, TextBlock, ToolResultBlock, ToolUseBlock
from aicode.history.content import result_blocks, text_of
from aicode.history.records import (
    AnsweredRecord,
    ApiBlock,
    CheckRecord,
    EndRecord,
    NoticeRecord,
    PartialRecord,
    ResultsRecord,
    StepRecord,
    UserRecord,
    WaitingRecord,
)
from aicode.history.server_calls import SERVER_CALL, EndedCall, ended_call, is_server_result, unanswered
from aicode.history.sources import Sources

Event = tuple[str, dict[str, object]]
NOT_RUN = "Not run: the answer ended before."


def user_blocks(record: UserRecord) -> list[ContentBlock]:
    """The attachments, then the vendor's own text."""
    attached: list[ContentBlock] = [
        {"type": "attachment", **attachment} for attachment in record.get("attachments", [])
    ]
    return [*attached, {"type": "text", "text": record["text"]}]


def step_blocks(record: StepRecord) -> list[ContentBlock]:
    """The text, thinking and calls of an answer, and the results of tools that the API ran itself.

    Texts in a row are one: the API begins another wherever Claude begins or ends to cite.
    """
    content: list[ContentBlock] = []
    for part in _parts(record["content"], record.get("sources", {})):
        before = content[-1] if content else None
        if part["type"] == "text" and before is not None and before["type"] == "text":
            content[-1] = _joined(before, part)
        else:
            content.append(part)
    return content


def _parts(blocks: Sequence[ApiBlock], sources: Sources) -> Iterator[ContentBlock]:
    """What the vendor is shown of each block; a call that the API has not answered is not shown."""
    waiting = unanswered(blocks)
    called: set[str] = set()
    texts = count()
    for block in blocks:
        kind = block.get("type")
        if kind == "text":
            yield from _text(block, sources.get(str(next(texts)), []))
        elif kind == "thinking" and block.get("thinking"):
            yield {"type": "thinking", "text": str(block["thinking"])}
        elif kind == "tool_use" or (kind == SERVER_CALL and block.get("id") not in waiting):
            called.add(str(block["id"]))
            yield _call(str(block["id"]), str(block["name"]), block["input"])
        elif is_server_result(block):
            ended = ended_call(block)
            if ended.id not in called:  # it was asked for in an answer before this, which paused
                yield _call(ended.id, ended.name, ended.input)
            yield _ended(ended)


def _text(block: ApiBlock, sources: list[Source]) -> Iterator[TextBlock]:
    if block.get("text"):
        text: TextBlock = {"type": "text", "text": str(block["text"])}
        yield {**text, "sources": sources} if sources else text


def _joined(one: TextBlock, other: TextBlock) -> TextBlock:
    text: TextBlock = {"type": "text", "text": one["text"] + other["text"]}
    known = {source["url"]: source for source in [*other.get("sources", []), *one.get("sources", [])]}
    urls = dict.fromkeys(source["url"] for source in [*one.get("sources", []), *other.get("sources", [])])
    return {**text, "sources": [known[url] for url in urls]} if urls else text


def _call(call: str, name: str, given: object) -> ToolUseBlock:
    return {
        "type": "tool_use",
        "toolId": call,
        "toolName": name,
        "input": cast("dict[str, object]", given),
    }


def _ended(call: EndedCall) -> ToolResultBlock:
    return {
        "type": "tool_result",
        "toolId": call.id,
        "status": "failed" if call.is_error else "completed",
        "isError": call.is_error,
        "content": call.content,
        "summary": call.summary,
        "durationMs": 0,
    }


def step_events(record: StepRecord) -> Iterator[Event]:
    """The events of an answer: calls that the API ran have ended, others run, or else the step is final."""
    yield from _shown_step(record["content"], record.get("sources", {}))
    if not any(block.get("type") == "tool_use" for block in record["content"]):
        yield "step_complete", {"step": record["step"]}


def _shown_step(content: Sequence[ApiBlock], sources: Sources) -> Iterator[Event]:
    ended = {call.id: call for call in map(ended_call, filter(is_server_result, content))}
    for part in _parts(content, sources):
        if part["type"] == "text":
            yield "text_delta", {"text": part["text"]}
            if "sources" in part:
                yield "sources", {"sources": part["sources"]}
        elif part["type"] == "thinking":
            yield "thinking_delta", {"text": part["text"]}
        elif part["type"] == "tool_use":
            tool = {"toolId": part["toolId"], "toolName": part["toolName"]}
            yield "tool_use_start", dict(tool)
            yield "tool_use_progress", {**tool, "status": "running", "data": {"input": part["input"]}}
        elif part["type"] == "tool_result":
            yield call_ended(ended[part["toolId"]])


def call_ended(call: EndedCall, duration_ms: int = 0) -> Event:
    """The event that a call which the API ran itself has ended."""
    data: dict[str, object] = {"summary": call.summary, "durationMs": duration_ms}
    if call.is_error:
        data["error"] = call.summary
    status = "failed" if call.is_error else "completed"
    tool = {"toolId": call.id, "toolName": call.name}
    return "tool_use_progress", {**tool, "status": status, "data": data}


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
    """The events that show how each call ended, what it changed, and if it is so, that the step is final."""
    ended = {block["tool_use_id"] for block in record["content"]}
    for tool in record["tools"]:
        if tool["toolId"] not in ended:
            continue  # it had its result before the others waited
        data: dict[str, object] = {"summary": tool["summary"], "durationMs": tool["durationMs"]}
        if tool["isError"]:
            data["error"] = tool["summary"]
        yield (
            "tool_use_progress",
            {"toolId": tool["toolId"], "toolName": tool["toolName"], "status": tool["status"], "data": data},
        )
    for change in record["changes"]:
        yield "file_change", dict(change)
    if record.get("partial"):
        return
    yield "tool_use_complete", {"toolResults": record["tools"]}
    yield "step_complete", {"step": record["step"]}


def waiting_events(record: WaitingRecord) -> Iterator[Event]:
    """The events that tell the vendor what a turn waits for, without its `turn_waiting`."""
    for request in record["requests"]:
        approval = {"approvalId": request["approvalId"]}
        tool = {"toolId": request["toolId"]}
        if request["kind"] == "question":
            yield "question", {**approval, "questions": request["input"]["questions"]}
        elif request["kind"] == "preview":
            yield "preview_request", {**approval, **tool}
        else:
            named = {"toolName": request["toolName"], "summary": request["summary"]}
            yield "tool_approval_request", {**approval, **tool, **named, "input": request["input"]}


def answered_blocks(record: AnsweredRecord) -> list[ContentBlock]:
    """What was answered, without what the preview's console said, which only Claude reads."""
    return [{"type": "request_answered", **_answered(record)}]


def answered_events(record: AnsweredRecord) -> Iterator[Event]:
    """The same as an event."""
    yield "request_answered", {**_answered(record)}


def _answered(record: AnsweredRecord) -> AnsweredRequest:
    answer = record["answer"]
    shown: AnsweredRequest = {
        "approvalId": record["approvalId"],
        "toolId": record["toolId"],
        "toolName": record["toolName"],
        "summary": record["summary"],
        "approved": answer["approved"],
    }
    if "reason" in answer:
        shown["reason"] = answer["reason"]
    if "answers" in answer:
        shown["answers"] = answer["answers"]
    if "picture" in answer:
        shown["picture"] = answer["picture"]
    return shown


def check_blocks(record: CheckRecord) -> list[ContentBlock]:
    """What was found in the app."""
    return [
        {
            "type": "check",
            "revision": record["revision"],
            "ok": record["ok"],
            "errors": record["errors"],
            "durationMs": record["durationMs"],
        }
    ]


def check_events(record: CheckRecord) -> Iterator[Event]:
    """The same as an event."""
    yield "check_finished", check_data(record)


def check_data(record: CheckRecord) -> dict[str, object]:
    """The data of the event `check_finished`."""
    return {
        "revision": record["revision"],
        "ok": record["ok"],
        "errors": record["errors"],
        "durationMs": record["durationMs"],
    }


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
