"""What the apps function works with, made anew where its secret has changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from aicode.auth import Authenticator
from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.secrets import Kept
from aicode.settings import Settings
from aicode.telemetry import Telemetry
from apps.sessions import AppSessions, RedisSessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the editor's routes work with."""

    settings: Settings
    authenticator: Authenticator
    store: FileStore
    sessions: AppSessions
    telemetry: Telemetry


def _make(variables: Mapping[str, str]) -> Dependencies:
    settings = Settings.from_env(variables)
    sessions = RedisSessions(settings)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        store=open_store(settings),
        sessions=sessions,
        telemetry=Telemetry.of("apps", settings, round_trips=lambda: sessions.round_trips),
    )


async def _close(replaced: Dependencies) -> None:
    await replaced.sessions.close()


dependencies = Kept(_make, service="apps", close=_close)
