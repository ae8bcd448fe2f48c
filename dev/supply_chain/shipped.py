"""The packages that ship: in the functions' layers, and in the page and its preview."""

import importlib.metadata
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from packaging.requirements import Requirement

from dev.setup.build_layer import programs
from dev.setup.environment import ROOT, UV
from dev.setup.lambda_python import VERSION
from dev.setup.page import PACKAGES, WEB

_LAMBDA = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "python_version": VERSION,
    "python_full_version": f"{VERSION}.0",
}
_IMPORTED = re.compile(
    r"""(?:^(?:import|export)\b(?!\ type\b)[^"';]*?\bfrom|^import|\bimport\(|^@import(?:\s+url\()?)\s*"""
    r"""["']([^."'/][^"']*)["']""",
    re.MULTILINE,
)
_SOURCES = frozenset({".ts", ".tsx", ".js", ".css"})
# For names that are no SPDX expression.
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package, and its licence as an SPDX expression; empty where it tells none."""

    name: str
    version: str
    licence: str


def python_packages() -> list[Package]:
    """Those of the layers, as they are built."""
    export = ["export", "--quiet", "--frozen", "--no-default-groups", "--no-emit-project", "--no-hashes"]
    export += ["--group", "build"]
    listed = subprocess.run(  # noqa: S603 - a fixed program
        [UV, *export, "--no-annotate", "--no-header", "--project", ROOT],
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = [Requirement(line) for line in listed.stdout.splitlines() if line.strip()]
    names = [entry.name for entry in wanted if entry.marker is None or entry.marker.evaluate(_LAMBDA)]
    return sorted(_installed(name) for name in names)


def _installed(name: str) -> Package:
    told: Any = importlib.metadata.metadata(name)
    lines: list[str] = told.get_all("Classifier", [])
    classifiers = [
        line.rpartition(" :: ")[2] for line in lines if line.startswith("License :: OSI Approved :: ")
    ]
    stated: str = told.get("License-Expression") or told.get("License") or ""
    # Some put the whole text here, or that there are two: their classifiers say which.
    if not stated or "\n" in stated or stated == "Dual License":
        stated = " AND ".join(_SPDX.get(kind, kind) for kind in classifiers)
    return Package(name, told["Version"], _SPDX.get(stated, stated))


def page_packages() -> list[Package]:
    """What the page and the preview's frame import, and what that needs, by web/package-lock.json."""
    locked = _locked()
    return _packages(page_places(locked), locked)


def build_packages() -> list[Package]:
    """What the build function's layer has besides: two programs for each processor, and types."""
    locked = _locked()
    return _packages(build_places(locked) - page_places(locked), locked)


def _locked() -> dict[str, Any]:
    return json.loads((WEB / "package-lock.json").read_bytes())["packages"]


def _packages(places: Iterable[str], locked: dict[str, Any]) -> list[Package]:
    return sorted(
        {
            Package(
                place.rpartition("node_modules/")[2],
                locked[place]["version"],
                locked[place].get("license", ""),
            )
            for place in places
        }
    )


def page_places(locked: dict[str, Any]) -> set[str]:
    """Where the lock has them, such as `node_modules/react`. Raises LookupError for one that it has not."""
    return _with_what_they_need({*locked[""]["dependencies"], *_imported()}, locked)


def build_places(locked: dict[str, Any]) -> set[str]:
    """The same of the build function's layer."""
    types = (entry["types"] for entry in _listed())
    return _with_what_they_need({*programs(), *types, *_imported_by_apps()}, locked)


def _with_what_they_need(names: Iterable[str], locked: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = [f"node_modules/{name}" for name in names]
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        if place not in locked:
            raise LookupError(
                f"{place} is imported, but web/package-lock.json does not have it: npm install."
            )
        found.add(place)
        waiting += _needed(place, locked)
    return found


def _needed(place: str, locked: dict[str, Any]) -> list[str]:
    """Where what a package asks for is; optional peers only where they are installed."""
    peers = locked[place].get("peerDependencies", {})
    told = locked[place].get("peerDependenciesMeta", {})
    needed = [
        (_resolved(name, place, locked), name in peers and told.get(name, {}).get("optional", False))
        for name in {**locked[place].get("dependencies", {}), **peers}
    ]
    return [where for where, optional in needed if where in locked or not optional]


def _resolved(name: str, place: str, locked: dict[str, Any]) -> str:
    """Where Node finds a package that the one at `place` asks for: the nearest folder that has it."""
    while place:
        if f"{place}/node_modules/{name}" in locked:
            return f"{place}/node_modules/{name}"
        place = place.rpartition("/node_modules/")[0]
    return f"node_modules/{name}"


def _listed() -> list[dict[str, Any]]:
    return json.loads(PACKAGES.read_bytes())["packages"]


def _imported_by_apps() -> Iterator[str]:
    for entry in _listed():
        yield from map(_package, entry["imports"])


def _imported() -> Iterator[str]:
    """The names that the sources import, and those that apps may."""
    yield from _imported_by_apps()
    # The frame's build names this one in a text.
    yield "@tailwindcss/browser"
    for folder in ("src", "preview"):
        for file in (WEB / folder).rglob("*"):
            if file.suffix in _SOURCES:
                yield from imported_packages(file.read_text(encoding="utf-8"))


def imported_packages(source: str) -> set[str]:
    """The packages that a TypeScript or CSS source imports for more than types."""
    return set(map(_package, _IMPORTED.findall(source)))


def _package(imported: str) -> str:
    return "/".join(imported.split("/")[: 2 if imported.startswith("@") else 1])
