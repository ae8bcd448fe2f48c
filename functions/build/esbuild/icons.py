"""The package of icons, of which a file for each of its 1,700 icons would be read for the sake of a few."""

import re

from build.source import SCRIPTS, Source, ending

PACKAGE = "lucide-react"
FILTER = r"[/\\]lucide-react[/\\]dist[/\\]esm[/\\]lucide-react\.mjs$"
# Whoever takes the package as a whole may name its icons in ways that only show when the code runs.
_WHOLE = re.compile(
    r'(?:\*|\bimport\s*\(|\brequire\s*\()[^;\n]*["\']lucide-react|\bicons\b[^;]*["\']lucide-react'
)
_NAME = re.compile(r"\b[A-Z]\w*")
# The package also has all its icons as one object, of this name.
_ALL = re.compile(r"(import \* as index from|export \{ index as icons \})")
_ICON = re.compile(r"export \{ (default as [^}]*) \} from '\./icons/")


def used_icons(source: Source) -> frozenset[str] | None:
    """The names that may be icons in the scripts that mention the package; None where it is used whole."""
    texts = [source.text(path) for path in source.files if ending(path) in SCRIPTS | {"html"}]
    importing = [text for text in texts if PACKAGE in text]
    if any(_WHOLE.search(text) for text in importing):
        return None
    return frozenset(name for text in importing for name in _NAME.findall(text))


def without_others(module: str, names: frozenset[str]) -> str:
    """The package's main module without the icons that none of the names is for."""
    return "\n".join(line for line in module.splitlines() if not _is_other(line, names))


def _is_other(line: str, names: frozenset[str]) -> bool:
    if _ALL.match(line):
        return True
    icon = _ICON.match(line)
    return icon is not None and names.isdisjoint(icon[1].replace("default as ", "").split(", "))
