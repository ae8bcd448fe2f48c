"""The server as a process of its own, steered over its control endpoint."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
from claude_client import HEADERS, request

DEADLINE = 30


@asynccontextmanager
async def process(*options: str) -> AsyncGenerator[str]:
    """The URL of a running `python -m dev.claude`; ended by SIGTERM, with status 0."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dev.claude", *options, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert running.stdout is not None
        async with asyncio.timeout(DEADLINE):
            yield (await running.stdout.readline()).decode().strip()
    finally:
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE):
            assert await running.wait() == 0


async def test_it_prints_its_url_and_answers():
    async with process("--pace", "0") as url, httpx2.AsyncClient(timeout=DEADLINE) as client:
        answer = await client.post(f"{url}/v1/messages", json=request(), headers=HEADERS)
        control = await client.get(f"{url}/control/requests", headers=HEADERS)

    assert "demo model" in answer.text
    assert control.status_code == 404


async def test_a_script_is_steered_from_outside():
    script = "tests.claude_server.gated_script:SCRIPT"
    async with (
        process("--script", script, "--control") as url,
        httpx2.AsyncClient(timeout=DEADLINE) as client,
    ):
        answer = asyncio.create_task(
            client.post(f"{url}/v1/messages", json={**request(), "stream": True}, headers=HEADERS)
        )
        await client.post(f"{url}/control/gates/go-on/reached")
        waiting = (await client.get(f"{url}/control/requests")).json()
        await client.post(f"{url}/control/gates/go-on")
        raw = (await answer).text
        done = (await client.get(f"{url}/control/requests")).json()

    assert waiting["requests"][0]["finishedAt"] is None
    assert waiting["open"] == 2
    assert '"text":"two"' in raw
    assert done["requests"][0]["status"] == 200
    assert done["requests"][0]["body"]["messages"] == request()["messages"]
