"""Publishing and pushing: what leaves the product, and may wait for the vendor's yes."""

import re

from dev.claude.demo.about import WHO
from dev.claude.demo.turn import OPENING, Turn
from dev.claude.script import Reply, Text, Thinking, ToolUse

_PUBLISH = re.compile(
    OPENING + r"(?:publish|deploy|put (?:it|this|the app) (?:online|on the web)|go live|make it live)\b",
    re.IGNORECASE,
)
_PUSH = re.compile(OPENING + r"push\b[^.\n]*", re.IGNORECASE)
_ADDRESS = re.compile(r"^.*?Address: (\S+)", re.DOTALL)


def publish(turn: Turn) -> Reply | None:
    """Publishes where that was asked for, and tells the address; None where it was not."""
    if not _PUBLISH.search(turn.text):
        return None
    if "publish_app" not in turn.tools:
        return Reply(Text(f"{WHO}, and publishing is not set up here."))
    calls = turn.calls("publish_app")
    if not calls:
        return Reply(
            Thinking("The vendor asks for it, so I may. They are asked for a yes first."),
            Text("I'll publish the app as it is now. "),
            ToolUse("publish_app", {}),
        )
    result = calls[-1].result
    address = _ADDRESS.search(result)
    if calls[-1].is_error or address is None:
        return Reply(Text(f"It is not published: {_first_line(result)}"))
    return Reply(Text(f"Your app is live: <{address[1]}>\n\nAnybody with the address can open it."))


def push(turn: Turn) -> Reply | None:
    """Pushes to git where that was asked for, and tells what came of it; None where it was not."""
    if not _PUSH.search(turn.text):
        return None
    if "push_app" not in turn.tools:
        return Reply(Text(f"{WHO}, and I'm offered no tool here to push with."))
    calls = turn.calls("push_app")
    if not calls:
        return Reply(Text("I'll push the app to your repository. "), ToolUse("push_app", {}))
    told = _first_line(calls[-1].result)
    return Reply(Text(f"It is not pushed: {told}" if calls[-1].is_error else told))


def _first_line(result: str) -> str:
    return result.strip().partition("\n")[0]
