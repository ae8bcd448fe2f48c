"""Turns over a real session store and file store."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from turn_world import APP, VENDOR, HaltedStore, World

from aicode.session_manager.manager import SessionManager
from aicode.session_manager.redis.client import RedisClient
from aicode.settings import Settings
from dev import upstash


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with upstash.serve(data_dir=None, token="t", faults=upstash.Faults()) as redis:
        settings = Settings.from_env(
            {
                "AICODE_LOCAL": "1",
                "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
                "UPSTASH_REDIS_REST_URL": redis.url,
                "UPSTASH_REDIS_REST_TOKEN": "t",
                "RATE_LIMIT_PER_MINUTE": "10000",
            }
        )
        client = RedisClient(redis.url, "t")
        store = HaltedStore(tmp_path / "files.db")
        await store.create_app(VENDOR, "App", app_id=APP)
        world = World(settings, redis, SessionManager(client, settings), store)
        world.sessions.now_ms = lambda: world.clock
        yield world
        await client.close()
        store.close()
