"""The empty root in which an app is built: its scripts, our configuration, the packages, nothing else."""

import json
import shutil
import tempfile
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from build.packages import packages

APP = "app"
_MODULES = "node_modules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where the two programs and the packages are: in a folder node_modules, as npm lays it out."""

    root: Path

    @staticmethod
    def of(env: Mapping[str, str]) -> "Tools":
        """Those of this function: in AWS its layer's."""
        return Tools(root=Path(env.get("BUILD_TOOLS") or "/opt/build").resolve())

    @property
    def modules(self) -> Path:
        """The folder of packages."""
        return self.root / _MODULES

    def program(self, pattern: str) -> str:
        """The program at this place below node_modules, in the package for this machine's processor."""
        found = sorted(self.modules.glob(pattern))
        if not found:
            raise FileNotFoundError(f"There is no {pattern} in the folder of BUILD_TOOLS.")
        return str(found[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A root that is there until the build ends."""

    root: Path
    tools: Tools

    def write(self, files: Mapping[str, bytes]) -> None:
        """Writes files of the app, by their paths in it."""
        for path, data in files.items():
            self._write(f"{APP}/{path}", data)

    def configure(self, name: str, text: str) -> None:
        """Writes a file of ours beside the app."""
        self._write(name, text.encode())

    def _write(self, path: str, data: bytes) -> None:
        # Paths of apps have no `..` and no link in them: the file store refuses the one and knows no other.
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def without_places(self, text: str) -> str:
        """The text without the names of folders of this machine."""
        for place in (self.root / APP, self.root / _MODULES, self.tools.modules, self.root, self.tools.root):
            text = text.replace(f"{place}/", "")
        return text


@contextmanager
def workspace(tools: Tools) -> Generator[Workspace]:
    """An empty root with the packages that an app may import; behind the block it is gone."""
    root = Path(tempfile.mkdtemp(prefix="build-")).resolve()
    try:
        _link(tools.modules, root / _MODULES, packages().installed)
        made = Workspace(root=root, tools=tools)
        for alias, of in packages().aliases.items():
            _stand_in(made, alias, of)
        yield made
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _link(modules: Path, here: Path, names: Iterable[str]) -> None:
    for name in names:
        place = here / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(modules / name)


def _stand_in(made: Workspace, alias: str, of: str) -> None:
    """A package of this name that gives what another one does."""
    exported = f'export * from "{of}";\n'
    for file in ("index.js", "index.d.ts"):
        made.configure(f"{_MODULES}/{alias}/{file}", exported)
    manifest = {
        "name": alias,
        "type": "module",
        "main": "index.js",
        "types": "index.d.ts",
        "sideEffects": False,
    }
    made.configure(f"{_MODULES}/{alias}/package.json", json.dumps(manifest))
