"""Which Python compiles what is deployed."""

from pathlib import Path

import pytest

from dev.setup.lambda_python import find


class Machine:
    """A PATH, a home folder and a folder of installed Pythons that hold nothing but a test's."""

    def __init__(self, root: Path) -> None:
        self.path = root / "path"
        self.home = root / "home"
        self.installed = root / "installed"

    def has(self, program: Path, *, runs: bool = True, version: str = "3.13.1") -> Path:
        """A program that answers as this Python would, or as a version manager's for a version not chosen."""
        program.parent.mkdir(parents=True, exist_ok=True)
        answer = f'echo "{program if version.startswith("3.13.") else ""}"'
        program.write_text(f"#!/bin/sh\n{answer if runs else 'exit 127'}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    def find(self, **env: str) -> Path | None:
        return find({"PATH": str(self.path), "HOME": str(self.home), **env}, self.installed)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_one_on_path_is_used_where_it_runs(machine: Machine) -> None:
    on_path = machine.has(machine.path / "python3.13")
    machine.has(machine.home / ".pyenv/versions/3.13.0/bin/python3.13")

    assert machine.find() == on_path


def test_what_a_version_manager_keeps_is_found_where_its_program_on_path_does_not_run(
    machine: Machine,
) -> None:
    machine.has(machine.path / "python3.13", runs=False)
    machine.has(machine.home / ".pyenv/versions/3.12.1/bin/python3.12", version="3.12.1")
    kept = machine.has(machine.home / ".pyenv/versions/3.13.0/bin/python3.13")

    assert machine.find() == kept


def test_a_version_manager_may_have_another_folder(machine: Machine) -> None:
    kept = machine.has(machine.home / "elsewhere/versions/3.13.0/bin/python3.13")

    assert machine.find() is None
    assert machine.find(PYENV_ROOT=str(machine.home / "elsewhere")) == kept


def test_a_program_of_that_name_that_is_another_python_is_passed_over(machine: Machine) -> None:
    machine.has(machine.path / "python3.13", version="3.12.1")
    installed = machine.has(machine.installed / "cpython-3.13.9-linux-x86_64-gnu/bin/python3.13")

    assert machine.find() == installed
