"""The session store, as far as apps need it: loaded when an app is deleted or restored, and not before."""

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aicode.redis import RedisClient
    from aicode.session_manager import SessionManager
    from aicode.settings import Settings
    from apps.restored_turns import RestoredTurns


class AppSessions(Protocol):
    """What deleting an app, and restoring its files, asks of the session store."""

    async def delete_app_sessions(self, vendor: str, app_id: str, /) -> None:
        """Deletes the app's sessions; their running turns stop."""
        ...

    async def note_restore(
        self, vendor: str, app_id: str, restored: "RestoredTurns", /, *, to: int, revision: int
    ) -> None:
        """Notes the turns whose files were brought back to revision `to`, as the app's new `revision`."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class RedisSessions:
    """The sessions in Redis. What they are made of would be a tenth of this function's cold start."""

    def __init__(self, settings: "Settings", client: "RedisClient") -> None:
        self._settings = settings
        self._client = client

    async def delete_app_sessions(self, vendor: str, app_id: str, /) -> None:
        """Deletes the app's sessions; their running turns stop. Raises StoreUnavailable."""
        await self._manager.delete_app_sessions(vendor, app_id)

    async def note_restore(
        self, vendor: str, app_id: str, restored: "RestoredTurns", /, *, to: int, revision: int
    ) -> None:
        """Notes the turns whose files were brought back to revision `to`. Raises StoreUnavailable."""
        if restored:
            await self._manager.note_restore(vendor, app_id, restored, to=to, revision=revision)

    async def close(self) -> None:
        """Closes the connections, if there are any."""
        await self._client.close()

    @cached_property
    def _manager(self) -> "SessionManager":
        from aicode.session_manager import SessionManager  # noqa: PLC0415 - see the class

        return SessionManager(self._client, self._settings)
