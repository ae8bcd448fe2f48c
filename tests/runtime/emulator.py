"""AWS's own Lambda runtime emulator, from the package of the SAM CLI."""

import asyncio
import contextlib
import platform
import random
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.runtime.processes import PROJECT
from tests.runtime.runtime_api import DEADLINE_SECONDS
from tests.waiting import until

BINARIES = {"x86_64": "aws-lambda-rie-x86_64", "aarch64": "aws-lambda-rie-arm64"}


def find_emulator() -> Path:
    """The emulator's binary; skips where there is none for this platform, fails where it is missing."""
    name = BINARIES.get(platform.machine())
    if platform.system() != "Linux" or name is None:
        pytest.skip("the Lambda runtime emulator is a Linux binary for x86_64 and arm64")
    found = list(PROJECT.glob(f"sam/.venv/lib/python3*/site-packages/samcli/local/rapid/{name}"))
    if not found:
        pytest.fail("no Lambda runtime emulator: get it with `uv sync --locked --project sam`")
    return found[0]


class Emulator:
    """One function behind the emulator. What it answers is buffered, and trailers are ignored."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def invoke(self, event: object) -> bytes:
        """The prelude, 8 NULs and the body; or the error as JSON, where no response began."""
        path = "/2015-03-31/functions/function/invocations"
        return (await self._client.post(path, json=event)).raise_for_status().content


@asynccontextmanager
async def serve_emulator(
    command: Sequence[str | Path], environment: Mapping[str, str]
) -> AsyncGenerator[Emulator]:
    """Runs `command` as the bootstrap of a function.

    The command's last argument becomes _HANDLER, so it takes the place of the script's name.
    """
    front, api = (f"127.0.0.1:{port}" for port in _free_ports(2))
    addresses = ["--runtime-interface-emulator-address", front, "--runtime-api-address", api]
    process = await asyncio.create_subprocess_exec(
        find_emulator(), "--log-level", "error", *addresses, *command, env=environment
    )
    try:
        await _until_listening(front)
        async with httpx.AsyncClient(
            # Nothing comes before all of it is there: a whole turn in a cold function.
            base_url=f"http://{front}",
            timeout=4 * DEADLINE_SECONDS,
            trust_env=False,
        ) as client:
            yield Emulator(client)
    finally:
        process.terminate()
        await process.wait()


def _free_ports(count: int) -> list[int]:
    """Ports that the system gives to nobody by itself while the emulator is being started."""
    free: list[int] = []
    while len(free) < count:
        port = random.randrange(10_000, 32_768)  # noqa: S311 - any will do
        with contextlib.suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            free.append(port)
    return free


async def _until_listening(address: str) -> None:
    host, port = address.split(":")

    async def listens() -> bool:
        with contextlib.suppress(ConnectionRefusedError):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            return True
        return False

    await until(listens)
