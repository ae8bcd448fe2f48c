"""Makes the files of a site from an app's source."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aicode.api_types import FoundProblem
from aicode.sites.file_headers import BUILT
from build.entries import Entries, find_entries, inline_name
from build.esbuild.bundler import Bundle, bundle
from build.problems import of_build
from build.processes import Stopped
from build.resolve import read_aliases
from build.site import tailwind
from build.site.environment import defines, read_environment
from build.site.metafile import Account
from build.site.page import EMPTY, Built, PageDraft, page_address, read_draft
from build.site.routers import allow_base
from build.site.secret_values import secret_problems
from build.site.static import address, static_files
from build.source import SCRIPTS, Source, ending
from build.workspace import Tools, Workspace, workspace

MOST_BYTES = 100_000_000
INDEX = "index.html"
_HASH = re.compile(r"-[A-Z0-9]{8}\.css$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The files of a site by their address in it, or why there are none."""

    problems: list[FoundProblem]
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


async def make_site(source: Source, tools: Tools, base: str) -> Site:
    """The app at a revision as a site whose address has this path, such as `/`.

    Its source must have been read with its assets.
    """
    entries = find_entries(source)
    if not _pages(source, entries):
        nothing = "There is nothing to publish yet: the app has neither a page nor a script to begin with."
        return Site(problems=[of_build(nothing)])
    code = "\n".join(source.text(path) for path in source.files if ending(path) in SCRIPTS | {"html"})
    variables = {name: each for name, each in read_environment(source).items() if name in code}
    with workspace(tools) as space:
        allow_base(space, base)
        flags = (
            "--minify",
            "--metafile",
            "--charset=utf8",
            *(f"--{kind}-names={BUILT}/[name]-[hash]" for kind in ("entry", "chunk", "asset")),
            f"--public-path={base}",
            *defines(variables, base),
        )
        bundled = await bundle(space, source, entries, read_aliases(source), flags)
        if bundled.problems:
            return Site(problems=bundled.problems)
        try:
            files, used = await _files(space, source, entries, bundled, base)
        except tailwind.NotCompiled as error:
            return Site(problems=[of_build(f"The app's styles could not be built. {error}")])
        except Stopped as stopped:
            return Site(problems=[of_build(f"The app's styles could not be built: the bundler {stopped}.")])
    problems = secret_problems(source, variables, used, list(files.values()))
    if sum(map(len, files.values())) > MOST_BYTES:
        problems.append(of_build(f"The site would have more than {MOST_BYTES // 1_000_000} MB."))
    return Site(problems=problems) if problems else Site(problems=[], files=files)


def _pages(source: Source, entries: Entries) -> list[str]:
    """The app's pages, `index.html` also where it is made here; of two at one address the second counts."""
    pages = {path for path in source.files if path.endswith(".html")}
    pages |= {page for loaded_by in entries.paths.values() for page in loaded_by}
    return sorted(pages, key=lambda path: (path == address(path), path))


async def _files(
    space: Workspace, source: Source, entries: Entries, bundled: Bundle, base: str
) -> tuple[dict[str, bytes], set[str]]:
    """The site's files, and the files of the app that are in them, or should be and look secret."""
    outputs = {output.path: output.data for output in bundled.outputs}
    account = Account(bundled.metafile)
    with_tailwind, classes = tailwind.is_used(source), tailwind.candidates(source)
    files: dict[str, bytes] = {}
    used: set[str] = set()
    wanted: set[str] = set()
    for path in _pages(source, entries):
        roots = [entry for entry, pages in entries.paths.items() if path in pages]
        draft = _draft(path, source, account, base)
        reached = account.reached(root for root in roots if root not in draft.classic)
        sheets = {name: outputs[name].decode() for name in reached if name.endswith(".css")}
        if with_tailwind or draft.loads_tailwind or draft.tailwind:
            sheets = await _with_tailwind(space, sheets, draft.tailwind, classes)
        styles = {_named(name, css): css.encode() for name, css in sheets.items()}
        left = [root for root in roots if root not in draft.runs and not root.endswith(".css")]
        scripts = [f"{base}{name}" for root in left if (name := account.output(root))]
        files[page_address(path)] = draft.html([f"{base}{name}" for name in styles], scripts).encode()
        files |= styles | {name: outputs[name] for name in reached if not name.endswith(".css")}
        used |= {path, *account.sources(reached)}
        wanted |= draft.wanted
    fixed, secret = static_files(source, wanted, files.values())
    return {**fixed, **files}, used | secret | {path for path in source.files if address(path) in fixed}


def _draft(path: str, source: Source, account: Account, base: str) -> PageDraft:
    def built(entry: str) -> str | None:
        output = account.output(entry)
        return f"{base}{output}" if output else None

    told = Built(base=base, module=built, inline=lambda load: built(inline_name(path, load)))
    return read_draft(path, source.text(path) if path in source.files else EMPTY, source, told)


async def _with_tailwind(
    space: Workspace, sheets: Mapping[str, str], inline: Sequence[str], classes: Sequence[str]
) -> dict[str, str]:
    """The sheets with those as one that Tailwind compiles, in front of the others as in the preview."""
    compiled = [name for name, css in sheets.items() if tailwind.is_compiled(css)]
    css = "\n".join([*(sheets[name] for name in compiled), *inline])
    made = await tailwind.compile_styles(space, css, classes)
    others = {name: css for name, css in sheets.items() if name not in compiled}
    return {compiled[0] if compiled else f"{BUILT}/styles.css": made, **others}


def _named(name: str, css: str) -> str:
    """A name that changes with what is in the sheet, which esbuild did not make as it is now."""
    digest = base64.b32encode(hashlib.sha256(css.encode()).digest()).decode()[:8]
    return f"{_HASH.sub('', name).removesuffix('.css')}-{digest}.css"
