"""A product whose every limit is small, and whose chat is mounted at another path.

Its times are as short as they may be on a machine that gives a process nothing for a second or two.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.end_to_end.contract_world import World, a_world

# A path that the editor's lies below.
BASE = "/api/vendor"


@asynccontextmanager
async def a_limited_world(data_dir: Path) -> AsyncGenerator[World]:
    """The product, until left. Its web search never answers."""
    async with (
        _a_server_that_never_answers() as exa,
        a_world(
            data_dir,
            BASE_PATH=BASE,
            MODEL="claude-haiku-5-5",
            TITLE_MODEL="claude-haiku-5-5",
            EXA_BASE_URL=exa,
            RATE_LIMIT_PER_MINUTE="4",
            MAX_CONCURRENT_TURNS="1",
            MAX_READERS="2",
            MAX_STEPS="2",
            TOOL_TIMEOUT_SECONDS="4",
            MODEL_IDLE_TIMEOUT_SECONDS="4",
            TURN_LEASE_SECONDS="4",
            SESSION_TTL_SECONDS="8",
            DAILY_TOKEN_BUDGET="2000000",
            ALLOWED_ORIGINS="https://one.example, https://two.example/",
        ) as world,
    ):
        yield world


@asynccontextmanager
async def _a_server_that_never_answers() -> AsyncGenerator[str]:
    """The address of a server that takes requests and says nothing."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1024):
                pass
        finally:
            writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
