"""Where an app begins, as the preview finds it (web/src/preview/engine/entry.ts)."""

import re
from dataclasses import dataclass, field

from aicode.api_types import FoundProblem
from build.pages import Load, read_page
from build.problems import BUNDLE
from build.resolve import find_file
from build.source import Source

_SCRIPTS = ("tsx", "jsx", "ts", "js")
MAINS = tuple(f"{name}.{end}" for name in ("src/main", "src/index", "main", "index") for end in _SCRIPTS)
COMPONENTS = tuple(
    f"{name}.{end}"
    for name in ("src/App", "App", "src/app/page", "app/page", "src/pages/index", "pages/index")
    for end in _SCRIPTS
)
_SHEETS = ("index.css", "styles.css", "globals.css", "style.css", "App.css")
_DEFAULT = re.compile(r"export\s+default|as\s+default")
START = "preview-start.tsx"
FIRST_PAGE = "index.html"
_FIRST_PAGES = (FIRST_PAGE, f"public/{FIRST_PAGE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """A module that is in no file of its own: its code, and the place in the page that it is from."""

    code: str
    page: str
    line: int


@dataclass(slots=True, kw_only=True)
class Entries:
    """The modules and style sheets that the app's pages load, by path, each with the pages that do."""

    paths: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    inline: dict[str, Inline] = field(default_factory=dict[str, Inline])
    problems: list[FoundProblem] = field(default_factory=list[FoundProblem])

    def add(self, path: str, page: str) -> None:
        """Notes that the page loads the file."""
        self.paths.setdefault(path, []).append(page)


def find_entries(source: Source) -> Entries:
    """What is to be bundled; nothing where the app has neither a page nor a component to begin with."""
    entries = Entries()
    main = next((path for path in MAINS if path in source.files), None)
    for page in sorted(path for path in source.files if path.endswith(".html")):
        loads = read_page(source.text(page))
        for at, load in enumerate(loads):
            if load.address:
                _add_file(entries, load, page, source)
            else:
                name = inline_name(page, at)
                entries.inline[name] = Inline(code=load.code, page=page, line=load.line)
                entries.add(name, page)
        if main and page in _FIRST_PAGES and all(load.kind == "style" for load in loads):
            entries.add(main, page)
    if not any(page in source.files for page in _FIRST_PAGES):
        _add_without_page(entries, main, source)
    return entries


def inline_name(page: str, at: int) -> str:
    """The name of the module that is in the page itself, as its load of this number, from 0."""
    return f"{page}-{at}.tsx"


def _add_file(entries: Entries, load: Load, page: str, source: Source) -> None:
    found = find_file(load.address, page, source.files)
    if found is not None:
        entries.add(found, page)
        return
    message = f"The page loads {load.address}, which is not there."
    entries.problems.append(FoundProblem(path=page, line=load.line, column=1, code=BUNDLE, message=message))


def _add_without_page(entries: Entries, main: str | None, source: Source) -> None:
    component = next((path for path in COMPONENTS if path in source.files), None)
    if main:
        entries.add(main, FIRST_PAGE)
    elif component:
        entries.inline[START] = Inline(code=_start(component, source), page=component, line=1)
        entries.add(START, FIRST_PAGE)


def _start(component: str, source: Source) -> str:
    """A module that shows the component, with the sheets beside it that it does not import itself."""
    text = source.text(component)
    folder = component.rpartition("/")[0]
    beside = (f"{folder}/{name}" if folder else name for name in _SHEETS)
    sheets = [path for path in beside if path in source.files and path.rpartition("/")[2] not in text]
    app = f'App from "/{component}"' if _DEFAULT.search(text) else f'{{ App }} from "/{component}"'
    return "\n".join(
        [
            'import { createRoot } from "react-dom/client";',
            *(f'import "/{path}";' for path in sheets),
            f"import {app};",
            'createRoot(document.getElementById("root")!).render(<App />);',
        ]
    )
