"""How many requests one vendor may make in a minute, so that nobody uses up what all share."""

import asyncio
import time
from collections.abc import Callable

from aicode.errors import RateLimited, StoreUnavailable
from aicode.redis import RedisClient, keys
from aicode.settings import Settings
from aicode.telemetry import Observer

MINUTE_MS = 60_000
# Every request waits for this answer, which usually takes a few milliseconds.
ANSWER_SECONDS = 1.0


class RequestLimits:
    """Counts a vendor's reads and writes, each for themselves; those that have no limit are not counted."""

    def __init__(
        self,
        client: RedisClient,
        *,
        reads: int | None = None,
        writes: int | None = None,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        self._client = client
        self._reads = reads
        self._writes = writes
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)

    @staticmethod
    def of(settings: Settings, client: RedisClient) -> "RequestLimits":
        """Those of a function that reads and writes."""
        return RequestLimits(
            client, reads=settings.read_limit_per_minute, writes=settings.write_limit_per_minute
        )

    async def admit(self, vendor: str, method: str, observer: Observer) -> None:
        """Counts a request in one round trip. Raises RateLimited for one too many, which is not counted."""
        kind, limit = ("reads", self._reads) if method == "GET" else ("writes", self._writes)
        if limit is None:
            return
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                wait = await self._wait(vendor, kind, limit)
        except (StoreUnavailable, TimeoutError):
            # Apps and files are elsewhere, and stay within reach while the session store is away. What costs
            # more, a message, is counted where its turn begins, and never goes on uncounted.
            observer.count("StoreUnavailable")
            observer.warning("request not counted", error="StoreUnavailable", kind=kind)
            return
        if wait > 0:
            seconds = -(-wait // 1000)
            raise RateLimited(
                f"Too many {kind} in a minute: wait {seconds} s, then try again.", retry_after=seconds
            )

    async def _wait(self, vendor: str, kind: str, limit: int) -> int:
        minute, passed = divmod(self._now_ms(), MINUTE_MS)
        counters = [keys.requests(vendor, kind, number) for number in (minute, minute - 1)]
        return int(await self._client.script("requests", counters, limit, passed, MINUTE_MS))
