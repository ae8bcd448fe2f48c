"""Removing sites with their apps, and what was written for a version that never became one."""

import asyncio

from aicode.errors import NotFound
from aicode.file_store.store import FileStore
from aicode.sites.document import read_site
from aicode.sites.record import SiteRecord
from aicode.sites.shelf import Enough, Shelf

# What was written for a version that is none after so long was left behind.
SAFE_AGE_MS = 3_600_000


async def delete_site(store: FileStore, shelf: Shelf, vendor: str, app_id: str) -> None:
    """Removes the app's site with all versions. Raises NotFound for the app, and StoreUnavailable."""
    record = await read_site(store, vendor, app_id)
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
        record = await _record(store, owner.vendor, owner.app_id) if owner else None
        # A site's document is written before the first of its files: this one is no app's.
        if record is None or record.site != site:
            await asyncio.to_thread(shelf.delete_site, site)
            removed += 1
            continue
        left = old - {each.number for each in (*record.versions, *record.building)}
        await asyncio.to_thread(shelf.show, site, record.shown)
        await asyncio.to_thread(shelf.delete, site, left)
        removed += len(left)
    return removed


async def _record(store: FileStore, vendor: str, app_id: str) -> SiteRecord | None:
    try:
        return await read_site(store, vendor, app_id)
    except NotFound:
        return None
