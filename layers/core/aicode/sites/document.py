"""The document of an app that tells of its site."""

from collections.abc import Callable

from aicode.file_store.store import FileStore
from aicode.sites.record import SiteRecord, from_document, to_document

DOCUMENT = "site"


async def read_site(store: FileStore, vendor: str, app_id: str) -> SiteRecord | None:
    """What is known of the app's site, None if it never had one. Raises NotFound for the app."""
    return (await _read(store, vendor, app_id))[0]


async def change_site(
    store: FileStore, vendor: str, app_id: str, change: Callable[[SiteRecord | None], SiteRecord]
) -> tuple[SiteRecord | None, SiteRecord]:
    """What was known of it before, and what is after; changed anew where somebody else was faster."""
    while True:
        before, version = await _read(store, vendor, app_id)
        after = change(before)
        if after == before:
            return before, after
        value = to_document(after)
        if await store.write_document(vendor, app_id, DOCUMENT, value, version=version) is not None:
            return before, after


async def _read(store: FileStore, vendor: str, app_id: str) -> tuple[SiteRecord | None, int]:
    found = await store.read_document(vendor, app_id, DOCUMENT)
    return (from_document(found.value), found.version) if found else (None, 0)
