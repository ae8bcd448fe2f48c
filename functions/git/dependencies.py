"""What the git function works with, made anew where its secret has changed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aicode.auth import Authenticator
from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.http import Admit
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.secrets import Kept
from aicode.settings import Settings, missing
from aicode.telemetry import Telemetry

if TYPE_CHECKING:
    from git.remote.address import RepositoryUrl
    from git.remote.host import Host
    from git.remote.tokens import Tokens

# As the apps function: files stay within reach while Redis is away.
REDIS_PATIENCE = 1.0
# Of the limits of reads and writes: each of these holds an execution for long.
SHARES = {"export_archive": 1 / 15, "export_bundle": 1 / 15, "push_app": 1 / 30, "import_app": 1 / 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the routes work with. What speaks with hosts is loaded by the request that needs it."""

    settings: Settings
    authenticator: Authenticator
    admit: Admit
    store: FileStore
    tokens: "Callable[[], Tokens]"
    host: "Callable[[RepositoryUrl, str | None], Host]"
    now: Callable[[], int]
    telemetry: Telemetry


def _make(variables: Mapping[str, str]) -> Dependencies:
    settings = Settings.from_env(variables)
    if not settings.local and not settings.git_token_key:
        raise missing("GIT_TOKEN_KEY")
    client = RedisClient(settings.redis_url, settings.redis_token)
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        admit=RequestLimits.of(settings, client, shares=SHARES, patience=REDIS_PATIENCE).admit,
        store=open_store(settings),
        tokens=lambda: _tokens(settings),
        host=open_host,
        now=lambda: time.time_ns() // 1_000_000,
        telemetry=Telemetry.of("git", settings, round_trips=lambda: client.round_trips),
    )


def _tokens(settings: Settings) -> "Tokens":
    from git.remote.tokens import open_tokens  # noqa: PLC0415 - exports wait for no cryptography

    return open_tokens(settings)


def open_host(url: "RepositoryUrl", token: str | None) -> "Host":
    """The host of a repository, spoken with over the network."""
    from git.remote.host import Host  # noqa: PLC0415 - exports wait for no dulwich
    from git.remote.transport import Transport  # noqa: PLC0415

    return Host(Transport(url, token))


dependencies = Kept(_make, service="git")
