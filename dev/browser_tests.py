"""Runs a script of the page that needs a browser, on a local stack of its own that is thrown away.

python -m dev.browser_tests [e2e|browsers|pictures|figures] [arguments of Playwright or Vitest]
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from dev import claude, composition
from dev.claude import demo
from dev.claude.demo.turn import read_turn
from dev.claude.server import DEMO_PACE
from dev.setup import browser
from dev.setup.problem import SetupError

SLOWLY = "take your time"
"""A prompt with these words is answered with a silence after its first sentence."""
_SILENCE_SECONDS = 20.0
# Each test makes an app of its own.
_LIMITS = {"MAX_APPS": "1000"}
_SCRIPTS = ("e2e", "browsers", "pictures", "figures")


def demo_with_time(request: claude.Received, _: int) -> claude.Reply:
    """The demo model's reply, silent in mid-answer where it was told to take its time.

    A test that acts on a running answer needs one that is still running on a slow machine.
    """
    reply = demo.reply(request.body)
    reply.pace = DEMO_PACE
    turn = read_turn(request.body)
    if SLOWLY in turn.text and not turn.steps:
        spoken = next((at for at, item in enumerate(reply.items, 1) if isinstance(item, claude.Text)), 0)
        reply.items = (*reply.items[:spoken], claude.Pause(_SILENCE_SECONDS), *reply.items[spoken:])
    return reply


async def run(arguments: list[str]) -> str | int:
    """The exit code of the script, or the line that says why it was not started."""
    script, *rest = arguments if arguments[:1] and arguments[0] in _SCRIPTS else ["e2e", *arguments]
    try:
        chosen = browser.find(os.environ)
    except SetupError as error:
        return str(error)
    replies = claude.Script(demo_with_time)
    with tempfile.TemporaryDirectory(prefix="aicode-e2e-") as folder:
        async with composition.serve(_LIMITS, port=0, data_dir=Path(folder), claude_script=replies) as stack:
            command = ["-m", "dev.setup", "npm", "run", "--silent", script, "--", *rest]
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env={**os.environ, "STACK_URL": stack.url, "CHROMIUM_PATH": chosen}
            )
            return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
