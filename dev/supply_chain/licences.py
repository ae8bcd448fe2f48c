"""python -m dev.supply_chain.licences: writes THIRD_PARTY.md, and refuses a licence that may not ship."""

import re
import sys
from collections.abc import Iterable

from dev.setup.environment import ROOT, say
from dev.supply_chain.shipped import Package, build_packages, page_packages, python_packages

DOCUMENT = ROOT / "THIRD_PARTY.md"
# Each lets the product be passed on under its own licence; GPL, LGPL and AGPL do not, and are not among them.
_ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0"),
        *("ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib"),
    }
)
_HEADER = """# Third-party packages

What ships with AI Code, each under its own licence: `make licences` writes this list of the locks, and
`make check` refuses a licence that is not among those of `dev/supply_chain/licences.py`.
"""


def may_ship(expression: str) -> bool:
    """True if an SPDX expression leaves a choice, or all its parts, within the allowed licences."""
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    if not tokens:
        return False
    allowed, rest = _either(tokens)
    return allowed and not rest


def _either(tokens: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _all(tokens)
    while rest[:1] == ["OR"]:
        more, rest = _all(rest[1:])
        allowed = allowed or more
    return allowed, rest


def _all(tokens: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _one(tokens)
    while rest[:1] == ["AND"]:
        more, rest = _one(rest[1:])
        allowed = allowed and more
    return allowed, rest


def _one(tokens: list[str]) -> tuple[bool, list[str]]:
    if tokens[:1] != ["("]:
        return tokens[:1] != [] and tokens[0] in _ALLOWED, tokens[1:]
    allowed, rest = _either(tokens[1:])
    return allowed and rest[:1] == [")"], rest[1:]


def refused(packages: Iterable[Package]) -> list[str]:
    """A line for each package whose licence may not ship, or is not known."""
    return [
        f"{package.name} {package.version}: {package.licence or 'no licence told'}"
        for package in packages
        if not may_ship(package.licence)
    ]


def document() -> str:
    """THIRD_PARTY.md as it is to be."""
    return "\n".join(
        [
            _HEADER,
            *_table("In the functions' layer", python_packages()),
            "",
            *_table("In the page and its preview", page_packages()),
            "",
            *_table("Besides, where apps are built", build_packages()),
            "",
        ]
    )


def _table(title: str, packages: list[Package]) -> list[str]:
    rows = [f"| {package.name} | {package.version} | {package.licence} |" for package in packages]
    return [f"## {title}", "", "| package | version | licence |", "| --- | --- | --- |", *rows]


def main() -> None:
    """Writes the list; with --check only says whether it is current."""
    found = refused([*python_packages(), *page_packages(), *build_packages()])
    if found:
        say("These may not ship:\n" + "\n".join(found))
        sys.exit(1)
    if "--check" not in sys.argv:
        DOCUMENT.write_text(document(), encoding="utf-8")
    elif not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != document():
        say("THIRD_PARTY.md is not that of the locks: run make licences.")
        sys.exit(1)


if __name__ == "__main__":
    main()
