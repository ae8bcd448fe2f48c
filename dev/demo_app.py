"""The app that a new data folder or a new table in an emulator holds, and the sweeping of old ones."""

import asyncio
from pathlib import Path

from aicode.file_store import DATABASE
from aicode.file_store.dynamodb import DynamoFileStore
from aicode.file_store.sqlite import SqliteFileStore
from aicode.file_store.store import FileStore
from aicode.file_store.table import Table
from dev import aws

APP_ID = "demo-app"


async def make(data_dir: Path, vendor: str) -> None:
    """Gives the vendor `demo-app`, once: where it was deleted, it stays deleted. Collects garbage."""
    path = data_dir / DATABASE
    new = not await asyncio.to_thread(path.exists)
    store = SqliteFileStore(path)
    try:
        await _prepare(store, vendor, new=new)
    finally:
        store.close()


async def make_in_emulator(table: str, bucket: str, endpoint_url: str, vendor: str) -> None:
    """The same in table and bucket of an emulator of AWS, which are made where they are missing."""
    new = await aws.make(table, bucket, endpoint_url)
    store = DynamoFileStore(Table(table, bucket, endpoint_url, aws.session()))
    await _prepare(store, vendor, new=new)


async def _prepare(store: FileStore, vendor: str, *, new: bool) -> None:
    if new:
        await store.create_app(vendor, "Demo app", app_id=APP_ID)
    else:
        await store.collect_garbage()
