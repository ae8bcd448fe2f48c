"""The variables that an app's code sees, as Vite has them: those of its `.env` files that begin with `VITE_`.

https://vite.dev/guide/env-and-mode
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from build.source import Source

# The later one counts.
_FILES = (".env", ".env.local", ".env.production", ".env.production.local")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*")
_PUBLIC = "VITE_"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that code sees, and where its value stands."""

    value: str
    path: str
    line: int


def read_environment(source: Source) -> dict[str, Variable]:
    """The variables whose values may get into the bundle; of all others code sees nothing."""
    found: dict[str, Variable] = {}
    for path in _FILES:
        for number, line in enumerate(source.text(path).splitlines(), 1):
            named = _LINE.fullmatch(line)
            if named and named[1].startswith(_PUBLIC):
                found[named[1]] = Variable(_value(named[2]), path, number)
    return found


def _value(written: str) -> str:
    if len(written) >= 2 and written[0] == written[-1] and written[0] in "\"'`":
        return written[1:-1]
    return written.partition(" #")[0].rstrip()


def defines(variables: Mapping[str, Variable], base: str) -> list[str]:
    """esbuild's flags by which code sees these, and that it is built for good."""
    own = {"MODE": "production", "PROD": True, "DEV": False, "SSR": False, "BASE_URL": base}
    public = {name: variable.value for name, variable in variables.items()}
    seen = {"import.meta.env": {**public, **own}, "process.env": {**public, "NODE_ENV": "production"}}
    return [
        *(f"--define:{object_}={json.dumps(values)}" for object_, values in seen.items()),
        # Each by itself too: of the whole object all would be in the bundle where one is asked for.
        *(
            f"--define:{object_}.{name}={json.dumps(value)}"
            for object_, values in seen.items()
            for name, value in values.items()
        ),
        # What begins an application for Node may still ask for it.
        "--define:global=globalThis",
    ]
