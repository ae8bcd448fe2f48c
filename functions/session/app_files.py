"""The file store, as far as sessions need it. It is loaded when it is first asked, which is seldom."""

import asyncio
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from aicode.api_types import Consent, PolicyName
from aicode.errors import FencedError, NotFound, StoreUnavailable
from aicode.file_store import open_store
from aicode.session_manager import SessionState
from aicode.settings import Settings
from aicode.telemetry import logger

if TYPE_CHECKING:
    from aicode.file_store.store import FileStore

# A session is deleted within the function's time also where the file store does not answer.
FENCE_SECONDS = 8.0


class AppFiles(Protocol):
    """What the session routes ask about an app's files."""

    async def owns(self, vendor: str, app: str, /) -> bool:
        """True if the app exists and belongs to the vendor."""
        ...

    async def fence_off(self, state: SessionState, /) -> None:
        """From now on the files take nothing from the owner of the session's turn."""
        ...

    async def set_policy(self, vendor: str, app: str, name: PolicyName, consent: Consent, /) -> None:
        """Sets a part of what Claude may do outside the app's files."""
        ...


class StoredFiles:
    """The file store that the settings name. Redis can answer most questions, and importing it is slow."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def owns(self, vendor: str, app: str, /) -> bool:
        """True if the app exists and belongs to the vendor. Raises StoreUnavailable."""
        return await self._store.owns(vendor, app)

    async def fence_off(self, state: SessionState, /) -> None:
        """From now on the files take nothing from the owner of the session's turn, if they can be reached."""
        from aicode.file_store.store import TurnRef  # noqa: PLC0415 - see the module

        nobodys = TurnRef(state.sid, state.turn, state.epoch + 1)
        try:
            async with asyncio.timeout(FENCE_SECONDS):
                await self._store.raise_fence(state.vendor, state.app, nobodys)
        except (NotFound, FencedError):
            return  # without its app nothing is written; a later owner fences this one off, and is met next
        except (StoreUnavailable, TimeoutError) as error:
            logger("session").warning("writer not fenced off", session=state.sid, error=type(error).__name__)

    async def set_policy(self, vendor: str, app: str, name: PolicyName, consent: Consent, /) -> None:
        """Sets a part of what Claude may do outside the app's files; nothing for an app that is gone.

        Raises StoreUnavailable.
        """
        from aicode.policy import write_policy  # noqa: PLC0415 - see the module

        with suppress(NotFound):
            await write_policy(self._store, vendor, app, {name: consent})

    @cached_property
    def _store(self) -> "FileStore":
        return open_store(self._settings)
