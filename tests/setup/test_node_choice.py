"""Which Node builds the page."""

import os
import subprocess
from pathlib import Path

import pytest

from dev.setup.node import Choice, choose, is_suitable, link_programs, packaged_folder


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.0", "v24.1.0", "26.0.0"])
def test_vite_runs_on_it(version: str) -> None:
    assert is_suitable(version)


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0", "", "nonsense"])
def test_vite_does_not_run_on_it(version: str) -> None:
    assert not is_suitable(version)


def test_a_suitable_node_on_path_is_used() -> None:
    assert choose("v22.12.0", has_npm=True) == Choice(on_path=True)


def test_without_a_node_the_packaged_one_is_used_silently() -> None:
    assert choose(None, has_npm=False) == Choice(on_path=False)


def test_an_unsuitable_node_falls_back_to_the_packaged_one_and_says_so() -> None:
    choice = choose("v18.20.0", has_npm=True)

    assert not choice.on_path
    assert choice.note is not None
    assert "v18.20.0" in choice.note


def test_a_node_without_npm_falls_back_and_says_so() -> None:
    choice = choose("v22.12.0", has_npm=False)

    assert not choice.on_path
    assert choice.note is not None
    assert "npm" in choice.note


def test_the_packaged_node_and_npm_run() -> None:
    folder = packaged_folder()
    versions = [
        subprocess.run(  # noqa: S603 - the locked environment's own
            [folder / name, "--version"],
            env={"PATH": f"{folder}{os.pathsep}{os.defpath}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for name in ("node", "npm")
    ]

    assert is_suitable(versions[0])
    assert versions[1].count(".") == 2


def test_links_to_a_wheel_that_is_gone_are_made_anew(tmp_path: Path) -> None:
    for place in ("old", "new"):
        for name in (
            "bin/node",
            "lib/node_modules/npm/bin/npm-cli.js",
            "lib/node_modules/npm/bin/npx-cli.js",
        ):
            file = tmp_path / place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(place, encoding="utf-8")
    link_programs(tmp_path / "old", tmp_path / "tools")
    folder = link_programs(tmp_path / "new", tmp_path / "tools")

    assert {file.read_text(encoding="utf-8") for file in folder.iterdir()} == {"new"}
