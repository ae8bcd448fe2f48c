"""How soon Stop closes the connection to Claude, and how far a reader is behind the writer.

Real function processes, an embedded Redis, a scripted model. Run as a module of the project:
`PYTHONPATH=layers/core:layers/runtime/python:functions:. .venv/bin/python bench/stop_and_resume.py`.
"""

import asyncio
import contextlib
import io
import os
import signal
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from chat.event_log import FLUSH_SECONDS
from dev.claude import Reply, Script, Text
from tests.end_to_end.stack import BASE, Stack, serve

RUNS = 30
GOALS = {"stop to closed upstream": 300, "reader behind writer": 500, "stop to turn_cancelled, cold": 500}


def endless() -> Reply:
    """A long answer, a word at a time."""
    return Reply(Text("word " * 600, cuts=600), pace=60)


async def stop(stack: Stack, after: float = 0.0) -> tuple[float, float]:
    """Milliseconds of the call to cancel, and from its beginning to the closed connection.

    Stop is pressed `after` seconds of text: how long it takes depends on when the next flush is due.
    """
    async with stack.post("Go") as stream:
        await stream.until("text_delta")
        await asyncio.sleep(after)
        session = stream.seen[0].data["sessionId"]
        upstream = stack.model.requests[-1]
        pressed = time.monotonic()
        await stack.client.post(f"{BASE}/{session}/cancel")
        answered = time.monotonic()
        await upstream.disconnected()
        await stream.rest()
    closed = upstream.disconnected_at or time.monotonic()
    return (answered - pressed) * 1000, (closed - pressed) * 1000


async def stop_cold(stack: Stack) -> float:
    """Milliseconds from Stop to `turn_cancelled` in a process that has only just begun to import."""
    for process in stack.server.processes("chat"):
        os.kill(process.pid, signal.SIGKILL)
    while stack.server.processes("chat"):  # noqa: ASYNC110 - a process has no event of its own
        await asyncio.sleep(0.01)
    async with stack.post("Go") as stream:
        await stream.until("connection_established")
        pressed = time.monotonic()
        await stack.client.post(f"{BASE}/{stream.seen[0].data['sessionId']}/cancel")
        await stream.until("turn_cancelled")
    return (time.monotonic() - pressed) * 1000


async def lag(stack: Stack) -> tuple[float, list[float], float]:
    """Milliseconds to a reader's first missed event, and how old the later ones are when it gets them.

    And those of one round trip to the function that reads: of a request for which there is nothing.
    """
    async with stack.post("Go") as stream:
        await stream.until("text_delta")
        session = stream.seen[0].data["sessionId"]
        await asyncio.sleep(1)
        asked, ages, first = time.monotonic(), list[float](), 0.0
        async with stack.resume(session, "1-0") as reader:
            async for event in reader.events:
                if not first:
                    first = (time.monotonic() - asked) * 1000
                if time.monotonic() - asked > 0.5:
                    ages.append(time.time() * 1000 - event.timestamp)
                if len(ages) > 100:
                    break
        await stack.client.post(f"{BASE}/{session}/cancel")
        await stream.rest()
    asked = time.monotonic()
    await stack.missed(session, stream.seen[-1].id)
    return first, ages, (time.monotonic() - asked) * 1000


def report(name: str, values: list[float]) -> None:
    """Median and 95th percentile."""
    p95 = statistics.quantiles(values, n=20)[-1]
    goal = f", goal {GOALS[name]} ms at p95" if name in GOALS else ""
    print(f"{name}: median {statistics.median(values):.0f} ms, p95 {p95:.0f} ms of {len(values)}{goal}")


async def main() -> None:
    """Measures and prints."""
    limits: Any = {"RATE_LIMIT_PER_MINUTE": "1000", "MAX_CONCURRENT_TURNS": "50", "DAILY_TOKEN_BUDGET": "0"}
    script = Script(lambda _request, _n: endless())
    with tempfile.TemporaryDirectory() as folder:
        async with serve(Path(folder), script, **limits) as stack:
            await stop(stack)
            stops = [await stop(stack, n / RUNS * FLUSH_SECONDS) for n in range(RUNS)]
            report("the call to cancel", [call for call, _ in stops])
            report("stop to closed upstream", [closed for _, closed in stops])
            # Twice: a reader's process goes on for a moment, so that the next one has a third process.
            await lag(stack)
            await lag(stack)
            lags = [await lag(stack) for _ in range(8)]
            report("a round trip to the reading function", [trip for _, _, trip in lags])
            report("first missed event", [first for first, _, _ in lags])
            report("reader behind writer", [age for _, ages, _ in lags for age in ages])
            report("stop to turn_cancelled, cold", [await stop_cold(stack) for _ in range(10)])


if __name__ == "__main__":
    with contextlib.redirect_stderr(io.StringIO()):  # the functions' log
        asyncio.run(main())
