"""Finds the file that an import means, as the preview does (web/src/preview/engine/resolve.ts)."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from build.source import Source

_ENDINGS = (".tsx", ".ts", ".jsx", ".js", ".mjs", ".cjs", ".json", ".css", ".svg")
_PATHS = re.compile(r'"paths"\s*:\s*\{([^{}]*)\}')
_BASE = re.compile(r'"baseUrl"\s*:\s*"([^"]*)"')
_PREFIX = re.compile(r'"([^"*]+)\*"\s*:\s*\[([^\[\]]*)\]')
_TARGET = re.compile(r'"([^"]*)\*"')
_ELSEWHERE = re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*:|//|#|\?)")

Aliases = Mapping[str, tuple[str, ...]]
"""The beginning of an import -> the folders of the app that it stands for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the app, and how it is wanted: `raw`, `url`, or nothing."""

    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Absent:
    """A path of the app at which there is no file."""

    path: str


@dataclass(frozen=True, slots=True)
class Package:
    """A name that stands for a package."""

    name: str


def join(base: str, path: str) -> str:
    """A path within a folder, with `.` and `..` worked out; nothing leads out of the app."""
    parts: list[str] = []
    for part in f"{base}/{path}".split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def read_aliases(source: Source) -> Aliases:
    """`@/` and `~/` are src by custom; an app can name further ones in its tsconfig.json.

    Nothing else is taken of that file, and its folders are always within the app.
    """
    aliases: dict[str, tuple[str, ...]] = {"@/": ("src/", ""), "~/": ("src/", "")}
    for file in ("tsconfig.json", "tsconfig.app.json"):
        text = source.text(file)
        base = _BASE.search(text)
        for prefix, targets in _PREFIX.findall(_first(_PATHS.search(text))):
            folders = [join(base[1] if base else ".", target) for target in _TARGET.findall(targets)]
            aliases[prefix] = tuple(f"{folder}/" if folder else "" for folder in folders)
    return aliases


def _first(found: re.Match[str] | None) -> str:
    return found[1] if found else ""


def resolve(
    specifier: str, importer: str, files: Container[str], aliases: Aliases
) -> Found | Absent | Package:
    """What an import in the file `importer` asks for."""
    name, _, query = specifier.partition("?")
    candidates = _paths(name, importer, aliases)
    if candidates is None:
        return Package(name)
    for candidate in candidates:
        path = _existing(candidate, files)
        if path is not None:
            return Found(path, query)
    return Absent(candidates[0] if candidates else name)


def is_elsewhere(address: str) -> bool:
    """True if an address in HTML or CSS leads out of the app, or to a part of its own page."""
    return _ELSEWHERE.match(address) is not None


def find_file(address: str, importer: str, files: Container[str]) -> str | None:
    """The file that an address in the HTML or CSS of `importer` means; a bare name is a file beside it."""
    name = without_query(address)
    found = resolve(name if name.startswith((".", "/")) else f"./{name}", importer, files, {})
    return found.path if isinstance(found, Found) else None


def without_query(address: str) -> str:
    """The path of an address: what follows, as in `icons.woff2?#iefix`, is for servers and old browsers."""
    return address.partition("?")[0].partition("#")[0]


def _paths(name: str, importer: str, aliases: Aliases) -> list[str] | None:
    """The paths that a name may mean, without their ending; None for the name of a package."""
    if name in {".", ".."} or name.startswith(("./", "../")):
        return [join(importer.rpartition("/")[0], name)]
    if name.startswith("/"):
        return [join("", name), join("public", name)]
    for prefix, folders in aliases.items():
        if name.startswith(prefix):
            return [join(folder, name.removeprefix(prefix)) for folder in folders]
    return None


def _existing(path: str, files: Container[str]) -> str | None:
    # TypeScript lets `./a.js` mean a.ts.
    bare = re.sub(r"\.(js|jsx|mjs)$", "", path)
    candidates = [
        path,
        *(path + ending for ending in _ENDINGS),
        *(bare + ending for ending in (".tsx", ".ts") if bare != path),
        *(join(path, f"index{ending}") for ending in _ENDINGS),
    ]
    return next((candidate for candidate in candidates if candidate in files), None)
