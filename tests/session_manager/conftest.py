"""Every test of the session store begins with an empty one."""

from collections.abc import AsyncGenerator

import pytest
from store_world import Store, settings

from aicode.session_manager.manager import SessionManager
from aicode.session_manager.redis.client import RedisClient
from dev import upstash
from dev.upstash import Faults


@pytest.fixture
async def store() -> AsyncGenerator[Store]:
    async with upstash.serve(data_dir=None, token="t", faults=Faults()) as redis:
        client = RedisClient(redis.url, "t")
        sessions = SessionManager(client, settings(redis))
        store = Store(redis, client, sessions)
        sessions.now_ms = lambda: store.now
        yield store
        await client.close()
