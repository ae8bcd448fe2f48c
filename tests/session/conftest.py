"""Every test of the session routes has its own store."""

from collections.abc import AsyncGenerator

import pytest
from session_world import ORIGIN, World

from dev.upstash.rest import MAX_REQUEST
from tests.session_store import session_store


@pytest.fixture
def max_request() -> int:
    """The store's limit to a request; a test may ask for that of a larger plan."""
    return MAX_REQUEST


@pytest.fixture
async def world(max_request: int) -> AsyncGenerator[World]:
    async with session_store({"ALLOWED_ORIGINS": ORIGIN}, max_request=max_request) as known:
        world = World(known.settings, known.redis, known.client, known.sessions)
        world.sessions.now_ms = lambda: world.clock
        yield world
