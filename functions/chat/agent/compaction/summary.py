"""The summary of a conversation's older part: the request for it, and an outline in case it fails."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from aicode.history import (
    SERVER_CALL,
    ApiBlock,
    Entry,
    Record,
    UserRecord,
    attachment_media,
    ended_call,
    is_server_result,
    media_text,
    result_blocks,
    text_of,
)
from chat.agent.model import Answer, Request
from chat.agent.prompt import SUMMARY, TRANSCRIPT, section

MAX_TOKENS = 8_000
TEXT_LIMIT = 6_000
DATA_LIMIT = 1_000
TRANSCRIPT_LIMIT = 400_000
SUMMARY_LIMIT = 24_000
OUTLINE_MESSAGES = 30
PROMPT = Path(__file__).with_name("summary_prompt.md").read_text(encoding="utf-8")
_INTRODUCTION = (
    "The conversation before this point is no longer here in full. This is its summary. Read a file again "
    "before you change it.\n\n"
)


def request(model: str, entries: Sequence[Entry]) -> Request:
    """A Messages API request for the summary of these entries, which may hold an earlier summary."""
    return {
        "model": model,
        "max_tokens": MAX_TOKENS,
        "system": [{"type": "text", "text": PROMPT}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": transcript(entries)}]}],
    }


def summary_in(answer: Answer) -> str:
    """The text of the summary in an answer; empty if the answer cannot be used."""
    if answer.stop_reason not in ("end_turn", "stop_sequence", "max_tokens"):
        return ""
    texts = [str(block.get("text", "")) for block in answer.content if block.get("type") == "text"]
    return "\n".join(texts).strip()


def as_section(text: str) -> str:
    """A summary as the section that Claude is sent."""
    return section(SUMMARY, _INTRODUCTION + _cut(text, SUMMARY_LIMIT))


def outline(entries: Sequence[Entry]) -> str:
    """What can be summed up without a model: an earlier summary, the vendor's messages, changed files."""
    messages: list[str] = []
    paths: dict[str, str] = {}
    for entry in entries:
        record = entry["record"]
        if record["kind"] == "summary":
            messages.append(_cut(record["text"], DATA_LIMIT))
        elif record["kind"] == "user":
            messages.append(_cut(_message(record), DATA_LIMIT))
        elif record["kind"] == "results":
            paths |= {change["path"]: change["action"] for change in record["changes"]}
    said = [f"- {text}" for text in messages[:1] + messages[1:][-OUTLINE_MESSAGES:]]
    changed = [f"- {path} ({action})" for path, action in paths.items()]
    return "\n".join(["# What the vendor asked for", *said, "# Files changed", *(changed or ["None."])])


def transcript(entries: Sequence[Entry]) -> str:
    """The entries as text. Long parts are cut; if all is too long, older lines are left out."""
    lines = [line for entry in entries for line in _lines(entry["record"])]
    room = TRANSCRIPT_LIMIT - sum(len(line) + 1 for line in lines[:1])
    kept: list[str] = []
    for line in reversed(lines[1:]):
        room -= len(line) + 1
        if room < 0:
            kept.append("[a part of the conversation is left out here]")
            break
        kept.append(line)
    return section(TRANSCRIPT, "\n".join([*lines[:1], *reversed(kept)]))


def _lines(record: Record) -> Iterator[str]:
    if record["kind"] == "summary":
        yield f"EARLIER SUMMARY: {_cut(record['text'], SUMMARY_LIMIT)}"
    elif record["kind"] == "user":
        yield f"VENDOR: {_cut(_message(record), TEXT_LIMIT)}"
    elif record["kind"] == "step":
        yield from (line for block in record["content"] if (line := _said(block)))
    elif record["kind"] == "results":
        yield from (
            f"RESULT: {_cut(text_of(result_blocks(block)), DATA_LIMIT)}" for block in record["content"]
        )
    elif record["kind"] == "partial" and record["text"]:
        yield f"ASSISTANT, cut off: {_cut(record['text'], TEXT_LIMIT)}"
    elif record["kind"] == "end" and record.get("notice"):
        yield f"THE TURN ENDED: {record.get('notice')}"


def _message(record: UserRecord) -> str:
    """The vendor's message; what was attached to it is named, with the id by which tools take it."""
    attached = [
        f"{media_text(attachment_media(attachment))[:-1]}, id {attachment['uploadId']}]"
        for attachment in record.get("attachments", [])
    ]
    return " ".join([*attached, record["text"]])


def _said(block: ApiBlock) -> str:
    if block.get("type") == "text":
        return f"ASSISTANT: {_cut(str(block.get('text', '')), TEXT_LIMIT)}"
    if is_server_result(block):
        return f"RESULT: {_cut(ended_call(block).content, DATA_LIMIT)}"
    if block.get("type") in ("tool_use", SERVER_CALL):
        arguments = json.dumps(block.get("input"), ensure_ascii=False)
        return f"CALL: {block.get('name')} {_cut(arguments, DATA_LIMIT)}"
    return ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]} [...]"
