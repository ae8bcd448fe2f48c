"""The real client for a running database."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from upstash_redis.asyncio import Redis

from dev.upstash import Upstash

TOKEN = "local-token"


@asynccontextmanager
async def client(upstash: Upstash, *, token: str = TOKEN) -> AsyncGenerator[Redis]:
    """upstash-redis without its blind retry."""
    async with Redis(upstash.url, token, rest_retries=0, allow_telemetry=False) as redis:
        yield redis
