"""An HTML file of the app as it is published: what it loads from the app is what was built of that."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from build.entries import inline_name
from build.pages import Kind, kind_of_load, without_unclosed
from build.resolve import find_file, is_elsewhere, join, without_query
from build.site.static import address
from build.source import Source

_TAILWIND = re.compile(r"tailwindcss")
_URL = re.compile(r"url\(\s*([\"']?)([^\"')]+)\1\s*\)")
_ADDRESSES = {
    "img": ("src",),
    "source": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "iframe": ("src",),
    "embed": ("src",),
    "link": ("href",),
    "a": ("href",),
    "use": ("href",),
    "image": ("href",),
}
EMPTY = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>App</title>
  </head>
  <body>
    <div id="root"></div>
  </body>
</html>
"""
"""The page of an app that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was built for a page.

    `module` gives the address of what a script of the app became, `inline` of a module that is the page's
    load of this number; None where nothing was made of it.
    """

    base: str
    module: Callable[[str], str | None]
    inline: Callable[[int], str | None]


def read_draft(path: str, html: str, source: Source, built: Built) -> "PageDraft":
    """The page at this path of the app, which has this text."""
    draft = PageDraft(path, html, source, built)
    draft.feed(without_unclosed(html))
    draft.close()
    return draft


class PageDraft(HTMLParser):
    """A page whose parts are replaced, each at its place; all else stays as it was written.

    `wanted` are the files of the app that it names, `runs` the scripts that it loads, of which the `classic`
    ones stay as they are, `tailwind` the styles in it that Tailwind is to compile, which it may also have
    loaded (`loads_tailwind`).
    """

    def __init__(self, path: str, html: str, source: Source, built: Built) -> None:
        super().__init__(convert_charrefs=False)
        self._path = path
        self._html = html
        self._source = source
        self._built = built
        # As HTMLParser counts lines; `splitlines` knows further ends of a line.
        self._starts = [0, *(found.end() for found in re.finditer("\n", html))]
        self._edits: list[tuple[int, int, str]] = []
        self.wanted: set[str] = set()
        self.runs: set[str] = set()
        self.classic: set[str] = set()
        self.tailwind: list[str] = []
        self.loads_tailwind = False
        self._has_icon = any(path in source.files for path in ("favicon.ico", "public/favicon.ico"))
        self._load = 0
        self._open: tuple[str, int, str | None] | None = None  # tag, where it begins, what replaces it
        self._head_start = 0
        self._head_end: int | None = None
        self._body_end: int | None = None

    def html(self, styles: Sequence[str], scripts: Sequence[str]) -> str:
        """The page, with these style sheets and scripts besides, by their addresses."""
        sheets = "".join(f'<link rel="stylesheet" href="{escape(address)}">' for address in styles)
        # A browser asks for an icon that nobody names, and says in its console that there is none.
        sheets += "" if self._has_icon else '<link rel="icon" href="data:,">'
        edits = [*self._edits]
        # A page need not say where its head and its body end.
        head = self._head_start if self._head_end is None else self._head_end
        body = len(self._html) if self._body_end is None else self._body_end
        for at, text in ((head, sheets), (body, "".join(map(_script, scripts)))):
            edits.append((at, at, text))
        html = self._html
        for start, end, text in sorted(edits, key=lambda edit: edit[0], reverse=True):
            html = html[:start] + text + html[end:]
        return html

    @property
    def _offset(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag: scripts and sheets of the app are replaced, other addresses of it lead into the site."""
        values = {name: value or "" for name, value in attrs}
        self._has_icon |= tag == "link" and "icon" in values.get("rel", "").lower().split()
        whole = self.get_starttag_text() or ""
        start, end = self._offset, self._offset + len(whole)
        loads = kind_of_load(tag, values)
        if tag in {"html", "head"}:
            self._head_start = end
        elif tag == "script":
            self._script(loads, values, start, end, whole)
        elif tag == "style" and values.get("type", "") == "text/tailwindcss":
            self._open = ("style", start, "")
        elif loads == "style" or (tag == "link" and values.get("rel", "").lower() == "modulepreload"):
            self._edits.append((start, end, ""))
        else:
            self._addresses(tag, values, start, end, whole)
        self._load += loads is not None

    def handle_decl(self, decl: str) -> None:
        """What comes before the document itself."""
        self._head_start = self._offset + len(f"<!{decl}>")

    def _script(self, loads: Kind | None, values: dict[str, str], start: int, end: int, whole: str) -> None:
        src = values.get("src", "")
        if _TAILWIND.search(src):
            self.loads_tailwind = True
            self._open = ("script", start, "")
        elif loads == "module":
            found = self._found(src) if src else None
            new = (self._built.module(found) if found else None) if src else self._built.inline(self._load)
            self.runs.add(found or inline_name(self._path, self._load))
            self._open = ("script", start, _script(new) if new else "")
        elif loads == "classic":
            found = self._found(src) or ""
            self.runs.add(found)
            self.classic.add(found)
            self._addresses("script", values, start, end, whole, names=("src",))

    def _found(self, written: str) -> str | None:
        """The file of the app that an address in this page means."""
        return find_file(written, self._path, self._source.files)

    def _addresses(  # noqa: PLR0913, PLR0917 - a tag and where it stands
        self,
        tag: str,
        values: dict[str, str],
        start: int,
        end: int,
        whole: str,
        names: tuple[str, ...] | None = None,
    ) -> None:
        text = whole
        for name in names or _ADDRESSES.get(tag, ()):
            if values.get(name) and not is_elsewhere(values[name]):
                new = self._in_site(values[name], is_link=tag == "a")
                text = _with_attribute(text, name, new)
        if "url(" in values.get("style", ""):
            text = _URL.sub(self._style_address, text)
        if text != whole:
            self._edits.append((start, end, text))

    def _in_site(self, written: str, *, is_link: bool = False) -> str:
        """The address in the site of what an address in this page means."""
        found = self._found(written)
        rest = written.removeprefix(without_query(written))
        if found and not found.endswith(".html"):
            self.wanted.add(found)
            return f"{self._built.base}{address(found)}{rest}"
        if is_link and written.startswith("/"):
            return f"{self._built.base}{written[1:]}"
        return written

    def _style_address(self, found: re.Match[str]) -> str:
        written = found[2].strip()
        return found[0] if is_elsewhere(written) else f"url({self._in_site(written)})"

    def handle_data(self, data: str) -> None:
        """Text: only that of styles matters."""
        if self._open and self._open[0] == "style":
            self.tailwind.append(data)
        elif self.cdata_elem == "style" and "url(" in data:
            start = self._offset
            self._edits.append((start, start + len(data), _URL.sub(self._style_address, data)))

    def handle_endtag(self, tag: str) -> None:
        """The end of what is replaced."""
        if self._open and tag == self._open[0]:
            _, start, new = self._open
            end = self._html.find(">", self._offset) + 1
            self._edits.append((start, end or len(self._html), new or ""))
            self._open = None
        elif tag == "head":
            self._head_end = self._offset
        elif tag == "body":
            self._body_end = self._offset


def _script(address: str) -> str:
    return f'<script type="module" src="{escape(address)}"></script>'


def _with_attribute(tag: str, name: str, value: str) -> str:
    """The text of a tag with another value for an attribute that it has."""
    pattern = re.compile(rf"(\s{re.escape(name)}\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
    return pattern.sub(lambda found: f'{found[1]}"{escape(value)}"', tag, count=1)


def page_address(path: str) -> str:
    """Where a page of the app is in its site."""
    return address(join("", path))
