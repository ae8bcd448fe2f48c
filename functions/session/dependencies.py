"""What the session function works with, made once a process."""

from dataclasses import dataclass
from functools import cache

from aicode.auth import Authenticator
from aicode.secrets import settings as read_settings
from aicode.session_manager import RedisClient, SessionManager
from aicode.settings import Settings
from session.app_files import AppFiles, StoredFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the session routes work with; belongs to one event loop."""

    settings: Settings
    authenticator: Authenticator
    sessions: SessionManager
    files: AppFiles


@cache
def dependencies() -> Dependencies:
    """The dependencies of this process. Raises SettingsError if it cannot run."""
    settings = read_settings()
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        sessions=SessionManager(RedisClient(settings.redis_url, settings.redis_token), settings),
        files=StoredFiles(settings),
    )
