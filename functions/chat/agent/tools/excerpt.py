"""Texts of files as Claude reads them: numbered lines within a limit of characters."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat.agent.sections import file_contents

BOM = "\ufeff"
LINE_CHARACTERS = 2_000
CURRENT_TEXT_CHARACTERS = 16_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Numbered lines `first` to `last` of a text; both are 0 if there are no lines."""

    text: str
    first: int
    last: int


def lines_of(text: str) -> list[str]:
    """The lines without BOM and line ends; only a line feed ends a line."""
    parts = text.removeprefix(BOM).split("\n")
    if parts[-1] == "":
        parts.pop()
    return [part.removesuffix("\r") for part in parts]


def numbered(lines: Sequence[str], first: int = 1, last: int | None = None, *, budget: int) -> Excerpt:
    """Lines `first` to `last` as `number<tab>text`: as many as fit `budget` characters, at least one."""
    shown: list[str] = []
    for number, line in enumerate(lines[first - 1 : last], first):
        row = f"{number:>5}\t{shortened(line)}"
        # Results are cut at 64,000 bytes, so characters of three bytes count twice.
        budget -= max(len(row), len(row.encode(errors="replace")) * 2 // 3) + 1
        if budget < 0 and shown:
            break
        shown.append(row)
    if not shown:
        return Excerpt("", 0, 0)
    return Excerpt("\n".join(shown), first, first + len(shown) - 1)


def shortened(line: str, limit: int = LINE_CHARACTERS) -> str:
    """The line, cut if it has more than `limit` characters."""
    if len(line) <= limit:
        return line
    return f"{line[:limit]}... [the line goes on: {len(line):,} characters]"


def current_text(path: str, text: str) -> str:
    """The file's current text with numbered lines, for an error of a tool; cut to 16,000 characters."""
    lines = lines_of(text)
    excerpt = numbered(lines, budget=CURRENT_TEXT_CHARACTERS)
    if not excerpt.last:
        return f"{path} is empty now."
    if excerpt.last < len(lines):
        rest = f"\n[{len(lines)} lines in all; read_file shows the rest from line {excerpt.last + 1}]"
        return f"{path} now, lines 1 to {excerpt.last}:\n{file_contents(excerpt.text)}{rest}"
    return f"{path} now:\n{file_contents(excerpt.text)}"
