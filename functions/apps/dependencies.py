"""What the apps function works with, made anew where its secret has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aicode.auth import Authenticator
from aicode.build.builder import Builder, LambdaBuilder
from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.http import Admit
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.secrets import Kept
from aicode.settings import Settings
from aicode.sites import open_sites
from aicode.telemetry import Telemetry
from aicode.uploads import open_uploads
from apps.sessions import AppSessions, RedisSessions

if TYPE_CHECKING:
    from aicode.sites.sites import Sites
    from aicode.uploads.store import UploadStore

# Apps and files are kept elsewhere, and stay within reach while Redis is away: after so many seconds their
# requests go on uncounted. It usually answers in milliseconds.
REDIS_PATIENCE = 1.0
# Of the limit of reads: a check takes a core for a second. Of the limit of writes: so does a build.
SHARES = {"check_app": 1 / 30, "publish": 1 / 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the editor's routes work with; uploads and sites are opened by the request that needs them.

    `sites` gives None where publishing is not set up.
    """

    settings: Settings
    authenticator: Authenticator
    admit: Admit
    store: FileStore
    uploads: "Callable[[], UploadStore]"
    sites: "Callable[[], Sites | None]"
    builder: Builder
    sessions: AppSessions
    telemetry: Telemetry


def _make(variables: Mapping[str, str]) -> Dependencies:
    settings = Settings.from_env(variables)
    client = RedisClient(settings.redis_url, settings.redis_token)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        admit=RequestLimits.of(settings, client, shares=SHARES, patience=REDIS_PATIENCE).admit,
        store=open_store(settings),
        uploads=partial(open_uploads, settings),
        sites=partial(open_sites, settings),
        builder=LambdaBuilder(settings.build_function),
        sessions=RedisSessions(settings, client),
        telemetry=Telemetry.of("apps", settings, round_trips=lambda: client.round_trips),
    )


async def _close(replaced: Dependencies) -> None:
    await replaced.sessions.close()


dependencies = Kept(_make, service="apps", close=_close)
