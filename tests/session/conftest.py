"""Every test of the session routes has its own store."""

from collections.abc import AsyncGenerator

import pytest
from session_world import ORIGIN, World

from aicode.session_manager.manager import SessionManager
from aicode.session_manager.redis.client import RedisClient
from aicode.settings import Settings
from dev import upstash
from dev.upstash import Faults
from dev.upstash.rest import MAX_REQUEST


@pytest.fixture
def max_request() -> int:
    """The store's limit to a request; a test may ask for that of a larger plan."""
    return MAX_REQUEST


@pytest.fixture
async def world(max_request: int) -> AsyncGenerator[World]:
    async with upstash.serve(data_dir=None, token="t", faults=Faults(), max_request=max_request) as redis:
        settings = Settings.from_env(
            {
                "AICODE_LOCAL": "1",
                "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
                "UPSTASH_REDIS_REST_URL": redis.url,
                "UPSTASH_REDIS_REST_TOKEN": "t",
                "ALLOWED_ORIGINS": ORIGIN,
                "RATE_LIMIT_PER_MINUTE": "10000",
            }
        )
        client = RedisClient(redis.url, "t")
        world = World(settings, redis, client, SessionManager(client, settings))
        world.sessions.now_ms = lambda: world.clock
        yield world
        await client.close()
