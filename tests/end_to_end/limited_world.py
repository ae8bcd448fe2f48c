"""A product whose every limit is small, and whose chat is mounted at another path.

Its times are as short as they may be on a machine that gives a process nothing for a second or two.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.end_to_end.contract_world import World, a_world
from tests.silent_server import a_silent_server

# A path that the editor's lies below.
BASE = "/api/vendor"


@asynccontextmanager
async def a_limited_world(data_dir: Path) -> AsyncGenerator[World]:
    """The product, until left. Its web search never answers."""
    async with (
        a_silent_server() as exa,
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
