"""The Python that the deployed functions run on, by which `sam build` compiles them."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from dev.setup import environment
from dev.setup.environment import TOOLS, UV, run, say
from dev.setup.problem import SetupError

VERSION = "3.13"
_NAME = f"python{VERSION}"
# Below the home folder, where version managers keep Pythons. What they put on PATH runs only where that
# version is the one chosen.
_KEPT = (
    ".pyenv/versions",
    ".asdf/installs/python",
    ".local/share/mise/installs/python",
    ".local/share/uv/python",
)
_INSTALLED = TOOLS / "python"
_WHICH = f"import sys; print(sys.executable if sys.version.startswith('{VERSION}.') else '')"


def find(env: Mapping[str, str], installed: Path = _INSTALLED) -> Path | None:
    """One that runs: on PATH, else kept by a version manager, else installed by uv into `installed`."""
    return next(filter(None, map(_running, _candidates(env, installed))), None)


def ensure() -> Path:
    """The same, where need be after uv has installed it; raises SetupError."""
    python = find(os.environ)
    if python is not None:
        return python
    environment.make_environment()
    say(f"Installing Python {VERSION}, the deployed functions' own, into .tools (once) ...")
    failure = (
        f"There is no {_NAME} here, and uv could not get one (see above): install it, or check the network."
    )
    run([str(UV), "python", "install", "--no-bin", "--install-dir", str(_INSTALLED), VERSION], failure)
    python = find(os.environ)
    if python is None:
        raise SetupError(f"The {_NAME} in {_INSTALLED} does not run here: put another one on PATH.")
    return python


def _candidates(env: Mapping[str, str], installed: Path) -> Iterator[Path]:
    if on_path := shutil.which(_NAME, path=env.get("PATH", os.defpath)):
        yield Path(on_path)
    home = Path(env.get("HOME", "/"))
    managers = [home / folder for folder in _KEPT]
    if "PYENV_ROOT" in env:
        managers.insert(0, Path(env["PYENV_ROOT"]) / "versions")
    for folder in (*managers, installed):
        yield from sorted(folder.glob(f"*{VERSION}*/bin/{_NAME}"))


def _running(program: Path) -> Path | None:
    """The interpreter itself, whatever starts it; None if that is another version or does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - found by its name
            [program, "-c", _WHICH], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return Path(answer.stdout.strip()) if answer.stdout.strip() else None
