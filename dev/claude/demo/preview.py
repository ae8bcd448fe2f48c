"""A look at the preview."""

import re

from dev.claude.demo.about import WHO
from dev.claude.demo.turn import OPENING, Turn
from dev.claude.script import Reply, Text, ToolUse

_ASKED = re.compile(
    OPENING + r"(?:(?:have|take) a )?(?:look at|see|check) (?:the |my )?(?:preview|page|app)\b"
    r"|\bhow does (?:it|the app|the page) look\b",
    re.IGNORECASE,
)
_CONSOLE = re.compile(r"<preview_console>\n(.*?)\n</preview_console>", re.DOTALL)


def answer(turn: Turn) -> Reply | None:
    """Looks where that was asked for, then says what there was; None where it was not."""
    if not _ASKED.search(turn.text):
        return None
    if "look_at_preview" not in turn.tools:
        return Reply(Text(f"{WHO}, and no preview is open beside this chat. Open it, then ask me again."))
    calls = turn.calls("look_at_preview")
    if not calls:
        return Reply(Text("I'll have a look. "), ToolUse("look_at_preview", {}))
    if calls[-1].is_error:
        return Reply(Text(f"I could not see it: {calls[-1].result.strip()}"))
    console = _CONSOLE.search(calls[-1].result)
    said = f"Its console says:\n\n```\n{console[1]}\n```" if console else "Its console is empty."
    return Reply(Text(f"I have the picture, though {WHO}, which cannot judge it. {said}"))
