"""A running database on each engine, and the real client for it."""

from collections.abc import AsyncGenerator
from typing import Literal

import pytest
from upstash_client import TOKEN, client
from upstash_redis.asyncio import Redis

from dev.upstash import Faults, Upstash, serve


@pytest.fixture(params=["valkey", "fake"])
def engine(request: pytest.FixtureRequest) -> Literal["valkey", "fake"]:
    return request.param


@pytest.fixture
async def upstash(engine: Literal["valkey", "fake"]) -> AsyncGenerator[Upstash]:
    async with serve(data_dir=None, token=TOKEN, engine=engine, faults=Faults()) as running:
        yield running


@pytest.fixture
async def redis(upstash: Upstash) -> AsyncGenerator[Redis]:
    async with client(upstash) as connected:
        yield connected
