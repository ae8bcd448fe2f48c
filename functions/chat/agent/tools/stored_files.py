"""An app's files as the file store has them, with errors in words for Claude."""

from collections.abc import Sequence
from dataclasses import dataclass

from aicode.api_types import File, FileInfo
from aicode.errors import InvalidRequest, NotFound, StoreUnavailable, ToolError
from aicode.file_store.store import FileStore
from aicode.media import UNKNOWN
from chat.agent.tools.content import Binary, Content


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One version of a file of the store."""

    info: FileInfo
    content: Content

    @property
    def version(self) -> int:
        """The number of this version."""
        return self.info["version"]


class StoredFiles:
    """Reads one app. What reads raises ToolError while the store is unavailable."""

    def __init__(self, store: FileStore, vendor: str, app_id: str) -> None:
        self._store = store
        self._app = vendor, app_id

    async def all(self) -> Sequence[FileInfo]:
        """All files, sorted by path."""
        try:
            return (await self._store.list_files(*self._app)).files
        except StoreUnavailable as error:
            raise _unavailable() from error

    async def texts(self, paths: Sequence[str]) -> dict[str, str]:
        """The texts of those of these files that are there, and are text."""
        try:
            files = await self._store.read_files(*self._app, paths) if paths else []
        except StoreUnavailable as error:
            raise _unavailable() from error
        return {file["path"]: file["content"] for file in files if "content" in file}

    async def read(self, path: str, version: int | None = None) -> StoredFile | None:
        """The file, or an earlier version of it; None if it is not there."""
        try:
            return await self._whole(await self._store.read_file(*self._app, path, version))
        except (NotFound, InvalidRequest):
            return None
        except StoreUnavailable as error:
            raise _unavailable() from error

    async def whole(self, file: File) -> StoredFile | None:
        """This version of a file, with its bytes if it has no text; None if they are gone.

        Raises StoreUnavailable.
        """
        try:
            return await self._whole(file)
        except NotFound:
            return None

    async def _whole(self, file: File) -> StoredFile:
        text = file.get("content")
        if text is not None:
            return StoredFile(file, text)
        raw = await self._store.read_raw(*self._app, file["path"], file["version"])
        return StoredFile(raw.info, Binary(raw.data, raw.info.get("mediaType", UNKNOWN)))


def _unavailable() -> ToolError:
    return ToolError("The files could not be reached just now. Try again.")
