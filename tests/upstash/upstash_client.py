"""The real client for a running database, and a wait for what happens in it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from upstash_redis.asyncio import Redis

from dev.upstash import Upstash

TOKEN = "local-token"


@asynccontextmanager
async def client(upstash: Upstash, *, token: str = TOKEN) -> AsyncGenerator[Redis]:
    """upstash-redis without its blind retry."""
    async with Redis(upstash.url, token, rest_retries=0, allow_telemetry=False) as redis:
        yield redis


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what another task or process brings about, 30 s at most."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (a process's file can't set an event)
            await asyncio.sleep(0.005)
