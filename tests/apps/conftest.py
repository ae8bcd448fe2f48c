"""The function's parts: a real store, a session store that remembers, a vendor's editor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from editor_client import Client, SessionStore

from aicode.auth import Authenticator
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.settings import Settings
from aicode.sites.folder import FolderShelf
from aicode.sites.sites import Sites
from aicode.uploads.sqlite.shelf import SqliteShelf
from aicode.uploads.uploads import Uploads
from apps.dependencies import Dependencies
from tests.line_builder import LineBuilder
from tests.observing import Operators
from tests.sites.site_world import Builder as SiteBuilder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteFileStore]:
    store = SqliteFileStore(tmp_path / "apps.sqlite3")
    yield store
    store.close()


@pytest.fixture
def settings() -> Settings:
    return Settings.from_env(
        {
            "AICODE_LOCAL": "1",
            "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
        }
    )


@pytest.fixture
def sessions(store: SqliteFileStore) -> SessionStore:
    return SessionStore(store)


@pytest.fixture
def operators() -> Operators:
    return Operators()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[SqliteShelf]:
    shelf = SqliteShelf(tmp_path / "uploads.sqlite3", "http://localhost:3000/uploads")
    yield shelf
    shelf.close()


@pytest.fixture
def uploads(shelf: SqliteShelf, store: SqliteFileStore) -> Uploads:
    return Uploads(shelf, store.owns, session_ttl=86_400)


@pytest.fixture
def site_builder(site_shelf: FolderShelf) -> SiteBuilder:
    return SiteBuilder(site_shelf)


@pytest.fixture
def site_shelf(tmp_path: Path) -> FolderShelf:
    return FolderShelf(tmp_path / "sites", "http://127.0.0.1:3001")


@pytest.fixture
def sites(store: SqliteFileStore, site_shelf: FolderShelf, site_builder: SiteBuilder) -> Sites:
    return Sites(store, site_shelf, site_builder)


@pytest.fixture
def builder(store: SqliteFileStore) -> LineBuilder:
    return LineBuilder(store)


@pytest.fixture
def alice(  # noqa: PLR0913, PLR0917 - the function's parts
    store: SqliteFileStore,
    uploads: Uploads,
    sites: Sites,
    settings: Settings,
    sessions: SessionStore,
    builder: LineBuilder,
    operators: Operators,
) -> Client:
    authenticator = Authenticator(settings)
    return Client(
        Dependencies(
            settings=settings,
            authenticator=authenticator,
            admit=RequestLimits(RedisClient(settings.redis_url, settings.redis_token)).admit,
            store=store,
            uploads=lambda: uploads,
            sites=lambda: sites,
            builder=builder,
            sessions=sessions,
            telemetry=operators.telemetry,
        )
    )


@pytest.fixture
async def app(alice: Client) -> str:
    return await alice.new_app()
