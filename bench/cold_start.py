"""What a cold function costs: from the request that starts its process to the first byte of the answer.

Real function processes behind the local Function URL server, modules compiled, the demo model, an embedded
Redis. Ratios to `python -c pass` in the same run: milliseconds of a shared machine mean little.
"""

import asyncio
import contextlib
import io
import json
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
UNITS = 3  # of them for each run: the unit must not hang on one that was disturbed
LIMITS = {"RATE_LIMIT_PER_MINUTE": "1000", "MAX_CONCURRENT_TURNS": "1000"}
BASE = "/api/vendor/ai-chat-v2"
FILES = "/api/vendor/apps/demo-app/files"
CHAT = "chat: POST to the first event"
READ = "session: GET a session to the answer"
LIST = "session: GET an app's sessions"
APPS = "apps: GET files to the answer"
GOALS = {CHAT: 14, READ: 16, LIST: 16, APPS: 24}


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


async def whole_turn(client: httpx.AsyncClient, body: object) -> str:
    """Sends a message and waits for the end of its turn; gives the session's id."""
    stream = (await client.post(BASE, json=body)).text
    first = next(line for line in stream.splitlines() if line.startswith("data: "))
    return json.loads(first.removeprefix("data: "))["data"]["sessionId"]


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
                session = {"sessionId": await whole_turn(client, body)}
                await end_processes(stack, "chat")
                app = {"appId": "demo-app"}
                ways: dict[str, tuple[str, Callable[[], Awaitable[float]]]] = {
                    CHAT: ("chat", lambda: first_byte(client, "POST", BASE, json=body)),
                    READ: ("session", lambda: first_byte(client, "GET", BASE, params=session)),
                    LIST: ("session", lambda: first_byte(client, "GET", BASE, params=app)),
                    APPS: ("apps", lambda: first_byte(client, "GET", FILES)),
                }
                for _ in range(RUNS):
                    seconds["python -c pass"] += [interpreter() for _ in range(UNITS)]
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
    with contextlib.redirect_stderr(io.StringIO()) as log:  # the functions', one line for each that is ended
        try:
            seconds = asyncio.run(measure())
        except AssertionError:
            sys.exit(log.getvalue())
    unit = statistics.median(seconds["python -c pass"])
    print(f"cold start, median of {RUNS}, python {sys.version.split()[0]}")
    for name, values in seconds.items():
        ratio = statistics.median(values) / unit
        goal = f"   goal <= {GOALS[name]}x" if name in GOALS else ""
        print(f"  {name:37} {statistics.median(values) * 1000:7.0f} ms {ratio:6.1f}x{goal}")


if __name__ == "__main__":
    main()
