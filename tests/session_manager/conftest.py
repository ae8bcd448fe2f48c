"""Every test of the session store runs on both engines, each time on an empty one."""

from collections.abc import AsyncGenerator
from typing import Literal

import pytest
from store_world import Store, settings

from aicode.session_manager.manager import SessionManager
from aicode.session_manager.redis.client import RedisClient
from dev import upstash
from dev.upstash import Faults


@pytest.fixture(params=["valkey", "fake"])
def engine(request: pytest.FixtureRequest) -> Literal["valkey", "fake"]:
    return request.param


@pytest.fixture
async def store(engine: Literal["valkey", "fake"]) -> AsyncGenerator[Store]:
    async with upstash.serve(data_dir=None, token="t", engine=engine, faults=Faults()) as redis:
        client = RedisClient(redis.url, "t")
        sessions = SessionManager(client, settings(redis))
        store = Store(redis, client, sessions)
        sessions.now_ms = lambda: store.now
        yield store
        await client.close()
