"""The demo model's answers: scripted, driven by the conversation and by the tools it is offered."""

from typing import Any

from dev.claude.demo import (
    about,
    aside,
    ask,
    attached,
    change,
    check,
    create,
    fetch,
    outward,
    preview,
    search,
)
from dev.claude.demo.turn import read_turn
from dev.claude.script import Reply

_SCENARIOS = (
    fetch.answer,
    search.answer,
    outward.publish,
    outward.push,
    ask.answer,
    preview.answer,
    check.answer,
    create.answer,
    attached.use,
    change.answer,
    attached.see,
)


def is_aside(body: dict[str, Any]) -> bool:
    """True if a request is no turn of a conversation, but asks for a title or a summary of one."""
    return aside.wanted(body) is not None


def reply(body: dict[str, Any]) -> Reply:
    """The demo model's answer to a valid request."""
    if is_aside(body):
        return aside.answer(body)
    turn = read_turn(body)
    for scenario in _SCENARIOS:
        answer = scenario(turn)
        if answer is not None:
            return answer
    return about.answer()
