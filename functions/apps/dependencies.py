"""What the apps function works with, made once a process."""

from dataclasses import dataclass
from functools import cache

from aicode.auth import Authenticator
from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.secrets import settings as read_settings
from aicode.settings import Settings
from apps.sessions import AppSessions, RedisSessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the editor's routes work with."""

    settings: Settings
    authenticator: Authenticator
    store: FileStore
    sessions: AppSessions


@cache
def dependencies() -> Dependencies:
    """The dependencies of this process. Raises SettingsError if it cannot run."""
    settings = read_settings()
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        store=open_store(settings),
        sessions=RedisSessions(settings),
    )
