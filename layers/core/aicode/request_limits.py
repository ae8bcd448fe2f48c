"""How many requests one vendor may make in a minute, so that nobody uses up what all share."""

import asyncio
import time
from collections.abc import Callable, Mapping

from aicode.errors import RateLimited, StoreUnavailable
from aicode.redis import RedisClient, keys
from aicode.settings import Settings
from aicode.telemetry import Observer

MINUTE_MS = 60_000


class RequestLimits:
    """Counts a vendor's reads and writes, each for themselves; those that have no limit are not counted.

    A route of `shares` counts that part of its limit, 0 nothing; every other one counts one. What works
    without Redis has `patience`: with no answer after so many seconds, it goes on uncounted.
    """

    def __init__(  # noqa: PLR0913 - two limits, their exceptions, and time
        self,
        client: RedisClient,
        *,
        reads: int | None = None,
        writes: int | None = None,
        shares: Mapping[str, float] | None = None,
        patience: float | None = None,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        self._client = client
        self._reads = reads
        self._writes = writes
        self._shares = shares or {}
        self._patience = patience
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)

    @staticmethod
    def of(
        settings: Settings,
        client: RedisClient,
        *,
        shares: Mapping[str, float] | None = None,
        patience: float | None = None,
    ) -> "RequestLimits":
        """Those of a function that reads and writes."""
        reads, writes = settings.read_limit_per_minute, settings.write_limit_per_minute
        return RequestLimits(client, reads=reads, writes=writes, shares=shares, patience=patience)

    async def admit(self, vendor: str, method: str, route: str, observer: Observer) -> None:
        """Counts a request in one round trip. Raises RateLimited for one too many, which is not counted.

        Raises StoreUnavailable where there is no patience, and no answer.
        """
        kind, limit = ("reads", self._reads) if method == "GET" else ("writes", self._writes)
        share = self._shares.get(route)
        if limit is None or share == 0:
            return
        weight = 1 if share is None else max(1, round(share * limit))
        try:
            async with asyncio.timeout(self._patience):
                wait = await self._wait(vendor, kind, limit, weight)
        except (StoreUnavailable, TimeoutError):
            if self._patience is None:
                raise
            observer.count("StoreUnavailable")
            observer.warning("request not counted", error="StoreUnavailable", kind=kind)
            return
        if wait > 0:
            seconds = -(-wait // 1000)
            raise RateLimited(
                f"Too many {kind} in a minute: wait {seconds} s, then try again.", retry_after=seconds
            )

    async def _wait(self, vendor: str, kind: str, limit: int, weight: int) -> int:
        minute, passed = divmod(self._now_ms(), MINUTE_MS)
        counters = [keys.requests(vendor, kind, number) for number in (minute, minute - 1)]
        return int(await self._client.script("requests", counters, limit, passed, MINUTE_MS, weight))
