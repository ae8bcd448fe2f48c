"""What the chat function works with, made once a process; nothing here is slow to import."""

import os
from dataclasses import dataclass
from functools import cache

from aicode.auth import Authenticator
from aicode.secrets import settings as read_settings
from aicode.session_manager.manager import SessionManager
from aicode.session_manager.redis.client import RedisClient
from aicode.settings import Settings


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a request needs before its first event."""

    settings: Settings
    authenticator: Authenticator
    sessions: SessionManager
    demo: bool

    def shown_model(self, model: str) -> str:
        """The model's name as a stream gives it: a demo says that it is one."""
        return f"{model} (demo)" if self.demo else model


@cache
def dependencies() -> Dependencies:
    """The dependencies of this process. Raises SettingsError where it cannot run."""
    settings = read_settings()
    client = RedisClient(settings.redis_url, settings.redis_token)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        sessions=SessionManager(client, settings),
        demo=os.environ.get("AICODE_DEMO_MODEL") == "1",
    )
