"""Changes to what is there: look first, then edit with strings taken from what was read."""

import re

from dev.claude.demo.about import WHO
from dev.claude.demo.turn import Call, Turn
from dev.claude.demo.wishes import Wish, read_wish
from dev.claude.script import Reply, Text, Thinking, ToolUse

_PATH = r"[`\"']?(?P<{}>[\w@.()\[\]/-]+\.\w+)[`\"']?"
_RENAME = re.compile(
    rf"\b(?:rename|move)\b[^.\n]*?{_PATH.format('old')}\s+(?:to|into|as)\s+{_PATH.format('new')}",
    re.IGNORECASE,
)
_DELETE = re.compile(rf"\b(?:delete|remove)\b[^.\n]*?{_PATH.format('old')}", re.IGNORECASE)
_MAX_READS = 8


def answer(turn: Turn) -> Reply | None:
    """The next step of a change; None where the message asks for none that can be played."""
    if match := _RENAME.search(turn.text):
        call = ToolUse("rename_file", {"path": match["old"], "new_path": match["new"]})
        done = f"`{match['old']}` is now `{match['new']}`. I didn't touch imports of it."
        return _on_file(turn, match["old"], call, done)
    if match := _DELETE.search(turn.text):
        call = ToolUse("delete_file", {"path": match["old"]})
        return _on_file(turn, match["old"], call, f"`{match['old']}` is gone.")
    wish = read_wish(turn.text)
    return None if wish is None else _edit(turn, wish)


def _on_file(turn: Turn, path: str, call: ToolUse, done: str) -> Reply:
    missing = {"list_files", call.name} - turn.tools
    if missing:
        return without(missing)
    paths = turn.paths()
    made = turn.calls(call.name)
    if made:
        return Reply(Text(failed(made) or done))
    if paths is None:
        return look("I'll see what is there first.") if not turn.steps else lost(turn)
    if path not in paths:
        return Reply(Text(f"There is no `{path}` in this app, so I left everything as it is."))
    return Reply(Thinking(f"{path} is there."), call)


def _edit(turn: Turn, wish: Wish) -> Reply:
    missing = {"list_files", "read_file", "edit_file"} - turn.tools
    if missing:
        return without(missing)
    edited = turn.calls("edit_file")
    if edited:
        return Reply(Text(failed(edited) or _summary(wish, edited)))
    if turn.calls("read_file"):
        return _make_edits(turn, wish)
    return _read(turn, wish)


def _read(turn: Turn, wish: Wish) -> Reply:
    paths = turn.paths()
    if paths is None:
        if turn.steps:
            return lost(turn)
        return look(f"You want {wish.what}. I'll look at the files first.")
    candidates = [path for path in paths if path.endswith(wish.suffixes)][:_MAX_READS]
    if not candidates:
        return Reply(Text("I found no file where that could be changed. Shall I create a todo app first?"))
    return Reply(
        Thinking(f"It could be in {', '.join(candidates)}. I'll read before I edit."),
        *[ToolUse("read_file", {"path": path}) for path in candidates],
    )


def _make_edits(turn: Turn, wish: Wish) -> Reply:
    contents = turn.contents()
    if wish.done_already and any(map(wish.done_already, contents.values())):
        return Reply(Text("That is there already, so I changed nothing."))
    calls = [
        ToolUse("edit_file", {"path": path, "edits": edits})
        for path, content in contents.items()
        if (edits := wish.edits(content))
    ]
    if not calls:
        return Reply(Text("I changed nothing: what I read is so already, or I don't see where to change it."))
    return Reply(Thinking("I have the exact lines."), Text("Now the change itself."), *calls)


def look(text: str) -> Reply:
    """Asks for the list of files."""
    return Reply(Thinking("I must see what is there before I change it."), Text(text), ToolUse("list_files"))


def lost(turn: Turn) -> Reply:
    """Ends a turn in which the list of files could not be had."""
    return Reply(Text(failed(turn.steps[-1]) or "I couldn't find out what is there, so I stop here."))


def without(missing: set[str]) -> Reply:
    """Ends a turn for which these tools would be needed."""
    names = ", ".join(f"`{name}`" for name in sorted(missing))
    return Reply(Text(f"{WHO}. For this I'd need {names}, which I'm not offered here."))


def failed(calls: list[Call]) -> str:
    """Which of the calls failed; empty if none did."""
    paths = [str(call.input.get("path", call.name)) for call in calls if call.is_error]
    return f"That failed for {', '.join(f'`{p}`' for p in paths)}: please look at it." if paths else ""


def _summary(wish: Wish, edited: list[Call]) -> str:
    paths = ", ".join(f"`{call.input['path']}`" for call in edited)
    return f"Done: {wish.what}. I edited {paths} and left everything else as it was."
