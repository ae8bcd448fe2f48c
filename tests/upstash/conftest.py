"""A running database on each engine, and the real client for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from upstash_redis.asyncio import Redis

from dev.upstash import Faults, Upstash, serve

TOKEN = "local-token"


@asynccontextmanager
async def client(upstash: Upstash, *, token: str = TOKEN) -> AsyncGenerator[Redis]:
    """upstash-redis without its blind retry."""
    async with Redis(upstash.url, token, rest_retries=0, allow_telemetry=False) as redis:
        yield redis


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what another task or process brings about, 15 s at most."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (a process's file can't set an event)
            await asyncio.sleep(0.005)


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
