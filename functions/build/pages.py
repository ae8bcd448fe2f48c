"""What an HTML file loads: scripts and style sheets of the app."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

from build.resolve import is_elsewhere

_CLASSIC = re.compile(r"(?:text|application)/javascript")

Kind = Literal["module", "classic", "style"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A file that a page loads, or a script within it (`code`), and the line where that stands, from 1."""

    kind: Kind
    line: int
    address: str = ""
    code: str = ""


def read_page(html: str) -> list[Load]:
    """What the page loads from the app, in order; what it loads from elsewhere is left out."""
    reader = _Reader()
    reader.feed(without_unclosed(html))
    reader.close()
    return reader.loads


def without_unclosed(html: str) -> str:
    """The text up to the end of its last tag, for HTMLParser.

    What begins behind that is no tag, and takes many of Python's versions the cube of its length.
    """
    return html[: html.rfind(">") + 1]


def kind_of_load(tag: str, values: Mapping[str, str]) -> Kind | None:
    """How a tag with these attributes loads something of the app, or begins a module; None for all others."""
    if tag == "link" and values.get("rel", "").lower() == "stylesheet":
        return "style" if _is_own(values.get("href", "")) else None
    kind, address = values.get("type", "").lower(), values.get("src", "")
    if tag != "script":
        return None
    if kind == "module":
        return "module" if not address or _is_own(address) else None
    return "classic" if (not kind or _CLASSIC.fullmatch(kind)) and _is_own(address) else None


def _is_own(address: str) -> bool:
    return bool(address) and not is_elsewhere(address)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loads: list[Load] = []
        self._inline: int | None = None  # the line where the code of a module begins
        self._code: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        line, kind = self.getpos()[0], kind_of_load(tag, values)
        address = values.get("href" if kind == "style" else "src", "")
        if kind and address:
            self.loads.append(Load(kind=kind, line=line, address=address))
        elif kind:
            self._inline = line + (self.get_starttag_text() or "").count("\n")

    def handle_data(self, data: str) -> None:
        if self._inline is not None:
            self._code.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._inline is not None:
            self.loads.append(Load(kind="module", line=self._inline, code="".join(self._code)))
            self._inline, self._code = None, []
