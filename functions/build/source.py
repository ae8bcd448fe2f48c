"""An app at one revision: which files it has, and the contents of those that are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aicode.api_types import FileInfo
from aicode.file_store.store import FileStore

SCRIPTS = frozenset({"ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"})
_TEXTS = SCRIPTS | {"json", "css", "html", "htm", "svg", "txt", "md", "csv", "xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The files by path; None stands for bytes that nobody has read."""

    revision: int
    files: Mapping[str, bytes | None]

    def text(self, path: str) -> str:
        """The text of a file; empty for one that is not there, or was not read."""
        return (self.files.get(path) or b"").decode(errors="replace")


def ending(path: str) -> str:
    """The part of a file's name behind its last dot, in lower case."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Which files the app had at a revision."""

    number: int
    infos: Sequence[FileInfo]


async def find_revision(store: FileStore, vendor: str, app_id: str, number: int | None) -> Revision:
    """A revision of the app, the newest without a number. Raises NotFound and StoreUnavailable."""
    if number is None:
        listing = await store.list_files(vendor, app_id)
        return Revision(number=listing.revision, infos=listing.files)
    return Revision(number=number, infos=await store.files_at(vendor, app_id, number))


async def read_files(
    store: FileStore, vendor: str, app_id: str, revision: Revision, *, assets: bool = False
) -> Source:
    """The app at the revision; with `assets` the bytes of every file. Raises as `find_revision`."""
    wanted = [info["path"] for info in revision.infos if assets or _is_text(info)]
    read = await store.raw_files_at(vendor, app_id, revision.number, wanted) if wanted else []
    files: dict[str, bytes | None] = dict.fromkeys(info["path"] for info in revision.infos)
    files.update({file.info["path"]: file.data for file in read})
    return Source(revision=revision.number, files=files)


async def read_source(
    store: FileStore, vendor: str, app_id: str, revision: int | None, *, assets: bool = False
) -> Source:
    """Both at once."""
    found = await find_revision(store, vendor, app_id, revision)
    return await read_files(store, vendor, app_id, found, assets=assets)


def _is_text(info: FileInfo) -> bool:
    return not info.get("binary") and ending(info["path"]) in _TEXTS
