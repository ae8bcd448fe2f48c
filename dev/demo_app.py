"""The app that a new data folder or a new table in an emulator holds, and the sweeping of old ones."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from aicode.errors import StoreUnavailable
from aicode.file_store import DATABASE
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import FileStore
from aicode.settings import SettingsError
from aicode.sites import FOLDER
from aicode.sites.folder import FolderShelf
from aicode.sites.removal import collect
from dev import aws
from dev.stand_ins import Emulator

APP_ID = "demo-app"


async def make(data_dir: Path, vendor: str) -> None:
    """Gives the vendor `demo-app`, once: where it was deleted, it stays deleted. Collects garbage."""
    path = data_dir / DATABASE
    new = not await asyncio.to_thread(path.exists)
    store = SqliteFileStore(path)
    try:
        await _prepare(store, vendor, new=new)
        # As the sweep does in AWS: a site shows what was said of it, also where a kill came in between.
        await collect(store, FolderShelf(data_dir / FOLDER, ""), time.time_ns() // 1_000_000)
    finally:
        store.close()


async def make_in_emulator(emulator: Emulator, variables: Mapping[str, str], vendor: str) -> None:
    """The same in an emulator of AWS, whose table and bucket are made where they are missing.

    Raises SettingsError for an emulator that does not answer as AWS.
    """
    own = await asyncio.to_thread(aws.session, variables)
    new = await aws.make(emulator, own)
    store = DynamoFileStore(Table(emulator.table, emulator.bucket, emulator.url, own))
    try:
        await _prepare(store, vendor, new=new)
    except StoreUnavailable as error:
        raise SettingsError("AWS_ENDPOINT_URL: APPS_TABLE and FILES_BUCKET there cannot be used.") from error


async def _prepare(store: FileStore, vendor: str, *, new: bool) -> None:
    if new:
        await store.create_app(vendor, "Demo app", app_id=APP_ID)
    else:
        await store.collect_garbage()
