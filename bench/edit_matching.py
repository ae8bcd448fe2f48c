"""Which edits of the corpus land, with our matcher and with two others: `python -m bench.edit_matching`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.agent.tools.edit.apply import EditMissedError, Replacement, apply_edits
from chat.agent.tools.edit.match import find
from tests.tools.edit_corpus import CASES, Case

Matcher = Callable[[str, Sequence[Replacement]], str | None]
_ELLIPSIS = re.compile(r"^[ \t]*\.\.\.\n", re.MULTILINE)


def ours(text: str, edits: Sequence[Replacement]) -> str | None:
    """The product's."""
    try:
        return apply_edits(text, edits)[0]
    except EditMissedError:
        return None


def exact(text: str, edits: Sequence[Replacement]) -> str | None:
    """Text for text, and only where it stands once (or everywhere, where that is asked for)."""
    for edit in edits:
        count = text.count(edit.old) if edit.old else 0
        if not edit.old and not text:
            text = edit.new
        elif count == 1 or (count and edit.everywhere):
            text = text.replace(edit.old, edit.new)
        else:
            return None
    return text


def line_blocks(text: str, edits: Sequence[Replacement]) -> str | None:
    """Search-and-replace blocks of whole lines by the rules that aider publishes.

    The first place where the lines stand; else the first where they stand with the same indentation added
    to each; both again without a blank first line; else the pieces between lines of "...", each found once.
    Nothing to search for appends. Written after https://aider.chat/docs/more/edit-formats.html and
    https://github.com/Aider-AI/aider/blob/main/aider/coders/editblock_coder.py. Line ends are left out of
    it in its favour, and what is to be replaced everywhere is until it is found no more.
    """
    crlf = "\r\n" in text
    text = text.replace("\r\n", "\n")
    for edit in edits:
        old, new = edit.old.replace("\r\n", "\n"), edit.new.replace("\r\n", "\n")
        done = _block(text, old, new)
        for _ in range(100 if edit.everywhere and old not in new else 0):
            done, last = (_block(done, old, new) or done) if done else done, done
            if done == last:
                break
        if done is None:
            return None
        text = done
    return text.replace("\n", "\r\n") if crlf else text


def _block(text: str, old: str, new: str) -> str | None:
    if not old.strip():
        return text + new
    whole, part, replacement = _lines(text), _lines(old), _lines(new)
    parts = [part, part[1:]] if len(part) > 2 and not part[0].strip() else [part]
    for tried in parts:
        found = _same_lines(whole, tried, replacement) or _indented_lines(whole, tried, replacement)
        if found is not None:
            return "".join(found)
    return _pieces("".join(whole), "".join(part), "".join(replacement))


def _lines(text: str) -> list[str]:
    if text and not text.endswith("\n"):
        text += "\n"
    return text.splitlines(keepends=True)


def _same_lines(whole: list[str], part: list[str], replacement: list[str]) -> list[str] | None:
    for start in range(len(whole) - len(part) + 1):
        if whole[start : start + len(part)] == part:
            return whole[:start] + replacement + whole[start + len(part) :]
    return None


def _indented_lines(whole: list[str], part: list[str], replacement: list[str]) -> list[str] | None:
    common = min((_indent(line) for line in [*part, *replacement] if line.strip()), default=0)
    part = [line[common:] if line.strip() else line for line in part]
    replacement = [line[common:] if line.strip() else line for line in replacement]
    for start in range(len(whole) - len(part) + 1):
        there = whole[start : start + len(part)]
        if [line.lstrip() for line in there] != [line.lstrip() for line in part]:
            continue
        added = {a[: len(a) - len(b)] for a, b in zip(there, part, strict=True) if a.strip()}
        if len(added) == 1:
            indent = added.pop()
            fitted = [indent + line if line.strip() else line for line in replacement]
            return whole[:start] + fitted + whole[start + len(part) :]
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _pieces(text: str, old: str, new: str) -> str | None:
    olds, news = _ELLIPSIS.split(old), _ELLIPSIS.split(new)
    if len(olds) == 1 or len(olds) != len(news):
        return None
    for piece, replacement in zip(olds, news, strict=True):
        if piece and text.count(piece) != 1:
            return None
        text = text.replace(piece, replacement) if piece else text + replacement
    return text


@dataclass(frozen=True, slots=True)
class Score:
    """Of some cases: how many end as they should, with another file, or refused though they should land."""

    right: int
    wrong: int
    refused: int

    def __str__(self) -> str:
        share = self.right / (self.right + self.wrong + self.refused)
        return f"{share:4.0%} ({self.right} right, {self.wrong} wrong, {self.refused} refused)"


def score(matcher: Matcher, cases: Sequence[Case]) -> Score:
    """What the matcher makes of the cases."""
    results = [(matcher(case.before, _replacements(case)), case.after) for case in cases]
    right = sum(made == wanted for made, wanted in results)
    refused = sum(made is None and wanted is not None for made, wanted in results)
    return Score(right, len(cases) - right - refused, refused)


def _replacements(case: Case) -> list[Replacement]:
    return [Replacement(edit[0], edit[1], len(edit) == 3 and edit[2]) for edit in case.edits]


def of_whole_lines(case: Case) -> bool:
    """True if every edit of the case names whole lines, which is all that blocks of lines can name."""
    text = case.before.replace("\r\n", "\n")
    return all(_is_whole_lines(text, edit[0].replace("\r\n", "\n")) for edit in case.edits)


def _is_whole_lines(text: str, old: str) -> bool:
    match = find(text, old) if old else None
    if match is None:
        return True
    start, end = match.places[0]
    before = text[:start].rpartition("\n")[2]
    after = text[end:].partition("\n")[0] if not old.endswith("\n") else ""
    return not before.strip() and not after.strip()


def table() -> str:
    """The comparison as Markdown."""
    landing = [case for case in CASES if case.after is not None]
    groups = {
        f"should land ({len(landing)})": landing,
        f"of these, whole lines ({len(lines := [c for c in landing if of_whole_lines(c)])})": lines,
        f"should be refused ({len(CASES) - len(landing)})": [c for c in CASES if c.after is None],
        f"all ({len(CASES)})": CASES,
    }
    matchers = {"AI Code": ours, "exact match alone": exact, "aider's published rules": line_blocks}
    rows = [
        [name, *(str(score(matcher, cases)) for matcher in matchers.values())]
        for name, cases in groups.items()
    ]
    lines_of = [["cases", *matchers], ["---"] * (len(matchers) + 1), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines_of)


if __name__ == "__main__":
    print(table())
