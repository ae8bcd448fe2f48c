"""The objects that every request of the chat function shares, made once a process; quick to import."""

import os
from dataclasses import dataclass
from functools import cache

from aicode.auth import Authenticator
from aicode.secrets import settings as read_settings
from aicode.session_manager import RedisClient, SessionManager
from aicode.settings import Settings


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The objects that a request needs before its first event; `demo` is true if no real model answers."""

    settings: Settings
    authenticator: Authenticator
    sessions: SessionManager
    demo: bool

    def shown_model(self, model: str) -> str:
        """The model's name as the vendor sees it; the demo model's name says that it is a demo."""
        return f"{model} (demo)" if self.demo else model


@cache
def dependencies() -> Dependencies:
    """The dependencies of this process. Raises SettingsError if its settings do not allow it to run."""
    settings = read_settings()
    client = RedisClient(settings.redis_url, settings.redis_token)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        sessions=SessionManager(client, settings),
        demo=os.environ.get("AICODE_DEMO_MODEL") == "1",
    )
