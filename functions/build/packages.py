"""The packages that apps may import: those of the list that the preview and the system prompt have too."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aicode


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """`imports` are the names that an app may import, each with its package."""

    names: tuple[str, ...]
    imports: dict[str, str]
    types: frozenset[str]
    aliases: dict[str, str]

    def is_provided(self, name: str) -> bool:
        """True if an app may import this name."""
        return name in self.imports

    @property
    def installed(self) -> frozenset[str]:
        """The folders of node_modules that these names, and their types, are in."""
        return frozenset(folder(name) for name in self.imports if name not in self.aliases) | self.types

    def missing(self, name: str) -> str:
        """What to do instead of importing this name, in words that Claude can act on."""
        package = folder(name)
        offered = sorted(known for known, owner in self.imports.items() if package in {owner, folder(known)})
        if offered:
            return f'"{name}" is not available to apps: of {package} import from {", ".join(offered)}.'
        return (
            f'The package "{package}" is not available to apps, and none can be installed. '
            f"There are only these: {', '.join(self.names)}. Use one of them, or write the code yourself."
        )


def folder(name: str) -> str:
    """The package that an import names: `date-fns` for `date-fns/locale`."""
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


@cache
def packages() -> Packages:
    """The list, read once."""
    listed: list[dict[str, Any]] = json.loads(
        Path(aicode.__file__).with_name("packages.json").read_text(encoding="utf-8")
    )["packages"]
    imports = {name: entry["name"] for entry in listed for name in entry["imports"]}
    aliases = {alias["name"]: alias["of"] for entry in listed for alias in entry.get("aliases", ())}
    return Packages(
        names=tuple(entry["name"] for entry in listed),
        imports=imports | {alias: imports[of] for alias, of in aliases.items()},
        types=frozenset(entry["types"] for entry in listed),
        # What is a part of a package that is there needs no stand-in.
        aliases={name: of for name, of in aliases.items() if folder(name) not in imports},
    )
