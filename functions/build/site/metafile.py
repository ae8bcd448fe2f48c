"""esbuild's account of what it made: https://esbuild.github.io/api/#metafile"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from build.esbuild.modules import NAMESPACE

_OUT = "out/"


class Account:
    """Which outputs belong to an entry, and which files of the app are in them."""

    def __init__(self, metafile: bytes) -> None:
        made: dict[str, Any] = json.loads(metafile)["outputs"] if metafile else {}
        self._outputs = {name.removeprefix(_OUT): output for name, output in made.items()}
        self._entries: dict[str, str] = {}
        for name, output in self._outputs.items():
            # A script's style sheet names the script as its entry too: of the two the script comes first.
            entry = _path(output["entryPoint"]) if "entryPoint" in output else ""
            if entry and (entry not in self._entries or not name.endswith(".css")):
                self._entries[entry] = name

    def output(self, entry: str) -> str | None:
        """The output that is loaded for an entry, a file of the app."""
        return self._entries.get(entry)

    def reached(self, entries: Iterable[str]) -> list[str]:
        """The scripts that these entries load, now or later, and what is made of their other imports."""
        found: dict[str, None] = {}
        waiting = [self._entries[entry] for entry in reversed([*entries]) if entry in self._entries]
        while waiting:
            name = waiting.pop()
            if name in found or name not in self._outputs:
                continue
            found[name] = None
            output = self._outputs[name]
            waiting += [each["path"].removeprefix(_OUT) for each in reversed(output["imports"])]
            if "cssBundle" in output:
                waiting.append(output["cssBundle"].removeprefix(_OUT))
        return [*found]

    def sources(self, outputs: Iterable[str]) -> Iterator[str]:
        """The files of the app that are in these outputs."""
        for name in outputs:
            for source, part in self._outputs[name]["inputs"].items():
                if source.startswith(f"{NAMESPACE}:") and (part["bytesInOutput"] or not _is_code(name)):
                    yield _path(source)


def _is_code(name: str) -> bool:
    return name.endswith((".js", ".css"))


def _path(named: str) -> str:
    return named.removeprefix(f"{NAMESPACE}:").partition("?")[0]
