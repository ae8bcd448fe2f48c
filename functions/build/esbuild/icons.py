"""The package of icons, of which a file for each of its 1,700 icons would be read for the sake of a few."""

import re

from build.source import SCRIPTS, Source, ending

PACKAGE = "lucide-react"
FILTER = r"[/\\]lucide-react[/\\]dist[/\\]esm[/\\]lucide-react\.mjs$"
# Whoever takes the package as a whole may name its icons in ways that only show when the code runs.
_WHOLE = re.compile(r"\*|\bimport\s*\(|\brequire\s*\(")
# All icons as one object, which an import may name in a line of its own.
_OBJECT = re.compile(r"\bicons\b")
_NAME = re.compile(r"\b[A-Z]\w*")
# The package also has all its icons as one object, of this name.
_ALL = re.compile(r"(import \* as index from|export \{ index as icons \})")
_ICON = re.compile(r"export \{ (default as [^}]*) \} from '\./icons/")


def used_icons(source: Source) -> frozenset[str] | None:
    """The names that may be icons in the scripts that mention the package; None where it is used whole."""
    texts = [source.text(path) for path in source.files if ending(path) in SCRIPTS | {"html"}]
    importing = [text for text in texts if PACKAGE in text]
    if any(_is_used_whole(text) for text in importing):
        return None
    return frozenset(name for text in importing for name in _NAME.findall(text))


def _is_used_whole(text: str) -> bool:
    by_line = any(_is_named_behind(_WHOLE, part) for part in re.split(r"[;\n]", text))
    return by_line or any(_is_named_behind(_OBJECT, part) for part in text.split(";"))


def _is_named_behind(pattern: re.Pattern[str], part: str) -> bool:
    """True if the package's name follows the pattern; reads the part once, whatever it consists of."""
    named = max(part.rfind(f"{quote}{PACKAGE}") for quote in "\"'")
    return named >= 0 and pattern.search(part, 0, named) is not None


def without_others(module: str, names: frozenset[str]) -> str:
    """The package's main module without the icons that none of the names is for."""
    return "\n".join(line for line in module.splitlines() if not _is_other(line, names))


def _is_other(line: str, names: frozenset[str]) -> bool:
    if _ALL.match(line):
        return True
    icon = _ICON.match(line)
    return icon is not None and names.isdisjoint(icon[1].replace("default as ", "").split(", "))
