"""Which browser `make e2e` and the continuous integration drive."""

import pytest

from dev.setup.browser import find
from dev.setup.problem import SetupError


@pytest.mark.parametrize(
    "name",
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
)
def test_any_chromium_or_chrome_will_do(name: str) -> None:
    assert find({}, {name: "found"}.get) == "found"


def test_the_one_that_is_named_wins() -> None:
    assert find({"CHROMIUM_PATH": "/opt/chrome"}, {"chromium": "found"}.get) == "/opt/chrome"


def test_without_one_a_line_names_the_way_out() -> None:
    with pytest.raises(SetupError, match="CHROMIUM_PATH"):
        find({}, lambda _: None)
