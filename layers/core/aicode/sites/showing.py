"""Makes the address of a site show what the document of its app says."""

import asyncio

from aicode.errors import NotFound
from aicode.file_store.store import FileStore
from aicode.sites.document import read_site
from aicode.sites.record import SiteRecord
from aicode.sites.shelf import Owner, Shelf


async def show_site(store: FileStore, shelf: Shelf, owner: Owner, record: SiteRecord) -> None:
    """Shows what was just read, and looks once more, so that of two who change it the later one is shown.

    Raises NotFound, with nothing shown, where the app was deleted meanwhile, and StoreUnavailable.
    """
    site, shown = record.site, record.shown
    while True:
        await asyncio.to_thread(shelf.show, site, shown)
        found = await _read(store, owner)
        if found is None or found.site != site:
            await asyncio.to_thread(shelf.delete_site, site)
            raise NotFound("There is no such app.")
        if found.shown == shown:
            return
        shown = found.shown


async def _read(store: FileStore, owner: Owner) -> SiteRecord | None:
    try:
        return await read_site(store, owner.vendor, owner.app_id)
    except NotFound:
        return None
