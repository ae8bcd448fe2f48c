"""Which Node builds the page."""

import pytest

from dev.setup.node import Choice, choose, is_suitable


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
