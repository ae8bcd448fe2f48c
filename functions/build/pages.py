"""What an HTML file loads: scripts and style sheets of the app."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

_REMOTE = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*:|//)")
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
    reader.feed(html)
    reader.close()
    return reader.loads


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loads: list[Load] = []
        self._inline: int | None = None  # the line where the code of a module begins
        self._code: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if tag == "link" and values.get("rel", "").lower() == "stylesheet":
            self._add("style", line, values.get("href", ""))
        elif tag == "script":
            kind = values.get("type", "").lower()
            if kind == "module" and not values.get("src"):
                self._inline = line + (self.get_starttag_text() or "").count("\n")
            elif kind == "module":
                self._add("module", line, values["src"])
            elif not kind or _CLASSIC.fullmatch(kind):
                self._add("classic", line, values.get("src", ""))

    def _add(self, kind: Kind, line: int, address: str) -> None:
        if address and not _REMOTE.match(address):
            self.loads.append(Load(kind=kind, line=line, address=address))

    def handle_data(self, data: str) -> None:
        if self._inline is not None:
            self._code.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._inline is not None:
            self.loads.append(Load(kind="module", line=self._inline, code="".join(self._code)))
            self._inline, self._code = None, []
