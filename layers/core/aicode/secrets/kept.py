"""What a function makes of what it is told, kept while that is fresh."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from aicode.secrets.service import TRIES
from aicode.secrets.values import read_values
from aicode.settings import SettingsError, check_surroundings
from aicode.telemetry import logger

KEPT_SECONDS = 300.0
# While the values cannot be read again, the process goes on with those it has, and asks so often.
AGAIN_SECONDS = 30.0

D = TypeVar("D")


class Kept(Generic[D]):
    """What `make` makes of the variables: those of the environment above those of secret and parameter.

    Both are read again when they are five minutes old, and where they have changed it is made anew. One
    caller at a time: Lambda gives a process one invocation after another, so that nobody works with what is
    replaced.
    """

    def __init__(  # noqa: PLR0913 - what is kept, and the world it is kept in
        self,
        make: Callable[[Mapping[str, str]], D],
        *,
        service: str,
        close: Callable[[D], Awaitable[None]] | None = None,
        read: Callable[[int], Mapping[str, str]] = lambda tries: read_values(tries=tries),
        env: Mapping[str, str] = os.environ,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`close` closes what was replaced, `read` is told how often to try, the log names `service`."""
        self._make = make
        self._service = service
        self._close = close
        self._read = read
        self._env = env
        self._now = now
        self._made: D | None = None
        self._values: Mapping[str, str] = {}
        self._read_at = 0.0
        self._fresh_for = 0.0

    def get(self) -> D:
        """It, for a caller without an event loop: blocks while the values are read. Raises SettingsError."""
        if self._made is None or not self._is_fresh():
            self._made = self._renewed(self._made)
        return self._made

    async def current(self) -> D:
        """It, for the invocation that begins. Raises SettingsError if the process never had what it needs."""
        before = self._made
        if before is not None and self._is_fresh():
            return before
        made = await asyncio.to_thread(self.get)
        if self._close is not None and before is not None and before is not made:
            await self._close(before)
        return made

    def expire(self) -> None:
        """The next invocation reads the values again: one of them was refused where it is used."""
        self._fresh_for = 0.0

    def _is_fresh(self) -> bool:
        # By the wall clock, which is set right when a frozen process goes on; it may also be set back.
        return 0 <= self._now() - self._read_at < self._fresh_for

    def _renewed(self, before: D | None) -> D:
        self._read_at = self._now()
        check_surroundings(self._env)
        try:
            values = self._read(TRIES if before is None else 1)
            if before is None or values != self._values:
                own = {name: value for name, value in self._env.items() if value.strip()}
                before = self._make({**values, **own})
                self._values = values
            self._fresh_for = KEPT_SECONDS
        except SettingsError as error:
            if before is None:
                raise
            self._fresh_for = AGAIN_SECONDS
            logger(self._service).warning("settings not read again", reason=str(error))
        return before
