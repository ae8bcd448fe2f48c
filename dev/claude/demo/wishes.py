"""What kind of change a message asks for."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from dev.claude.demo import edits
from dev.claude.demo.edits import Edit

_COLOURS = (
    "black|white|red|green|blue|yellow|orange|purple|pink|brown|gr[ae]y|teal|navy|maroon|olive|"
    "crimson|indigo|violet|gold|salmon|tomato|turquoise|cyan|magenta|#[0-9a-f]{6}|#[0-9a-f]{3}"
)
_COLOUR = re.compile(
    r"\b(?:make|turn|set|change|paint|colou?r|use|give|switch)\b[^.\n]*?"
    rf"\b(?P<what>heading|headline|header|title|h1|buttons?|background|page|text|font|links?)\b"
    rf"[^.\n]*?(?<![\w-])(?P<colour>{_COLOURS})(?!\w)",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:change|set|rename|make|update)\b[^.\n]*?\b(?P<what>title|heading|headline|header)\b[^.\n]*?"
    r"\b(?:to|say|read)\b:?\s+(?P<text>.+)",
    re.IGNORECASE,
)
_REPLACE = re.compile(
    r"\b(?:replace|change|rename)\b\s+[\"“'](?P<old>[^\"”\n]+?)[\"”']\s+(?:with|by|to)\s+"
    r"[\"“'](?P<new>[^\"”\n]+?)[\"”']",
    re.IGNORECASE,
)
_DARK = re.compile(r"\bdark[ -]?(?:mode|theme|scheme)\b", re.IGNORECASE)
_SELECTORS = {
    "button": ("button", "background"),
    "background": ("body", "background"),
    "page": ("body", "background"),
    "text": ("body", "color"),
    "font": ("body", "color"),
    "link": ("a", "color"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A change to file contents: which files could matter, and what to replace in one of them."""

    what: str
    suffixes: tuple[str, ...]
    edits: Callable[[str], list[Edit]]
    """From a file's content to the edits of `edit_file`."""
    done_already: Callable[[str], bool] | None = None


def read_wish(text: str) -> Wish | None:
    """The change that a message asks for, if it is one that the demo model can make."""
    for kind in (_dark, _replace, _title, _colour):
        wish = kind(text)
        if wish is not None:
            return wish
    return None


def _dark(text: str) -> Wish | None:
    if not _DARK.search(text):
        return None
    what = "a dark mode that follows the system's setting"
    return Wish(what, (".css",), edits.dark_mode, edits.has_dark_mode)


def _replace(text: str) -> Wish | None:
    match = _REPLACE.search(text)
    if match is None:
        return None
    old, new = match["old"], match["new"]

    def replace(content: str) -> list[Edit]:
        if old not in content:
            return []
        return [{"old": old, "new": new, "replace_all": content.count(old) > 1}]

    return Wish(f"“{old}” → “{new}”", ("",), replace)


def _title(text: str) -> Wish | None:
    match = _TITLE.search(text)
    if match is None or re.fullmatch(_COLOURS, match["text"].strip(" .!"), re.IGNORECASE):
        return None
    quoted = re.match(r"[\"“'](.+?)[\"”'](?!\w)", match["text"])
    wanted = quoted[1] if quoted else match["text"].strip(" .!")
    tags = ("title", "h1") if match["what"].lower() == "title" else ("h1",)

    def retitle(content: str) -> list[Edit]:
        return [edit for tag in tags for edit in edits.retitle(content, tag, wanted)]

    return Wish(f"the {match['what'].lower()}: “{wanted}”", (".html", ".tsx", ".jsx", ".js"), retitle)


def _colour(text: str) -> Wish | None:
    match = _COLOUR.search(text)
    if match is None:
        return None
    what, colour = match["what"].lower(), match["colour"].lower()
    selector, prop = _SELECTORS.get(what.rstrip("s"), ("h1", "color"))

    def declare(css: str) -> list[Edit]:
        return edits.declare(css, selector, prop, colour)

    return Wish(f"the {what} in {colour}", (".css",), declare)
