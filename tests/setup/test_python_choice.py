"""dev/setup/python.sh: which Python runs the set-up."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "dev" / "setup" / "python.sh"


@pytest.fixture
def machine(tmp_path: Path) -> "Machine":
    return Machine(tmp_path)


class Machine:
    """A PATH that holds nothing but the Pythons of a test."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def has(self, name: str, version: tuple[int, int]) -> None:
        """A program that answers as a Python of this version would."""
        old = version < (3, 11)
        program = self._path / name
        program.write_text(
            "#!/bin/sh\n"
            f'case "$1" in -c) exit {int(old)} ;; --version) echo "Python {version[0]}.{version[1]}.0" ;; '
            f'*) echo "{name} runs $*" ;; esac\n',
            encoding="utf-8",
        )
        program.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own script
            ["/bin/sh", str(SCRIPT), *arguments],
            env={**os.environ, "PATH": str(self._path)},
            capture_output=True,
            text=True,
            check=False,
        )


def test_python3_is_used_where_it_is_new_enough(machine: Machine) -> None:
    machine.has("python3", (3, 11))
    machine.has("python3.13", (3, 13))

    assert machine.run("-m", "dev.setup").stdout == "python3 runs -m dev.setup\n"


def test_a_newer_python_on_path_is_used_where_python3_is_old(machine: Machine) -> None:
    machine.has("python3", (3, 9))
    machine.has("python3.12", (3, 12))

    assert machine.run("-m", "dev.setup").stdout == "python3.12 runs -m dev.setup\n"


def test_only_old_pythons_give_one_line_that_names_the_way_out(machine: Machine) -> None:
    machine.has("python3", (3, 9))

    result = machine.run()

    assert result.returncode == 1
    assert "needs Python 3.11 or newer (found Python 3.9.0)" in result.stderr
    assert "https://www.python.org/downloads" in result.stderr
    assert result.stderr.count("\n") == 1


def test_no_python_at_all_gives_one_line_too(machine: Machine) -> None:
    result = machine.run()

    assert result.returncode == 1
    assert "(found none)" in result.stderr
    assert result.stderr.count("\n") == 1
