"""Turns over a real session store and file store."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from turn_world import APP, VENDOR, HaltedStore, World

from tests.session_store import session_store


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with session_store({"DATA_DIR": str(tmp_path)}) as known:
        store = HaltedStore(tmp_path / "files.db")
        await store.create_app(VENDOR, "App", app_id=APP)
        world = World(known.settings, known.redis, known.sessions, store)
        world.sessions.now_ms = lambda: world.clock
        yield world
        store.close()
