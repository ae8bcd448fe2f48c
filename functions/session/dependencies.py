"""What the session function works with, made anew where its secret has changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from aicode.auth import Authenticator
from aicode.http import Admit
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.secrets import Kept
from aicode.session_manager import SessionManager
from aicode.settings import Settings
from aicode.telemetry import Telemetry
from session.app_files import AppFiles, StoredFiles

# Whoever has written too much must still be able to stop what costs money.
SHARES = {"cancel": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the session routes work with; belongs to one event loop."""

    settings: Settings
    authenticator: Authenticator
    admit: Admit
    sessions: SessionManager
    files: AppFiles
    telemetry: Telemetry


def _make(variables: Mapping[str, str]) -> Dependencies:
    settings = Settings.from_env(variables)
    client = RedisClient(settings.redis_url, settings.redis_token)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        admit=RequestLimits.of(settings, client, shares=SHARES).admit,
        sessions=SessionManager(client, settings),
        files=StoredFiles(settings),
        telemetry=Telemetry.of("session", settings, round_trips=lambda: client.round_trips),
    )


async def _close(replaced: Dependencies) -> None:
    await replaced.sessions.close()


dependencies = Kept(_make, service="session", close=_close)
