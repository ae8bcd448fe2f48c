"""The locked Python environment."""

import re
from pathlib import Path

from dev.setup.environment import UV_PIN, clean_environment, missing_venv, sync_command

ROOT = Path(__file__).parents[2]


def test_a_python_with_venv_and_pip_is_fine() -> None:
    assert missing_venv(lambda _: True, (3, 13)) is None


def test_debians_python_without_pip_for_venvs_names_the_package_to_install() -> None:
    line = missing_venv(lambda name: name != "ensurepip", (3, 11))

    assert line is not None
    assert "sudo apt install python3.11-venv" in line
    assert "\n" not in line


def test_the_environment_is_exactly_the_lock() -> None:
    assert sync_command(Path("uv"), None) == ["uv", "sync", "--locked", "--quiet"]


def test_a_new_environment_is_made_from_the_python_that_runs_the_set_up() -> None:
    assert sync_command(Path("uv"), "/usr/bin/python3")[-2:] == ["--python", "/usr/bin/python3"]


def test_no_python_is_downloaded_unasked_and_no_other_environment_is_touched() -> None:
    env = clean_environment({"PATH": "/bin", "VIRTUAL_ENV": "/other", "PYTHONPATH": "/other"})

    assert env["UV_PYTHON_DOWNLOADS"] == "manual"
    assert env["PATH"] == "/bin"
    assert not {"VIRTUAL_ENV", "PYTHONPATH"} & env.keys()


def test_uv_is_pinned_to_one_release_by_hash() -> None:
    pin = UV_PIN.read_text(encoding="utf-8")

    assert len(re.findall(r"^\S+==\S+", pin, re.MULTILINE)) == 1
    assert pin.count("--hash=sha256:") > 10
