"""The app that a new data folder holds."""

import asyncio
from pathlib import Path

from aicode.file_store import DATABASE
from aicode.file_store.sqlite import SqliteFileStore

APP_ID = "demo-app"


async def make(data_dir: Path, vendor: str) -> None:
    """Gives the vendor `demo-app`, once: where it was deleted, it stays deleted."""
    path = data_dir / DATABASE
    if await asyncio.to_thread(path.exists):
        return
    store = SqliteFileStore(path)
    try:
        await store.create_app(vendor, "Demo app", app_id=APP_ID)
    finally:
        store.close()
