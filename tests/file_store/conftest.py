"""The stores that the contract suite runs over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cloud import Cloud, cloud

from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import FileStore


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "apps.sqlite3"


@pytest.fixture
def sqlite_store(database: Path) -> Iterator[SqliteFileStore]:
    store = SqliteFileStore(database)
    yield store
    store.close()


@pytest.fixture(scope="module")
def aws() -> Iterator[Cloud]:
    with cloud() as aws:
        yield aws


@pytest.fixture
def dynamodb_store(aws: Cloud) -> Iterator[DynamoFileStore]:
    yield DynamoFileStore(aws.table)
    aws.empty()


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest) -> FileStore:
    return request.getfixturevalue(f"{request.param}_store")
