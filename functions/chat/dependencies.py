"""The objects that every request of the chat function shares; quick to import."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aicode.auth import Authenticator
from aicode.http import Admit
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.session_manager import SessionManager
from aicode.settings import Settings, missing
from aicode.telemetry import Telemetry

if TYPE_CHECKING:
    from aicode.uploads.store import UploadStore


def _open_uploads(settings: Settings) -> "UploadStore":
    from aicode.uploads import open_uploads  # noqa: PLC0415 - slow to import, and needed for attachments alone

    return open_uploads(settings)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The objects that a request needs before its first event; `demo` is true if no real model answers.

    `key_refused` is called when Claude does not know the key, which may have been rotated. `open_uploads`
    opens the uploads' store.
    """

    settings: Settings
    authenticator: Authenticator
    admit: Admit
    sessions: SessionManager
    telemetry: Telemetry
    demo: bool
    key_refused: Callable[[], None] = lambda: None
    open_uploads: "Callable[[Settings], UploadStore]" = _open_uploads

    def shown_model(self, model: str) -> str:
        """The model's name as the vendor sees it; the demo model's name says that it is a demo."""
        return f"{model} (demo)" if self.demo else model


def make(variables: Mapping[str, str], key_refused: Callable[[], None]) -> Dependencies:
    """The dependencies that these variables ask for. Raises SettingsError if they do not allow it to run."""
    settings = Settings.from_env(variables)
    if settings.anthropic_api_key is None:
        raise missing("ANTHROPIC_API_KEY")
    client = RedisClient(settings.redis_url, settings.redis_token)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        # Messages have a rate of their own, which the session store counts.
        admit=RequestLimits(client, reads=settings.read_limit_per_minute).admit,
        sessions=SessionManager(client, settings),
        telemetry=Telemetry.of("chat", settings, round_trips=lambda: client.round_trips),
        demo=os.environ.get("AICODE_DEMO_MODEL") == "1",
        key_refused=key_refused,
    )
