"""An answer that a limit cut off: how Claude is told to go on from what had come of it."""

import json
from collections.abc import Mapping
from typing import cast

from chat.agent.model.interface import INVALID_JSON, Answer
from chat.agent.prompt.sections import CUT_CALL, section

CUT_TEXT = "Your answer was cut off here by a limit. Go on exactly where it stopped, without repeating it."
CUT_THINKING = (
    "A limit cut your answer off before any of it was written, while you were thinking. Think less before "
    "you answer, and answer in smaller steps."
)
KEPT = 20_000
_CUT_CALLS = (
    "Your answer was cut off by a limit, so none of the calls in it was run: {names}. Ask again in smaller "
    "parts: fewer calls at once, and a long text in several edits. Of the last call this had come:\n{call}"
)


def how_to_go_on(message: Answer) -> str:
    """What Claude is told: to go on with its text, or what had come of a call, which is never run.

    Of a long input its beginning and its end, `KEPT` characters together.
    """
    calls = [block for block in message.content if block.get("type") == "tool_use"]
    if not calls:
        written = any(block.get("type") == "text" for block in message.content)
        return CUT_TEXT if written else CUT_THINKING
    names = ", ".join(str(call.get("name")) for call in calls)
    return _CUT_CALLS.format(names=names, call=section(CUT_CALL, _received(calls[-1].get("input"))))


def _received(given: object) -> str:
    found = cast("Mapping[str, object]", given)
    text = str(found[INVALID_JSON]) if INVALID_JSON in found else json.dumps(given, ensure_ascii=False)
    half = KEPT // 2
    return text if len(text) <= KEPT else f"{text[:half]}\n[...]\n{text[-half:]}"
