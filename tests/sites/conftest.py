"""Sites over both shelves, with a builder that writes what the test says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import pytest
from moto import mock_aws
from site_world import World

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.sites.aws.live_keys import LiveKeys
from aicode.sites.aws.shelf import AwsShelf
from aicode.sites.folder import FolderShelf
from aicode.sites.shelf import Shelf
from tests.file_store.cloud import CREDENTIALS, REGION
from tests.sites.key_value_store import ARN, KeyValueStore

_boto3: Any = boto3


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteFileStore]:
    store = SqliteFileStore(tmp_path / "apps.sqlite3")
    yield store
    store.close()


@pytest.fixture
def keys() -> KeyValueStore:
    return KeyValueStore()


@pytest.fixture
def aws_shelf(monkeypatch: pytest.MonkeyPatch, keys: KeyValueStore) -> Iterator[AwsShelf]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        _boto3.client("s3").create_bucket(
            Bucket="sites", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield AwsShelf("apps.example.net", "sites", LiveKeys(ARN, keys), None)


@pytest.fixture
def folder_shelf(tmp_path: Path) -> FolderShelf:
    return FolderShelf(tmp_path / "sites", "http://127.0.0.1:3001")


@pytest.fixture(params=["folder", "aws"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    return request.getfixturevalue(f"{request.param}_shelf")


@pytest.fixture
def world(store: SqliteFileStore, shelf: Shelf, request: pytest.FixtureRequest) -> World:
    keys = request.getfixturevalue("keys") if isinstance(shelf, AwsShelf) else None
    return World(store, shelf, keys)
