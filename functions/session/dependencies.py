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
from session.handover import HandOver, to_chat_function

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
    hand_over: HandOver
    telemetry: Telemetry


def _make(variables: Mapping[str, str]) -> Dependencies:
    settings = Settings.from_env(variables)
    client = RedisClient(settings.redis_url, settings.redis_token)
    sessions = SessionManager(client, settings)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        admit=RequestLimits.of(settings, client, shares=SHARES).admit,
        sessions=sessions,
        files=StoredFiles(settings),
        hand_over=to_chat_function(settings.chat_function, sessions),
        telemetry=Telemetry.of("session", settings, round_trips=lambda: client.round_trips),
    )


async def _close(replaced: Dependencies) -> None:
    await replaced.sessions.close()


dependencies = Kept(_make, service="session", close=_close)
