"""The way to Upstash Redis: one client with time limits, the names of the keys, the Lua scripts."""

from aicode.redis.client import CommandError, RedisClient

__all__ = [
    "CommandError",
    "RedisClient",
]
