"""Titles and summaries: requests beside the conversation."""

import re
from typing import Any, Literal

from dev.claude.demo.turn import blocks, spoken
from dev.claude.script import Reply, Text

_TITLE = re.compile(
    r"\b(short|brief|concise|few words|\d+ words|chat|conversation)\b.*\btitle\b|\btitle\b.*"
    r"\b(short|brief|concise|words|chat|conversation)\b",
    re.DOTALL | re.IGNORECASE,
)
_SUMMARY = re.compile(r"\bsummar(y|ise|ize)\b", re.IGNORECASE)
_OPENING = re.compile(
    r"^((please|can you|could you|create|build|make|write|me|us|add|i want|i need|a|an|the)\b[ ,]*)+",
    re.IGNORECASE,
)
_TITLE_WORDS = 6


def wanted(body: dict[str, Any]) -> Literal["title", "summary"] | None:
    """What a request without tools asks for, if it is a title or a summary."""
    choice: dict[str, Any] = body.get("tool_choice") or {}
    if body.get("tools") and choice.get("type") != "none":
        return None
    asked = f"{_system(body)}\n{_last_text(body)}"
    if _SUMMARY.search(asked):
        return "summary"
    return "title" if _TITLE.search(asked) else None


def answer(body: dict[str, Any]) -> Reply:
    """A short title, or a summary, of what the request holds."""
    return Reply(Text(_summary(body) if wanted(body) == "summary" else _title(body)))


def _title(body: dict[str, Any]) -> str:
    texts = _said(body)
    # The instruction may stand in the last message, in front of the words or behind them.
    lines = [line for text in texts for line in text.splitlines() if not _TITLE.search(line)]
    first = next((line for line in lines if line.strip() and not line.rstrip().endswith(":")), "")
    words = _OPENING.sub("", first.strip(" \"'“”<>")).split()[:_TITLE_WORDS]
    title = " ".join(words).rstrip(".,!?\"'")
    return title[:1].upper() + title[1:] if title else "New conversation"


def _summary(body: dict[str, Any]) -> str:
    asked = [text for text in _said(body) if not _SUMMARY.search(text)]
    paths = [
        str(block["input"]["path"])
        for message in body["messages"]
        for block in blocks(message)
        if block["type"] == "tool_use" and "path" in block["input"]
    ]
    lines = ["Summary by the built-in demo model.", ""]
    lines += [f"- The vendor asked: {text[:200]}" for text in asked] or ["- Nothing was asked yet."]
    if paths:
        lines.append(f"- Files touched: {', '.join(dict.fromkeys(paths))}")
    return "\n".join(lines)


def _said(body: dict[str, Any]) -> list[str]:
    users = [message for message in body["messages"] if message["role"] == "user"]
    return [text for text in map(spoken, users) if text]


def _last_text(body: dict[str, Any]) -> str:
    said = [block["text"] for block in blocks(body["messages"][-1]) if block["type"] == "text"]
    return said[-1] if said else ""


def _system(body: dict[str, Any]) -> str:
    system = body.get("system") or ""
    return system if isinstance(system, str) else "\n".join(block["text"] for block in system)
