"""The product that these tests share: a short lease, so that a dead owner is soon known to be dead."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from crash_world import FaultWorld, a_fault_world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FaultWorld]:
    """A running product with a lease of two seconds, whose web search never answers."""
    folder = tmp_path_factory.mktemp("faults")
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    search = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    async with a_fault_world(
        folder, TURN_LEASE_SECONDS="2", EXA_API_KEY="a-key", EXA_BASE_URL=search
    ) as world:
        world.folder = folder
        yield world
    silent.close()


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()
