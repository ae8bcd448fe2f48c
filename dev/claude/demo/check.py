"""A slip and how it is found: the demo model makes a type error, and mends it once the app was checked."""

import re
from itertools import count

from dev.claude.demo import change
from dev.claude.demo.about import WHO
from dev.claude.demo.turn import Turn
from dev.claude.script import Reply, Text, Thinking, ToolUse

_ASKED = re.compile(
    r"\bmistakes?\b[^.\n]*\bof your own\b|\bmake a (?:mistake|slip|type error)\b", re.IGNORECASE
)
_WRONG = "return Math.ceil(ms / 86_400_000) + ' days';"
_RIGHT = "return Math.ceil(ms / 86_400_000);"
_CLOSING = (
    "Mended: it gives a number now. So it goes after every answer that changed code: the app is type-checked "
    "and bundled, and Claude mends what it broke before it stops."
)
_MODULE = f"""\
/** How many days there are until a date; less than 0 if it is over. */
export function daysUntil(date: Date, now = new Date()): number {{
  const ms = date.getTime() - now.getTime();
  {_WRONG}
}}
"""


def answer(turn: Turn) -> Reply | None:
    """The next step of making a mistake and mending it; None where nobody asked for one."""
    if not _ASKED.search(turn.text):
        return None
    missing = {"list_files", "create_file", "edit_file"} - turn.tools
    if missing:
        return change.without(missing)
    made, paths = turn.calls("create_file"), turn.paths()
    if made:
        return _after(turn, str(made[0].input["path"]))
    if paths is None:
        return change.lost(turn) if turn.steps else change.look("I'll see which name is free.")
    return _make(paths)


def _after(turn: Turn, path: str) -> Reply:
    """What follows once the mistake is made: nothing, until the check tells of it."""
    mended, wrong = turn.calls("edit_file"), change.failed(turn.steps[-1])
    if wrong:
        return Reply(Text(wrong))
    if mended:
        return Reply(Text(_CLOSING))
    return _mend(path) if turn.checks else Reply(Text(f"`{path}` is there. I think that is all."))


def _make(paths: list[str]) -> Reply:
    names = (f"src/daysUntil{number if number > 1 else ''}.ts" for number in count(1))
    path = next(name for name in names if name not in paths)
    return Reply(
        Thinking("A function that promises a number and gives a text: only a type checker sees that."),
        Text(
            f"{WHO}. I'll add a function and make a slip in it on purpose. I say nothing about it, and wait."
        ),
        ToolUse("create_file", {"path": path, "content": _MODULE}),
    )


def _mend(path: str) -> Reply:
    return Reply(
        Thinking("The check has found it."),
        Text("The check found it: the function promises a number and gives a text. I'll mend that."),
        ToolUse("edit_file", {"path": path, "edits": [{"old": _WRONG, "new": _RIGHT}]}),
    )
