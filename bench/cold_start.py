"""What a cold function costs: from the request that starts its process to the first byte of the answer.

Real function processes behind the local Function URL server, modules compiled, the demo model, an embedded
Redis. Ratios to `python -c pass` in the same run: milliseconds of a shared machine mean little.
"""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from dev import composition
from dev.token import make_token

RUNS = 9
LIMITS = {"RATE_LIMIT_PER_MINUTE": "1000", "MAX_CONCURRENT_TURNS": "1000"}
BASE = "/api/vendor/ai-chat-v2"
FILES = "/api/vendor/apps/demo-app/files"
CHAT = "chat: POST to the first event"
SESSION = "session: GET to the answer"
APPS = "apps: GET files to the answer"
GOALS = {CHAT: 14, SESSION: 16, APPS: 24}


def interpreter() -> float:
    """Seconds of `python -c pass`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


async def first_byte(client: httpx.AsyncClient, method: str, path: str, **options: object) -> float:
    """Seconds from sending the request to the first byte of the body."""
    began = time.perf_counter()
    async with client.stream(method, path, **options) as response:  # pyright: ignore[reportArgumentType]
        assert response.status_code == 200, await response.aread()  # noqa: S101
        async for _ in response.aiter_raw():
            return time.perf_counter() - began
    raise AssertionError("no body")


async def measure() -> dict[str, list[float]]:
    """Seconds by what was measured."""
    seconds: dict[str, list[float]] = {"python -c pass": []}
    with tempfile.TemporaryDirectory() as folder:
        async with composition.serve(LIMITS, port=0, data_dir=Path(folder)) as stack:
            token = make_token(stack.settings, "local-vendor")
            headers = {"Authorization": f"Bearer {token}"}
            url = stack.url.replace("localhost", "127.0.0.1")
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
                body = {"message": "Hello", "appId": "demo-app"}
                ways: dict[str, tuple[str, Callable[[], Awaitable[float]]]] = {
                    CHAT: ("chat", lambda: first_byte(client, "POST", BASE, json=body)),
                    SESSION: (
                        "session",
                        lambda: first_byte(client, "GET", BASE, params={"appId": "demo-app"}),
                    ),
                    APPS: ("apps", lambda: first_byte(client, "GET", FILES)),
                }
                for _ in range(RUNS):
                    seconds["python -c pass"].append(interpreter())
                    for name, (function, way) in ways.items():
                        seconds.setdefault(name, []).append(await way())
                        await end_processes(stack, function)
    return seconds


async def end_processes(stack: composition.Stack, function: str) -> None:
    """Ends the function's processes, so that the next request finds none."""
    for process in stack.server.processes(function):
        os.kill(process.pid, signal.SIGKILL)
    while stack.server.processes(function):  # noqa: ASYNC110 - the server tells nobody when one has ended
        await asyncio.sleep(0.02)


def main() -> None:
    """Prints a table of medians."""
    seconds = asyncio.run(measure())
    unit = statistics.median(seconds["python -c pass"])
    print(f"cold start, median of {RUNS}, python {sys.version.split()[0]}")
    for name, values in seconds.items():
        ratio = statistics.median(values) / unit
        goal = f"   goal <= {GOALS[name]}x" if name in GOALS else ""
        print(f"  {name:32} {statistics.median(values) * 1000:7.0f} ms {ratio:6.1f}x{goal}")


if __name__ == "__main__":
    main()
