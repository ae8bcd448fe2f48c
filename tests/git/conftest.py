"""The git function over each file store, with a real git host beside it."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from git_client import Vendor
from git_server import GitServer, serve

from aicode.auth import Authenticator
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import FileStore
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.settings import Settings
from git.dependencies import Dependencies, open_host
from git.remote.tokens import FileTokens
from tests.file_store.cloud import Cloud, cloud
from tests.observing import Operators


class Clock:
    """Each look at it is a second later, from the beginning of 2026."""

    def __init__(self) -> None:
        self.now = 1_767_225_600_000

    def __call__(self) -> int:
        self.now += 1000
        return self.now


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serve(tmp_path / "host") as running:
        yield running


@pytest.fixture
def operators() -> Operators:
    return Operators()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[FileStore]:
    made = SqliteFileStore(tmp_path / "apps.sqlite3", now=Clock())
    yield made
    made.close()


@pytest.fixture(scope="module")
def aws() -> Iterator[Cloud]:
    with cloud() as aws:
        yield aws


@pytest.fixture
def dynamodb_store(aws: Cloud) -> Iterator[FileStore]:
    yield DynamoFileStore(aws.table, now=Clock())
    aws.empty()


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest) -> FileStore:
    return request.getfixturevalue(f"{request.param}_store")


def git_function(store: FileStore, operators: Operators, folder: Path) -> Dependencies:
    """What the git function works with over this store; its key lies in the folder."""
    settings = Settings.from_env(
        {
            "AICODE_LOCAL": "1",
            "DATA_DIR": str(folder),
            "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
        }
    )
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        admit=RequestLimits(RedisClient(settings.redis_url, settings.redis_token)).admit,
        store=store,
        tokens=lambda: FileTokens(folder / "key"),
        host=open_host,
        now=lambda: 1_800_000_000_000,
        telemetry=operators.telemetry,
    )


@pytest.fixture
def vendor_of(operators: Operators, tmp_path: Path) -> Callable[[FileStore], Awaitable[Vendor]]:
    """Alice, with an app in the store that is given."""

    async def make(store: FileStore) -> Vendor:
        app = await store.create_app("alice", "Todo list")
        return Vendor(git_function(store, operators, tmp_path), store, app["appId"])

    return make


@pytest.fixture
async def alice(store: FileStore, vendor_of: Callable[[FileStore], Awaitable[Vendor]]) -> Vendor:
    return await vendor_of(store)
