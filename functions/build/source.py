"""An app at one revision: which files it has, and the contents of those that are asked for."""

from collections.abc import Mapping
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


async def read_source(
    store: FileStore, vendor: str, app_id: str, revision: int | None, *, assets: bool = False
) -> Source:
    """The app at a revision, the newest without one; with `assets` every file's bytes.

    Raises NotFound for the app or the revision, and StoreUnavailable.
    """
    if revision is None:
        listing = await store.list_files(vendor, app_id)
        revision, infos = listing.revision, listing.files
    else:
        infos = await store.files_at(vendor, app_id, revision)
    wanted = [info["path"] for info in infos if assets or _is_text(info)]
    read = await store.raw_files_at(vendor, app_id, revision, wanted) if wanted else []
    files: dict[str, bytes | None] = dict.fromkeys(info["path"] for info in infos)
    files.update({file.info["path"]: file.data for file in read})
    return Source(revision=revision, files=files)


def _is_text(info: FileInfo) -> bool:
    return not info.get("binary") and ending(info["path"]) in _TEXTS
