"""upstash-redis with time limits and a clear outcome for every answer. Slow to import.

Without them upstash-redis 1.8 waits for ever, repeats a command after three seconds whether or not it was
carried out, and loses the results of a pipeline if one of its commands fails.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import httpx
from upstash_redis.asyncio import Redis
from upstash_redis.http import AsyncHttpClient

from aicode.redis.replies import (
    ATTEMPTS,
    Argument,
    CommandError,
    Reply,
    is_answer,
    result,
    unavailable,
)
from aicode.tls import certificates

TIMEOUT = httpx.Timeout(1.2, connect=0.8, pool=1.0)
# TIMEOUT is for each piece of an answer, this for the whole: two attempts take less than three seconds.
SECONDS = 1.4


class UpstashSdk:
    """Sends commands through the SDK. Belongs to one event loop; keep it for the life of the process."""

    def __init__(self, url: str, token: str) -> None:
        self._redis = Redis(url, token, rest_encoding=None, rest_retries=0, allow_telemetry=False)
        self._transport = _Transport(secure=url.startswith("https"))
        self._redis._http = self._transport  # pyright: ignore[reportPrivateUsage] - no public seam
        self._pipeline_url = f"{url.rstrip('/')}/pipeline"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.close()

    async def command(self, command: Sequence[Argument]) -> Reply:
        """The reply to one command. Raises CommandError or StoreUnavailable."""
        return await cast("Any", self._redis).execute(command)

    async def pipeline(self, commands: Sequence[Sequence[Argument]]) -> list[Reply | CommandError]:
        """The reply to each command, in order. Raises StoreUnavailable."""
        replies = await self._transport.execute(
            self._pipeline_url, self._headers, list(commands), from_pipeline=True
        )
        return cast("list[Reply | CommandError]", replies)


class _Transport(AsyncHttpClient):
    def __init__(self, *, secure: bool) -> None:
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=20),
            verify=certificates() if secure else False,
            trust_env=False,
        )

    async def execute(
        self, url: str, headers: dict[str, str], command: list[Any], from_pipeline: bool = False
    ) -> Any:
        answer = await self._post(url, headers, command)
        if not from_pipeline:
            return result(answer, loud=True)
        if not isinstance(answer, list):
            raise unavailable()
        return [result(item, loud=False) for item in cast("list[object]", answer)]

    async def _post(self, url: str, headers: dict[str, str], command: list[Any]) -> object:
        reason: Exception | None = None
        for _ in range(ATTEMPTS):
            try:
                async with asyncio.timeout(SECONDS):
                    response = await self._client.post(url, headers=headers, json=command)
                answer: object = response.json()
            except (httpx.HTTPError, TimeoutError, ValueError) as error:
                reason = error
                continue
            if is_answer(response.status_code):
                return answer
            reason = None
        raise unavailable() from reason
