"""Keeps the results of a batch within one limit. A result that is cut says so, and how to read the rest.

Each result has a limit of its own, but an answer may ask for forty files at once. Their results together
could be too long for Claude's window, and for one write to the session store: Upstash accepts a megabyte a
request on its small plans. Results are stored as JSON within JSON, where a quotation mark takes four bytes
and most Asian characters three. So every two stored bytes count as a character.
https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aicode.history import text_block
from chat.agent.sections import left_open
from chat.agent.tools.outcome import CallOutcome
from chat.agent.tools.tool import Tool

BATCH_CHARACTERS = 400_000
_NOTICE = (
    "\n[cut: the results of this batch are too long together. {shown:,} of {size:,} characters are shown. "
    "{how}]"
)
_NOTICE_ROOM = 400


def fit_batch(outcomes: Sequence[CallOutcome], tools: Mapping[str, Tool[Any]]) -> None:
    """Cuts the texts of a batch's results so that they have 400,000 characters together at most.

    Short results stay whole, the long ones share the rest equally. Blocks that are not text are not cut.
    """
    sizes = [_size(outcome.text) for outcome in outcomes]
    if sum(sizes) <= BATCH_CHARACTERS:
        return
    share = _fair_share(sizes, BATCH_CHARACTERS)
    for outcome, size in zip(outcomes, sizes, strict=True):
        if size > share:
            _cut(outcome, max(0, share - _NOTICE_ROOM), tools.get(outcome.call.name))


def _size(text: str) -> int:
    stored = json.dumps(json.dumps(text, ensure_ascii=False), ensure_ascii=False)
    return max(len(text), len(stored.encode(errors="replace")) // 2)


def _fair_share(sizes: Sequence[int], room: int) -> int:
    """The greatest length for which all sizes, each cut to that length, fit into the room."""
    left = len(sizes)
    for size in sorted(sizes):
        if size * left > room:
            return room // left
        room -= size
        left -= 1
    return max(sizes, default=0)


def _cut(outcome: CallOutcome, room: int, tool: Tool[Any] | None) -> None:
    text = outcome.text
    shown = text[:room]
    while (size := _size(shown)) > room:
        shown = shown[: len(shown) * room // size]
    whole_lines = shown.rpartition("\n")[0]
    shown = whole_lines or shown
    how = tool.read_on(shown) if tool else ""
    notice = _NOTICE.format(shown=len(shown), size=len(text), how=how)
    others = [block for block in outcome.content if block.get("type") != "text"]
    outcome.content = [text_block(f"{shown}{left_open(shown)}{notice}"), *others]
