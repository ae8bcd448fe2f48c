"""The store of uploads over both shelves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from strict_s3 import BUCKET, SESSION, StrictS3
from upload_world import Clock, World, sender

from aicode.uploads.aws.bucket import Bucket
from aicode.uploads.aws.shelf import AwsShelf
from aicode.uploads.sqlite.shelf import SqliteShelf
from dev.uploads import Endpoint
from tests.file_store.cloud import Cloud, cloud


@pytest.fixture
def local(tmp_path: Path) -> Iterator[World]:
    shelf, clock = SqliteShelf(tmp_path / "uploads.sqlite3", "http://localhost:3000/uploads"), Clock()
    yield World(shelf, sender(Endpoint(shelf, clock)), clock)
    shelf.close()


@pytest.fixture(scope="module")
def aws() -> Iterator[Cloud]:
    with cloud() as aws:
        yield aws


@pytest.fixture
def in_aws(aws: Cloud) -> Iterator[World]:
    yield World(AwsShelf(aws.table, Bucket(BUCKET, None, SESSION)), StrictS3().send)
    aws.empty()


@pytest.fixture(params=["local", "in_aws"])
def world(request: pytest.FixtureRequest) -> World:
    return request.getfixturevalue(request.param)
