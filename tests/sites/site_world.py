"""Sites with their clock, a builder, and a look at what a shelf shows."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types

from aicode.api_types import Problem
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Put
from aicode.sites.folder import FolderShelf
from aicode.sites.removal import collect
from aicode.sites.shelf import Owner, Shelf, Shown
from aicode.sites.sites import Sites
from tests.sites.key_value_store import KeyValueStore

_boto3: Any = boto3
HOUR_MS = 3_600_000
BROKEN: Problem = {
    "path": "src/App.tsx",
    "line": 1,
    "column": 2,
    "code": "TS2304",
    "message": "Cannot find name 'x'.",
    "known": False,
}


class Builder:
    """Writes each revision as files that tell its number; `errors` make it fail, `meanwhile` comes first."""

    def __init__(self, shelf: Shelf) -> None:
        self.errors: list[Problem] = []
        self.built: list[tuple[int, int]] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self._shelf = shelf

    async def publish(  # noqa: PLR0913 - as the interface
        self, vendor: str, app_id: str, revision: int, *, site: str, version: int, base: str
    ) -> list[Problem]:
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            await happens()
        if self.errors:
            return self.errors
        files = {
            "index.html": f"revision {revision} at {base}".encode(),
            "assets/logo.png": bytes(range(256)),
        }
        await asyncio.to_thread(self._shelf.write, site, version, Owner(vendor, app_id), files)
        self.built.append((version, revision))
        return []


class World:
    """Sites over a shelf; `at` is when they think it is, as milliseconds from now."""

    def __init__(self, store: SqliteFileStore, shelf: Shelf, keys: KeyValueStore | None) -> None:
        self.store = store
        self.shelf = shelf
        self.builder = Builder(shelf)
        self.keys = keys
        self.sites = Sites(store, shelf, self.builder)

    async def app(self, vendor: str = "alice") -> str:
        return (await self.store.create_app(vendor, "Todo"))["appId"]

    async def save(self, app: str, text: str, vendor: str = "alice") -> int:
        path = f"{text}.txt"
        commit = Commit(changes=[Put(path, text, 0)], author="vendor", message=f"Save {path}")
        return (await self.store.commit(vendor, app, commit)).revision

    async def shown(self, app: str, vendor: str = "alice") -> str | None:
        """What the app's address shows."""
        found = await self.store.read_document(vendor, app, "site")
        return self.shown_at(str(found.value["site"])) if found else None

    def shown_at(self, site: str) -> str | None:
        if isinstance(self.shelf, FolderShelf):
            live = self.shelf.shown(site)
            return self.file(site, live.version, "index.html").decode() if live else None
        assert self.keys is not None
        version = self.keys.values.get(site, "").partition(",")[0]
        return self.file(site, int(version), "index.html").decode() if version else None

    def is_indexed(self, site: str) -> bool:
        if isinstance(self.shelf, FolderShelf):
            return (self.shelf.shown(site) or Shown(0, indexed=False)).indexed
        assert self.keys is not None
        return self.keys.values[site].endswith(",indexed")

    def file(self, site: str, version: int, path: str) -> bytes:
        if isinstance(self.shelf, FolderShelf):
            return (self.shelf.files(site, version) / path).read_bytes()
        found = _boto3.client("s3").get_object(Bucket="sites", Key=f"sites/{site}/{version}/{path}")
        return found["Body"].read()

    def versions(self, site: str) -> set[int]:
        """The versions of which files are kept."""
        later = time.time_ns() // 1_000_000 + HOUR_MS
        return next((versions for each, _, versions in self.shelf.sites(later) if each == site), set[int]())

    async def sweep(self) -> int:
        """Sweeps as if two hours had passed."""
        return await collect(self.store, self.shelf, time.time_ns() // 1_000_000 + 2 * HOUR_MS)


def site_of(url: str) -> str:
    """The site's id in its address."""
    host, _, path = url.removeprefix("https://").removeprefix("http://").partition("/")
    return path.strip("/") or host.partition(".")[0]
