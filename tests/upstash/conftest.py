"""A running database, and the real client for it."""

from collections.abc import AsyncGenerator

import pytest
from upstash_client import TOKEN, client
from upstash_redis.asyncio import Redis

from dev.upstash import Faults, Upstash, serve


@pytest.fixture
async def upstash() -> AsyncGenerator[Upstash]:
    async with serve(data_dir=None, token=TOKEN, faults=Faults()) as running:
        yield running


@pytest.fixture
async def redis(upstash: Upstash) -> AsyncGenerator[Redis]:
    async with client(upstash) as connected:
        yield connected
