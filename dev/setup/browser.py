"""The browser of `make e2e`."""

import shutil
from collections.abc import Callable, Mapping

from dev.setup.problem import SetupError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find(env: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> str:
    """CHROMIUM_PATH, else a Chromium or Chrome of this machine; raises SetupError where there is none."""
    found = env.get("CHROMIUM_PATH") or next(filter(None, map(which, (*_NAMES, _MAC))), None)
    if found is None:
        raise SetupError(
            "make e2e needs Chromium or Chrome: `sudo apt install chromium`, or set CHROMIUM_PATH to one."
        )
    return found
