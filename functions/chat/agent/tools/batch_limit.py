"""The results of a batch within one limit: a call that is cut says so, and how Claude reads the rest.

Each result has a limit of its own, but an answer may ask for forty files at once: without a common one such
a batch is too much for one write to the session store, and for what Claude may be sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aicode.history.content import text_block
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

    Short ones stay whole, the long ones share what is left equally. What is no text is left as it is.
    """
    sizes = [len(outcome.text) for outcome in outcomes]
    if sum(sizes) <= BATCH_CHARACTERS:
        return
    share = _fair_share(sizes, BATCH_CHARACTERS)
    for outcome, size in zip(outcomes, sizes, strict=True):
        if size > share:
            _cut(outcome, share, tools.get(outcome.call.name))


def _fair_share(sizes: Sequence[int], room: int) -> int:
    """The greatest length such that all sizes, each cut to it, fit into the room."""
    left = len(sizes)
    for size in sorted(sizes):
        if size * left > room:
            return room // left
        room -= size
        left -= 1
    return max(sizes, default=0)


def _cut(outcome: CallOutcome, share: int, tool: Tool[Any] | None) -> None:
    text = outcome.text
    shown = text[: max(0, share - _NOTICE_ROOM)]
    whole_lines = shown.rpartition("\n")[0]
    shown = whole_lines or shown
    closing, how = (tool.closing, tool.read_on(shown)) if tool else ("", "")
    notice = _NOTICE.format(shown=len(shown), size=len(text), how=how)
    others = [block for block in outcome.content if block.get("type") != "text"]
    outcome.content = [text_block(f"{shown}{closing}{notice}"), *others]
