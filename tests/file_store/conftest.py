"""The stores that the contract suite runs over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aicode.file_store.sqlite import SqliteFileStore
from aicode.file_store.store import FileStore


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "apps.sqlite3"


@pytest.fixture
def sqlite_store(database: Path) -> Iterator[SqliteFileStore]:
    store = SqliteFileStore(database)
    yield store
    store.close()


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest) -> FileStore:
    return request.getfixturevalue(f"{request.param}_store")
