"""The only client of Upstash Redis, with a time limit and one retry for each command.

The SDK is slow to import. So the first commands of a process, and those that come while the SDK is being
imported, each use a socket of their own; all later ones go through the SDK. A retry is safe for every command
of this product: scripts recognise a repetition, and appended events have explicit ids.
"""

import asyncio
import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aicode.redis import first_command
from aicode.redis.replies import (
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
    from aicode.redis.sdk import UpstashSdk

__all__ = ["CommandError", "RedisClient", "Reply"]

# In seconds for an attempt, so that two of them and the start of the process take less than three.
FIRST_SECONDS = 1.2
# What a first request asks before it is answered: whether its vendor may make it, and what it is for.
FIRST_COMMANDS = 2
_SCRIPTS = Path(__file__).with_name("scripts")
# Redis knows no modules: what scripts share stands in a file of its own, and takes the place of this line.
_INCLUDE = re.compile(r"^ *-- include (\w+)\n", re.MULTILINE)
# The errors of Redis and Valkey for the first line of a script, whose flag only Upstash knows.
_FIRST_LINE_REFUSED = re.compile("script shebang|near '#'")


class RedisClient:
    """Commands to one Upstash database. Belongs to one event loop; keep it for the life of the process.

    `round_trips` is how many requests it has made so far, without those that were tried again.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self.round_trips = 0
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

        Ask for a hash or for scores in a pipeline: here the SDK, once it is imported, would convert them.
        """
        command = _clean(parts)
        self.round_trips += 1
        sdk = self._warm()
        if sdk is None:
            return result(await self._first(self._url, command), loud=True)
        return await sdk.command(command)

    async def pipeline(self, commands: Sequence[Sequence[Argument]]) -> list[Reply | CommandError]:
        """The reply to each command, in order, in one round trip; not atomic. Raises StoreUnavailable."""
        cleaned = [_clean(command) for command in commands]
        self.round_trips += 1
        sdk = self._warm()
        if sdk is not None:
            return await sdk.pipeline(cleaned)
        answer = await self._first(f"{self._url}/pipeline", cleaned)
        if not isinstance(answer, list):
            raise unavailable()
        return [result(item, loud=False) for item in cast("list[object]", answer)]

    async def script(self, name: str, keys: Sequence[str], *arguments: Argument) -> Reply:
        """The reply of the Lua script of this name, which runs atomically. Raises StoreUnavailable.

        A server that refuses Upstash's own flag, as Redis and Valkey do, is sent the script without it.
        """
        try:
            return await self.command(*self.script_command(name, keys, *arguments))
        except CommandError as error:
            if not _FIRST_LINE_REFUSED.search(str(error)):
                raise
        self._without_flags()
        return await self.command(*self.script_command(name, keys, *arguments))

    async def scripts(
        self, name: str, calls: Sequence[tuple[Sequence[str], Sequence[Argument]]]
    ) -> list[Reply]:
        """The replies of one script to several calls, in one round trip. Each of them runs atomically.

        Raises StoreUnavailable; CommandError for a call that was refused, when the others were carried out.
        """
        if not calls:
            return []
        replies = await self.pipeline([self.script_command(name, keys, *given) for keys, given in calls])
        if any(
            isinstance(reply, CommandError) and _FIRST_LINE_REFUSED.search(str(reply)) for reply in replies
        ):
            self._without_flags()
            replies = await self.pipeline([self.script_command(name, keys, *given) for keys, given in calls])
        for reply in replies:
            if isinstance(reply, CommandError):
                raise reply
        return replies

    def _without_flags(self) -> None:
        self._key_locking = False
        self._sources.clear()

    def script_command(self, name: str, keys: Sequence[str], *arguments: Argument) -> list[Argument]:
        """The command that runs a script, for a pipeline."""
        if name not in self._sources:
            source = _INCLUDE.sub(lambda line: _source(line[1]), _source(name))
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
        """The SDK, None until a thread has imported it; a later command than the first ones starts that."""
        if self._loading is None:
            if self.round_trips <= FIRST_COMMANDS:
                return None
            loop, name = asyncio.get_running_loop(), "aicode.redis.sdk"
            self._loading = loop.run_in_executor(None, importlib.import_module, name)
        elif self._sdk is None and self._loading.done():
            self._sdk = self._loading.result().UpstashSdk(self._url, self._token)
        return self._sdk


def _source(name: str) -> str:
    return (_SCRIPTS / f"{name}.lua").read_text()


def _clean(parts: Sequence[Argument]) -> list[Argument]:
    """The parts with halves of surrogate pairs, which UTF-8 cannot encode, replaced by U+FFFD."""
    return [without_surrogates(part) if isinstance(part, str) else part for part in parts]
