"""Applies the replacements of one edit_file call to a text. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aicode.errors import ToolError
from aicode.file_store.line_diff import count_changes, unified
from chat.agent.sections import file_contents
from chat.agent.tools.edit.fit import UnknownDepthError, fit
from chat.agent.tools.edit.match import Match, find, nearest, separate
from chat.agent.tools.edit.own_tags import Joined, has_tags, joined
from chat.agent.tools.edit.spelling import respelled
from chat.agent.tools.excerpt import BOM, lines_of, numbered, shortened
from chat.agent.tools.stopping import expect_wanted

PLACES_SHOWN = 10
DIFF_LINES = 60
# Twice what a file may have: replacing every place in turn could fill the memory otherwise.
RESULT_CHARACTERS = 2_000_000
_BOTH_FORMS = "one tag stands there both with < and with &lt;, which look alike here; edit one at a time."
# Start and end of what is replaced, and the text that is put there.
Place = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Replacement:
    """Puts `new` in the place of `old`, which stands in the text once, or `everywhere`."""

    old: str
    new: str
    everywhere: bool = False


class EditMissedError(ToolError):
    """A replacement has no place or several; the message shows the lines in question."""


def apply_edits(text: str, edits: Sequence[Replacement]) -> tuple[str, list[str]]:
    """The text after all replacements, each applied to the result of the one before, and remarks on them.

    Keeps BOM, line ends and a final line feed. Raises EditMissedError, and StoppedError when it is stopped.
    """
    line_end = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    bom = BOM if text.startswith(BOM) else ""
    original = result = text.removeprefix(BOM)
    remarks: list[str] = []
    for index, edit in enumerate(edits):
        expect_wanted()
        label = f"edit {index + 1}" if len(edits) > 1 else "the edit"
        try:
            result, remark = _apply(result, edit, line_end)
        except EditMissedError as error:
            raise EditMissedError(f"{label}: {error}{_history(index, original, edit)}") from None
        if remark:
            remarks.append(f"{label} {remark}")
    if original.endswith("\n") and result and not result.endswith("\n"):
        result += line_end
    return bom + result, remarks


def _history(index: int, original: str, edit: Replacement) -> str:
    """A remark for the error, if an earlier replacement of the call has changed the place."""
    if index and edit.old and find(original, edit.old):
        return "\nIts text stood there until the earlier edits of this call, which it is applied after."
    return ""


def _apply(text: str, edit: Replacement, line_end: str) -> tuple[str, str]:
    old = edit.old.removeprefix(BOM).replace("\r\n", "\n")
    new = edit.new.removeprefix(BOM).replace("\r\n", "\n")
    if not old:
        if text:
            raise EditMissedError(
                "old is empty. Name the text that new is to replace; the file is not empty."
            )
        return new, ""
    if has_tags(old) and not _only_tags_change(text, old, new):
        places, remark = _with_tags(text, old, new, everywhere=edit.everywhere)
    else:
        places, remark = _places(text, old, new, everywhere=edit.everywhere)
    return _replaced(text, places, line_end), remark


def _only_tags_change(text: str, old: str, new: str) -> bool:
    """True if the edit takes tags of the product apart, or puts them together, that the file has so."""
    return old != new and joined(old) == joined(new) and find(text, old) is not None


def _with_tags(text: str, old: str, new: str, *, everywhere: bool) -> tuple[list[Place], str]:
    """As `_places`, for an `old` with tags of the product, of which Claude cannot see the form."""
    whole = Joined(text)
    places, remark = _places(whole.text, joined(old), joined(new), everywhere=everywhere)
    in_file = [whole.in_file(*place, new) for place in places]
    known = [place for place in in_file if place is not None]
    if len(known) < len(in_file):
        raise EditMissedError(_BOTH_FORMS)
    return known, remark


def _places(text: str, old: str, new: str, *, everywhere: bool) -> tuple[list[Place], str]:
    """Where to put what, and a remark on how the places were found."""
    match = find(text, old, everywhere=everywhere)
    if match is None:
        raise EditMissedError(_not_found(text, old))
    if len(match.places) > 1 and (match.how or not everywhere):
        raise EditMissedError(_ambiguous(text, match))
    if old == new:
        return [], "changes nothing: old and new are the same"
    if match.how:
        try:
            start, end, fitted = fit(text, match.places[0], old, new)
        except UnknownDepthError as error:
            raise EditMissedError(_unknown_depth(text, match, str(error))) from None
        remark = f"was matched {match.how}, at line {_line(text, start)}; what it keeps is as the file has it"
        return [(start, end, fitted)], remark
    places = separate(match.places)
    replaced: list[Place] = []
    length = 0
    for start, end in places:
        replaced.append((start, end, respelled(text[start:end], old, new)))
        length += len(replaced[-1][2])
        if length > RESULT_CHARACTERS:
            raise EditMissedError("the result would be larger than a file may be")
    return replaced, f"replaced {len(places)} places" if everywhere else ""


def _replaced(text: str, places: Iterable[Place], line_end: str) -> str:
    parts: list[str] = []
    position = 0
    for start, end, new in places:
        parts += (text[position:start], new.replace("\n", line_end))
        position = end
    return "".join([*parts, text[position:]])


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _not_found(text: str, old: str) -> str:
    lines = lines_of(text)
    if not lines:
        return "old was not found: the file is empty. Give an empty old to fill it."
    start = nearest(lines, old)
    length = min(old.count("\n") + 1, 30)
    excerpt = numbered(lines, max(1, start - 2), start + length + 3, budget=4_000)
    return "old was not found, not even with other white space. The nearest lines of the file:\n" + (
        file_contents(excerpt.text)
    )


def _ambiguous(text: str, match: Match) -> str:
    """The error that lists the places, so that the next call can name one of them, or all."""
    lines = lines_of(text)
    numbers = [_line(text, start) for start, _ in match.places[:PLACES_SHOWN]]
    rows = [f"{number:>5}\t{shortened(lines[number - 1], 200)}" for number in numbers]
    if len(match.places) > len(numbers):
        rows.append(f"  and {len(match.places) - len(numbers):,} more")
    how = f" ({match.how})" if match.how else ""
    advice = "Add lines around it to old" + ("" if match.how else ", or set replace_all")
    return (
        f"old was found in {len(match.places):,} places{how}. {advice}. It begins in these lines:\n"
        + file_contents("\n".join(rows))
    )


def _unknown_depth(text: str, match: Match, line: str) -> str:
    """The error that shows how the place is indented, so that the next call can be indented likewise."""
    first, last = (_line(text, offset) for offset in match.places[0])
    excerpt = numbered(lines_of(text), first, last, budget=4_000)
    return (
        f"old was found {match.how}, but it cannot be told how deep this line of new is meant to be in the "
        f"file:\n{shortened(line, 200)}\nCopy old to the letter from these lines, and indent new as the file "
        f"is:\n{file_contents(excerpt.text)}"
    )


def change_summary(old: str, new: str) -> str:
    """Added and deleted lines as `+3 -1`."""
    additions, deletions = count_changes(old, new)
    return f"+{additions} -{deletions}"


def changed_lines(old: str, new: str) -> str:
    """The lines that differ, with three lines around them and the new text's numbers; at most 60 lines."""
    rows: list[str] = []
    number = 0
    for line in unified(old, new, "", "").split("\n")[2:]:
        mark, content = line[:1], shortened(line[1:].removesuffix("\r"), 300)
        if mark == "@":
            number = int(line.split("+")[1].split(" ")[0].split(",")[0])
            rows += ["  ..."] if rows else []
        elif mark == "-":
            rows.append(f"     - {content}")
        elif mark in ("+", " ") and line:
            rows.append(f"{number:>5}{mark:>2} {content}".rstrip())
            number += 1
    if len(rows) > DIFF_LINES:
        rows = [*rows[:DIFF_LINES], f"  [{len(rows) - DIFF_LINES} more changed lines]"]
    return "\n".join(rows)
