"""`python -m dev.claude`: the demo model, or a script, as a process of its own."""

import argparse
import asyncio
import importlib
import signal

from dev.claude.script import Script
from dev.claude.server import serve


def _script(name: str) -> Script:
    module, _, attribute = name.partition(":")
    script: object = getattr(importlib.import_module(module), attribute)
    if not isinstance(script, Script):
        raise argparse.ArgumentTypeError(f"{name} is not a Script")
    return script


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve(
        port=options.port, script=options.script, pace=options.pace, control=options.control
    ) as server:
        print(server.url, flush=True)  # noqa: T201 - the one line that a parent process reads
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m dev.claude", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=_script, metavar="MODULE:ATTRIBUTE")
    parser.add_argument("--pace", type=float, help="deltas per second, 0 = full blast")
    parser.add_argument("--control", action="store_true", help="open /control/ to tests")
    asyncio.run(_run(parser.parse_args()))
