"""The session store, as far as apps need it: loaded when an app is deleted and not before."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aicode.session_manager import SessionManager
    from aicode.settings import Settings


class AppSessions(Protocol):
    """What deleting an app asks of the session store."""

    async def delete_app_sessions(self, vendor: str, app_id: str, /) -> None:
        """Deletes the app's sessions; their running turns stop."""
        ...


class RedisSessions:
    """The sessions in Redis. Its client would be half of this function's cold start."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._manager: SessionManager | None = None

    async def delete_app_sessions(self, vendor: str, app_id: str, /) -> None:
        """Deletes the app's sessions; their running turns stop. Raises StoreUnavailable."""
        if self._manager is None:
            from aicode.session_manager import RedisClient, SessionManager  # noqa: PLC0415 - see the class

            client = RedisClient(self._settings.redis_url, self._settings.redis_token)
            self._manager = SessionManager(client, self._settings)
        await self._manager.delete_app_sessions(vendor, app_id)
