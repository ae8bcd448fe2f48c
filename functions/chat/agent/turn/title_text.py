"""Makes a title of a model's answer: one short line of plain text, also where it wrote Markdown. Pure."""

import re
import unicodedata

from chat.request import title_line

EXCERPT = 1_000
# At the start of a line: headings, quotations, list items, the fence of a code block.
_LINE_MARKS = re.compile(r"^(?:\s*(?:#{1,6}(?=\s|$)|>|[-*+•](?=\s|$)|\d{1,2}[.)](?=\s)|[`~]{3,}\w*$))+\s*")
_HEADING_END = re.compile(r"\s#+\s*$")
# Code comes first, because nothing in it is a mark. `_` within a word is no mark: snake_case, __init__.py.
_INLINE = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|!?\[(?P<label>[^\[\]]+)\](?:\([^()]*\)|\[[^\[\]]*\])"
    r"|(?P<mark>\*{1,3}|~~|(?<!\w)_{1,3}(?!\w*_\.\w))(?=\S)(?P<inner>.+?)(?<=\S)(?P=mark)(?!(?<=_)\w)"
)
# Each quotation mark that opens, with those that close it: languages differ.
_QUOTES = {
    '"': '"',
    "'": "'",
    "“": "”",
    "‘": "’",  # noqa: RUF001 - these are meant
    "„": "“”",
    "‚": "‘’",  # noqa: RUF001
    "«": "»",
    "»": "«",
    "‹": "›",  # noqa: RUF001
    "›": "‹",  # noqa: RUF001
    "「": "」",
    "『": "』",
    "《": "》",
}


def title_of(text: str) -> str:
    """The first line of the text that says something, without Markdown; empty if there is none."""
    for line in _lines(text[:EXCERPT].strip()):
        title = _plain(line)
        if title:
            return title_line(title)
    return ""


def _lines(text: str) -> list[str]:
    """The lines of the text; one where all of it stands between quotes."""
    return [text] if text[-1:] in _QUOTES.get(text[:1], ()) else text.splitlines()


def _plain(line: str) -> str:
    shown = "".join(" " if unicodedata.category(char) == "Cc" else char for char in line)
    shown = _HEADING_END.sub("", _LINE_MARKS.sub("", shown, count=1))
    shown, before = _INLINE.sub(_inside, shown), ""
    while shown != before:
        before, shown = shown, _without_frame(shown)
    return " ".join(shown.split())


def _inside(found: re.Match[str]) -> str:
    """What a piece of Markdown shows; marks within marks go too, those within code stay."""
    literal = found["code"] or found["escaped"]
    return literal or _INLINE.sub(_inside, found["label"] or found["inner"])


def _without_frame(text: str) -> str:
    """The text without what stands around it: marks that were never closed, one full stop, quotes."""
    text = text.strip().strip("*`").strip()
    if text.endswith((".", "。")) and not text.endswith(".."):
        text = text[:-1]
    closing = _QUOTES.get(text[:1], "")
    if len(text) > 1 and text[-1] in closing and not any(quote in text[1:-1] for quote in closing):
        text = text[1:-1]
    return text.strip()
