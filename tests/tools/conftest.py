"""An app in a real store, and the tools over it as a batch has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tools_desk import APP, Desk

from aicode.file_store.sqlite.store import SqliteFileStore


@pytest.fixture
async def desk(store: SqliteFileStore) -> Desk:
    """An empty app, and Claude's tools for it."""
    await store.create_app("alice", "App", app_id=APP)
    return Desk(store)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteFileStore]:
    """A store of its own for each test."""
    store = SqliteFileStore(tmp_path / "files.db")
    yield store
    store.close()
