"""The only door to Upstash Redis: time-outs, one retry, one error, and each command's own result.

upstash-redis 1.8 alone waits for ever, repeats a command three seconds later whether or not it was carried
out, and loses a pipeline's results when one command of it fails. Every command that this product sends may be
repeated: scripts recognise their own repetition, event appends carry explicit ids.
"""

import re
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import httpx
from upstash_redis.asyncio import Redis
from upstash_redis.http import AsyncHttpClient

from aicode.errors import StoreUnavailable

Argument = str | int | float
Reply = Any  # what a command answers is as wide as JSON

ATTEMPTS = 2
TIMEOUT = httpx.Timeout(1.2, connect=0.8, pool=1.0)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCRIPTS = Path(__file__).with_name("scripts")


class CommandError(Exception):
    """One command was refused by Redis; the others of its pipeline were carried out."""


class RedisClient:
    """Commands to one Upstash database. Belongs to one event loop; keep it for the life of the process."""

    def __init__(self, url: str, token: str) -> None:
        self._redis = Redis(url, token, rest_encoding=None, rest_retries=0, allow_telemetry=False)
        self._transport = _Transport(secure=url.startswith("https"))
        self._redis._http = self._transport  # pyright: ignore[reportPrivateUsage] - no public seam
        self._pipeline_url = f"{url.rstrip('/')}/pipeline"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._sources: dict[str, str] = {}

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.close()

    async def command(self, *parts: Argument) -> Reply:
        """The reply to one command. Raises CommandError or StoreUnavailable."""
        return await cast("Any", self._redis).execute(_clean(parts))

    async def pipeline(self, commands: Sequence[Sequence[Argument]]) -> list[Reply | CommandError]:
        """The reply to each command, in order, in one round trip; not atomic. Raises StoreUnavailable."""
        replies = await self._transport.execute(
            self._pipeline_url, self._headers, [_clean(command) for command in commands], from_pipeline=True
        )
        return cast("list[Reply | CommandError]", replies)

    async def script(self, name: str, keys: Sequence[str], *arguments: Argument) -> Reply:
        """The reply of one of this product's Lua scripts, atomic. Raises StoreUnavailable."""
        return await self.command(*self.script_command(name, keys, *arguments))

    def script_command(self, name: str, keys: Sequence[str], *arguments: Argument) -> list[Argument]:
        """The same as a command, to be sent in a pipeline."""
        if name not in self._sources:
            self._sources[name] = (_SCRIPTS / f"{name}.lua").read_text()
        return ["EVAL", self._sources[name], len(keys), *keys, *arguments]


def _clean(parts: Sequence[Argument]) -> list[Argument]:
    """Half a surrogate pair cannot be sent as UTF-8; it becomes U+FFFD."""
    return [_SURROGATE.sub("�", part) if isinstance(part, str) else part for part in parts]


class _Transport(AsyncHttpClient):
    """The SDK's HTTP client with limits on time and a clear outcome for every answer."""

    def __init__(self, *, secure: bool) -> None:
        # Making an SSL context costs 20 to 90 ms, for nothing where the database is on this machine.
        context = ssl.create_default_context() if secure else False
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT, limits=httpx.Limits(max_connections=20), verify=context, trust_env=False
        )

    async def execute(
        self, url: str, headers: dict[str, str], command: list[Any], from_pipeline: bool = False
    ) -> Any:
        answer = await self._post(url, headers, command)
        if not from_pipeline:
            return _result(answer, loud=True)
        if not isinstance(answer, list):
            raise StoreUnavailable("The session store refused the request.", retry_after=2)
        return [_result(item, loud=False) for item in cast("list[object]", answer)]

    async def _post(self, url: str, headers: dict[str, str], command: list[Any]) -> object:
        reason: Exception | None = None
        for _ in range(ATTEMPTS):
            try:
                response = await self._client.post(url, headers=headers, json=command)
                answer: object = response.json()
            except (httpx.HTTPError, ValueError) as error:
                reason = error
                continue
            if response.status_code in (200, 400):
                return answer
            reason = None
        raise StoreUnavailable("The session store does not answer.", retry_after=2) from reason


def _result(answer: object, *, loud: bool) -> Reply | CommandError:
    members = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
    if "result" in members:
        return members["result"]
    error = CommandError(str(members.get("error", "no result")))
    if not members or str(error).startswith(("OOM", "READONLY", "NOAUTH", "WRONGPASS", "ERR max")):
        raise StoreUnavailable("The session store refuses the command.", retry_after=5) from error
    if loud:
        raise error
    return error
