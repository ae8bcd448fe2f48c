"""Building the sample app: several files in one batch of calls."""

import re
from functools import cache
from pathlib import Path

from dev.claude.demo.about import WHO
from dev.claude.demo.turn import OPENING, Call, Turn
from dev.claude.script import Reply, Text, Thinking, ToolUse

_ASKED = re.compile(
    OPENING + r"(?:create|build|generate|write|start|(?:make|need|want)(?! (?:the|my|this|it|all)\b))\s+"
    r"(?:(?!(?:for|in|of|on|to|with)\s)[\w'-]+\s+){0,5}?"
    r"(?:app|apps|application|page|site|website|todos?|to[- ]?dos?)\b",
    re.IGNORECASE,
)
_FOLDER = Path(__file__).parent / "todo_app"
_ORDER = (
    "package.json",
    "index.html",
    "src/main.tsx",
    "src/App.tsx",
    "src/components/TodoItem.tsx",
    "src/styles.css",
    "README.md",
)


@cache
def todo_app() -> dict[str, str]:
    """The sample app's files by path, in the order in which they are written."""
    return {path: (_FOLDER / path).read_text("utf-8") for path in _ORDER}


def answer(turn: Turn) -> Reply | None:
    """The next step of building the app; None where nobody asked for one."""
    if not _ASKED.search(turn.text):
        return None
    if "create_file" not in turn.tools:
        return Reply(Text(f"{WHO}. I'd build a todo app now, but I have no tool to create files."))
    if not turn.steps:
        return _create_all(turn)
    created = {call.input["path"]: call for call in turn.calls("create_file")}
    failed = [path for path, call in created.items() if call.is_error]
    return _reconcile(turn, failed) if failed else Reply(Text(_closing([], [])))


def _create_all(turn: Turn) -> Reply:
    opening = f"{WHO}, and a todo app is what I know how to build. "
    if not re.search(r"\btodos?\b|\bto-do\b", turn.text, re.IGNORECASE):
        opening += "It isn't quite what you asked for, but everything about it is real. "
    return Reply(
        Thinking(
            "A small React app: a page that loads it, the list with its form, one component for an item, "
            "and a stylesheet. No file waits for another, so I can write them at once."
        ),
        Text(
            f"{opening}I'll write it with React and TypeScript: "
            "a list that you can add to, tick off and filter, kept in the browser's storage."
        ),
        *map(_create, todo_app()),
    )


def _reconcile(turn: Turn, failed: list[str]) -> Reply:
    """Files that could not be created: read them, edit those that differ, write again what isn't there."""
    if not {"read_file", "edit_file"} <= turn.tools:
        return Reply(Text(_closing([], failed)))
    if not turn.calls("read_file"):
        return Reply(
            Thinking("Not every file could be created. I'll look at what is there before I change it."),
            Text("Some of these files seem to be there already, so I'll read them first."),
            *[ToolUse("read_file", {"path": path}) for path in failed],
        )
    edits = turn.calls("edit_file")
    tries = len(turn.calls("create_file"))
    if not edits and tries == len(todo_app()):
        missing = [call.input["path"] for call in turn.calls("read_file") if call.is_error]
        wanted = [_create(path) for path in missing]
        wanted += [edit for path in failed if (edit := _edit(turn, path))]
        if wanted:
            return Reply(Text("I'll bring those that differ up to date."), *wanted)
    return Reply(Text(_closing(edits, _left_alone(turn, failed, edits))))


def _create(path: str) -> ToolUse:
    return ToolUse("create_file", {"path": path, "content": todo_app()[path]})


def _edit(turn: Turn, path: str) -> ToolUse | None:
    there = turn.contents().get(path, "").rstrip("\n")
    wanted = todo_app()[path].rstrip("\n")
    if not there or there == wanted:
        return None
    return ToolUse("edit_file", {"path": path, "edits": [{"old": there, "new": wanted}]})


def _left_alone(turn: Turn, failed: list[str], edits: list[Call]) -> list[str]:
    edited = {call.input["path"] for call in edits if not call.is_error}
    same = {
        path
        for path, content in turn.contents().items()
        if content.rstrip("\n") == todo_app().get(path, "").rstrip("\n")
    }
    return [path for path in failed if path not in edited | same]


def _closing(edits: list[Call], left_alone: list[str]) -> str:
    text = "Your todo app is ready."
    edited = [call.input["path"] for call in edits if not call.is_error]
    if edited:
        text += f" I edited {', '.join(f'`{path}`' for path in edited)}, which existed already."
    if left_alone:
        text += f" I couldn't write {', '.join(f'`{path}`' for path in left_alone)}: please look at them."
    return (
        f"{text} Start with `src/App.tsx`, which holds the list and its form; `src/styles.css` has the "
        "colours as variables at the top. `npm install` and `npm run dev` run it.\n\n"
        "You could now ask me to make the heading blue, to add a dark mode, or to change the title."
    )
