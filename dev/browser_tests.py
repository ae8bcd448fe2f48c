"""Runs the browser tests of web/e2e against a local stack of their own, in a folder that is thrown away."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from dev import composition

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_browser(env: Mapping[str, str], which: Callable[[str], str | None]) -> str | None:
    """CHROMIUM_PATH, else a Chromium or Chrome of this machine; None where there is none."""
    if path := env.get("CHROMIUM_PATH"):
        return path
    return next(filter(None, map(which, (*_BROWSERS, _MAC))), None)


async def run(arguments: list[str]) -> str | int:
    """The exit code of Playwright, or the line that says why it was not started."""
    browser = find_browser(os.environ, shutil.which)
    if browser is None:
        return "make e2e needs Chromium: `sudo apt install chromium`, or set CHROMIUM_PATH to a Chrome."
    with tempfile.TemporaryDirectory(prefix="aicode-e2e-") as folder:
        async with composition.serve({}, port=0, data_dir=Path(folder)) as stack:
            command = ["-m", "dev.setup", "npm", "run", "--silent", "e2e", "--", *arguments]
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env={**os.environ, "BASE_URL": stack.url, "CHROMIUM_PATH": browser}
            )
            return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
