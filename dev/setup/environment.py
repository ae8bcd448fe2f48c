"""The locked Python environment: uv in .tools, the packages of uv.lock in .venv."""

import fcntl
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.setup.problem import SetupError

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
UV = TOOLS / "bin" / "uv"
UV_PIN = Path(__file__).with_name("uv.txt")
PYTHON = ROOT / ".venv" / "bin" / "python"

# These point Python and uv at another environment than the project's.
_FOREIGN = frozenset({"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT"})


def missing_venv(has_module: Callable[[str], bool], version: tuple[int, int]) -> str | None:
    """The line to show where this Python cannot make a virtual environment with pip, else None."""
    if has_module("venv") and has_module("ensurepip"):
        return None
    package = f"python{version[0]}.{version[1]}-venv"
    return (
        f"Python {version[0]}.{version[1]} has no venv module: on Debian and Ubuntu run "
        f"`sudo apt install {package}` (or python3-venv), elsewhere install Python's venv and pip, "
        "then run make again."
    )


def sync_command(uv: Path, python: str | None) -> list[str]:
    """The command that makes .venv exactly what uv.lock says, with `python` if it is made anew."""
    return [str(uv), "sync", "--locked", "--quiet", *(["--python", python] if python else [])]


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """`env` for uv and pip: nothing of another environment, no Python from the network unasked."""
    kept = {name: value for name, value in env.items() if name not in _FOREIGN}
    return {**kept, "UV_PYTHON_DOWNLOADS": "manual", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def make_environment() -> None:
    """Brings .tools and .venv up to date; takes a second where they are. Raises SetupError."""
    with locked(UV_PIN):
        _install_uv()
        fresh = not PYTHON.exists()
        if fresh:
            say("Installing the Python packages (once, about a minute) ...")
        run(
            sync_command(UV, sys.executable if fresh else None),
            "The Python packages could not be installed (see above): check the network, then run make again.",
        )


def _install_uv() -> None:
    wanted = UV_PIN.read_text(encoding="utf-8")
    stamp = TOOLS / "uv.txt"
    if UV.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    problem = missing_venv(lambda name: importlib.util.find_spec(name) is not None, sys.version_info[:2])
    if problem:
        raise SetupError(problem)
    say("Installing uv into .tools ...")
    way_out = "uv could not be installed (see above): check the network, then run make again."
    run([sys.executable, "-m", "venv", "--clear", str(TOOLS)], way_out)
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    run([*pip, "--requirement", str(UV_PIN)], way_out)
    stamp.write_text(wanted, encoding="utf-8")


def run(command: list[str], failure: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Runs a program with its output shown; raises SetupError with the line `failure` if it fails."""
    try:
        subprocess.run(command, cwd=cwd, env=clean_environment(env or os.environ), check=True)  # noqa: S603 - fixed programs
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetupError(failure) from error


def say(line: str) -> None:
    """Tells the person at the terminal what is being done."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Holds `path` for one process at a time, so that two makes at once do not install over each other."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
