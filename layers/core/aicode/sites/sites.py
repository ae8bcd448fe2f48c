"""What can be done with an app's site, over the store of apps, a shelf, and what builds apps."""

import asyncio
import base64
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypedDict

from aicode.api_types import Problem, Site, SiteVersion
from aicode.errors import BuildFailed, NotFound
from aicode.file_store.store import FileStore
from aicode.sites.document import change_site, read_site
from aicode.sites.record import SiteRecord, Version
from aicode.sites.removal import site_removed
from aicode.sites.shelf import Owner, Shelf
from aicode.sites.showing import show_site

_NOT_PUBLISHED = "The app is not published."


class Published(TypedDict):
    """An app's site, None while its address shows nothing, and its versions, the newest first."""

    site: Site | None
    versions: list[SiteVersion]


class SiteBuilder(Protocol):
    """What builds a version of a site and puts it on the shelf."""

    async def publish(  # noqa: PLR0913 - what is built, and where it goes
        self, vendor: str, app_id: str, revision: int, *, site: str, version: int, base: str
    ) -> list[Problem]:
        """Builds the app's revision for the path `base`, and writes it as the version; nothing if it fails.

        Returns the errors, none if it is written. Raises NotFound for app or revision, and StoreUnavailable.
        """
        ...


def _new_site() -> str:
    # 80 random bits as one label of a host name: letters and digits, which DNS does not tell apart by case.
    return base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()


class Sites:
    """The sites of apps.

    Every call raises NotFound for an app that is absent or somebody else's, and may raise StoreUnavailable.
    The document of the app says what is true; whoever changes it makes the shelf show the same, and looks
    once more, so that of two at once the later one is shown.
    """

    def __init__(
        self,
        store: FileStore,
        shelf: Shelf,
        builder: SiteBuilder,
        *,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        new_site: Callable[[], str] = _new_site,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._builder = builder
        self._now = now
        self._new_site = new_site

    async def state(self, vendor: str, app_id: str) -> Published:
        """The site that the app's address shows, and its versions."""
        record = await read_site(self._store, vendor, app_id)
        if record is None:
            return Published(site=None, versions=[])
        site = self._site(record, record.live) if record.live else None
        return Published(site=site, versions=record.as_versions())

    async def publish(
        self, vendor: str, app_id: str, revision: int | None = None, *, key: str | None = None
    ) -> Site:
        """Builds a revision, the newest without one, and makes it the version that is live.

        The same `key` again never makes another version: it gives the one that was made, or goes on with it.
        Raises BuildFailed with the `errors`, and NotFound for a revision that the app does not keep.
        """
        if revision is None:
            revision = (await self._store.list_files(vendor, app_id)).revision
        wanted = revision

        def begin(record: SiteRecord | None) -> SiteRecord:
            known = record or SiteRecord(site=self._new_site())
            return known if known.named(key) else known.begin(wanted, self._now(), key)

        _, record = await change_site(self._store, vendor, app_id, begin)
        begun = record.named(key) or record.building[-1]
        gone: set[int] = set()
        if not begun.published_at:
            await self._build(vendor, app_id, record.site, begun)
            before, record = await change_site(
                self._store, vendor, app_id, lambda found: _known(found).finish(begun, self._now())
            )
            gone = _numbers(_known(before)) - _numbers(record)
        # Also of one that was made before: whoever made it may have ended before its address showed it.
        await self._show(vendor, app_id, record)
        if gone:
            await asyncio.to_thread(self._shelf.delete, record.site, gone)
        return self._site(record, begun.number)

    async def rollback(self, vendor: str, app_id: str, version: int) -> Site:
        """Makes a version live that was published before. Raises NotFound for one that is not kept."""

        def back(record: SiteRecord | None) -> SiteRecord:
            return _known(record).go_live(version)

        _, record = await change_site(self._store, vendor, app_id, back)
        await self._show(vendor, app_id, record)
        return self._site(record, version)

    async def take_down(self, vendor: str, app_id: str) -> None:
        """The address shows nothing any more; versions and address stay. Again, it changes nothing."""
        record = await read_site(self._store, vendor, app_id)
        if record is None:
            return
        _, record = await change_site(self._store, vendor, app_id, lambda found: _known(found).take_down())
        await self._show(vendor, app_id, record)

    async def set_indexed(self, vendor: str, app_id: str, indexed: bool) -> Site:
        """Lets search engines list the site, or not. Raises NotFound while it is not live."""
        _, record = await change_site(
            self._store, vendor, app_id, lambda found: _known(found).let_index(indexed)
        )
        await self._show(vendor, app_id, record)
        return self._site(record, record.live)

    def removed(self, vendor: str, app_id: str) -> AbstractAsyncContextManager[None]:
        """Removes the app's site, and once the block has deleted the app what was published meanwhile."""
        return site_removed(self._store, self._shelf, vendor, app_id)

    async def _build(self, vendor: str, app_id: str, site: str, begun: Version) -> None:
        async def give_up() -> None:
            await change_site(self._store, vendor, app_id, lambda found: _known(found).give_up(begun))

        try:
            errors = await self._builder.publish(
                vendor,
                app_id,
                begun.revision,
                site=site,
                version=begun.number,
                base=self._shelf.base(site),
            )
        except NotFound:
            await give_up()
            raise
        if errors:
            await give_up()
            count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
            raise BuildFailed(f"The app cannot be built: {count}.", details={"errors": errors})

    async def _show(self, vendor: str, app_id: str, record: SiteRecord) -> None:
        await show_site(self._store, self._shelf, Owner(vendor, app_id), record)

    def _site(self, record: SiteRecord, version: int) -> Site:
        return record.as_site(record.version(version), self._shelf.url(record.site))


def _known(record: SiteRecord | None) -> SiteRecord:
    if record is None:
        raise NotFound(_NOT_PUBLISHED)
    return record


def _numbers(record: SiteRecord) -> set[int]:
    return {each.number for each in record.versions}
