"""Removing sites with their apps, and what was written for a version that never became one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aicode.errors import NotFound
from aicode.file_store.store import FileStore
from aicode.sites.document import read_site
from aicode.sites.shelf import Enough, Owner, Shelf
from aicode.sites.showing import show_site

# What was written for a version that is none after so long was left behind.
SAFE_AGE_MS = 3_600_000


@asynccontextmanager
async def site_removed(store: FileStore, shelf: Shelf, vendor: str, app_id: str) -> AsyncGenerator[None]:
    """Removes the app's site, and once the block has deleted the app what was published meanwhile.

    Raises NotFound for the app, and StoreUnavailable.
    """
    record = await read_site(store, vendor, app_id)
    if record is not None:
        await asyncio.to_thread(shelf.delete_site, record.site)
    yield
    if record is not None:
        await asyncio.to_thread(shelf.delete_site, record.site)


async def collect(store: FileStore, shelf: Shelf, now: int, enough: Enough = lambda: False) -> int:
    """Removes versions that no site has, and sites of apps that are gone; returns how many.

    Makes each site show what its document says, where whoever changed that ended before it could. Stops
    between two sites once `enough` returns True. Raises StoreUnavailable.
    """
    removed = 0
    for site, owner, old in await asyncio.to_thread(lambda: [*shelf.sites(now - SAFE_AGE_MS)]):
        if enough():
            break
        try:
            removed += await _collect(store, shelf, site, owner, old)
        except NotFound:
            # A site's document is written before the first of its files: this one is no app's.
            await asyncio.to_thread(shelf.delete_site, site)
            removed += 1
    return removed


async def _collect(store: FileStore, shelf: Shelf, site: str, owner: Owner | None, old: set[int]) -> int:
    record = await read_site(store, owner.vendor, owner.app_id) if owner else None
    if owner is None or record is None or record.site != site:
        raise NotFound("The site belongs to no app.")
    left = old - {each.number for each in (*record.versions, *record.building)}
    await show_site(store, shelf, owner, record)
    await asyncio.to_thread(shelf.delete, site, left)
    return len(left)
