"""A question to the vendor, with answers to choose from."""

import re
from typing import Any

from dev.claude.demo.about import WHO
from dev.claude.demo.turn import OPENING, Turn
from dev.claude.script import Reply, Text, Thinking, ToolUse

_ASKED = re.compile(OPENING + r"(?:ask me|question me|any questions\b)", re.IGNORECASE)
_ANSWER = re.compile(r"^-> (.+)$", re.MULTILINE)
_OWN_WORDS = re.compile(r"^In the vendor's own words: (.+)", re.MULTILINE)
QUESTIONS: list[dict[str, Any]] = [
    {
        "question": "Which style should the app have?",
        "options": [
            {"label": "Light", "description": "Dark text on white"},
            {"label": "Dark", "description": "White text on black"},
            {"label": "As the system", "description": "Follows the visitor's setting"},
        ],
    },
    {
        "question": "Which pages does it need?",
        "options": [{"label": "Home"}, {"label": "About"}, {"label": "Contact"}],
        "multiple": True,
    },
]


def answer(turn: Turn) -> Reply | None:
    """Asks where that was asked for, then says what was chosen; None where it was not."""
    if not _ASKED.search(turn.text):
        return None
    if "ask_user" not in turn.tools:
        return Reply(Text(f"{WHO}, and I'm offered no tool here to ask with."))
    calls = turn.calls("ask_user")
    if not calls:
        return Reply(
            Thinking("Two things I cannot know."),
            Text("Before I begin, two questions. "),
            ToolUse("ask_user", {"questions": QUESTIONS}),
        )
    chosen, words = _ANSWER.findall(calls[-1].result), _OWN_WORDS.search(calls[-1].result)
    if calls[-1].is_error or not (chosen or words):
        return Reply(Text("No answer, so I'd take what most take: a light style, and one page."))
    told = [*chosen, *([f"“{words[1]}”"] if words else [])]
    return Reply(Text(f"Noted: {' · '.join(told)}. {WHO}, so I leave it at that."))
