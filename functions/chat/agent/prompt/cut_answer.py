"""What Claude is sent after a limit cut its answer off, so that it goes on from there."""

import json
from collections.abc import Mapping
from typing import cast

from chat.agent.model import INVALID_JSON, Answer
from chat.agent.sections import CUT_CALL, section

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


def how_to_go_on(answer: Answer) -> str:
    """The text that tells Claude how to go on.

    If the answer asked for tools, it says that no call was run and quotes the input of the last one, of which
    at most `KEPT` characters are shown, from both ends.
    """
    calls = [block for block in answer.content if block.get("type") == "tool_use"]
    if not calls:
        written = any(block.get("type") == "text" for block in answer.content)
        return CUT_TEXT if written else CUT_THINKING
    names = ", ".join(str(call.get("name")) for call in calls)
    return _CUT_CALLS.format(names=names, call=section(CUT_CALL, _received(calls[-1].get("input"))))


def _received(given: object) -> str:
    known = cast("Mapping[str, object]", given)
    text = str(known[INVALID_JSON]) if INVALID_JSON in known else json.dumps(given, ensure_ascii=False)
    half = KEPT // 2
    return text if len(text) <= KEPT else f"{text[:half]}\n[...]\n{text[-half:]}"
