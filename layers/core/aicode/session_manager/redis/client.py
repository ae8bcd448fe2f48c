"""The only door to Upstash Redis: time-outs, one retry, one error, and each command's own result.

The first command of a process goes over a socket of its own, because the SDK is slow to import, and so do
those that come while it is being imported; all others go through the SDK. Every command that this product
sends may be repeated: scripts recognise their own repetition, event appends carry explicit ids.
"""

import asyncio
import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aicode.session_manager.redis import first_command
from aicode.session_manager.redis.replies import (
    ATTEMPTS,
    Argument,
    CommandError,
    Reply,
    is_answer,
    result,
    unavailable,
)
from aicode.surrogates import without_surrogates

if TYPE_CHECKING:
    from aicode.session_manager.redis.sdk import UpstashSdk

__all__ = ["CommandError", "RedisClient", "Reply"]

# Twice that, and the start of the process, are over within three seconds.
FIRST_SECONDS = 1.2
_SCRIPTS = Path(__file__).with_name("scripts")
# How Redis and Valkey refuse the scripts' first line, whose flag is Upstash's own, before any other has run.
_FIRST_LINE_REFUSED = re.compile("script shebang|near '#'")


class RedisClient:
    """Commands to one Upstash database. Belongs to one event loop; keep it for the life of the process."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._cold = True
        self._sdk: UpstashSdk | None = None
        self._loading: asyncio.Future[Any] | None = None
        self._sources: dict[str, str] = {}
        self._key_locking = True

    async def close(self) -> None:
        """Closes the connections."""
        if self._sdk is not None:
            await self._sdk.close()

    async def command(self, *parts: Argument) -> Reply:
        """The reply to one command. Raises CommandError or StoreUnavailable.

        A hash or scores are asked for in a pipeline: here the SDK, once it is there, recasts them.
        """
        command = _clean(parts)
        sdk = self._warm()
        if sdk is None:
            return result(await self._first(self._url, command), loud=True)
        return await sdk.command(command)

    async def pipeline(self, commands: Sequence[Sequence[Argument]]) -> list[Reply | CommandError]:
        """The reply to each command, in order, in one round trip; not atomic. Raises StoreUnavailable."""
        cleaned = [_clean(command) for command in commands]
        sdk = self._warm()
        if sdk is not None:
            return await sdk.pipeline(cleaned)
        answer = await self._first(f"{self._url}/pipeline", cleaned)
        if not isinstance(answer, list):
            raise unavailable()
        return [result(item, loud=False) for item in cast("list[object]", answer)]

    async def script(self, name: str, keys: Sequence[str], *arguments: Argument) -> Reply:
        """The reply of one of this product's Lua scripts, atomic. Raises StoreUnavailable.

        A server that speaks Upstash's REST over Redis or Valkey gets them without Upstash's flag.
        """
        try:
            return await self.command(*self.script_command(name, keys, *arguments))
        except CommandError as error:
            if not _FIRST_LINE_REFUSED.search(str(error)):
                raise
        self._key_locking = False
        self._sources.clear()
        return await self.command(*self.script_command(name, keys, *arguments))

    def script_command(self, name: str, keys: Sequence[str], *arguments: Argument) -> list[Argument]:
        """The same as a command, to be sent in a pipeline."""
        if name not in self._sources:
            source = (_SCRIPTS / f"{name}.lua").read_text()
            self._sources[name] = source if self._key_locking else source.partition("\n")[2]
        return ["EVAL", self._sources[name], len(keys), *keys, *arguments]

    async def _first(self, url: str, command: Sequence[object]) -> object:
        headers = {"Authorization": f"Bearer {self._token}"}
        for _ in range(ATTEMPTS):
            try:
                status, answer = await first_command.send(url, headers, command, FIRST_SECONDS)
            except first_command.WireError:
                continue
            if is_answer(status):
                return answer
        raise unavailable()

    def _warm(self) -> "UpstashSdk | None":
        """The SDK, once it is imported: a fifth of a second, in a thread, for which nobody waits."""
        if self._cold:
            self._cold = False
        elif self._loading is None:
            loop, name = asyncio.get_running_loop(), "aicode.session_manager.redis.sdk"
            self._loading = loop.run_in_executor(None, importlib.import_module, name)
        elif self._sdk is None and self._loading.done():
            self._sdk = self._loading.result().UpstashSdk(self._url, self._token)
        return self._sdk


def _clean(parts: Sequence[Argument]) -> list[Argument]:
    """Half a surrogate pair cannot be sent as UTF-8; it becomes U+FFFD."""
    return [without_surrogates(part) if isinstance(part, str) else part for part in parts]
