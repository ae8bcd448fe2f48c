"""Reads files of an app in the DynamoDB table, found by their names."""

from collections.abc import Sequence

from aicode.api_types import File
from aicode.errors import NotFound, VersionConflict
from aicode.file_store.checkpoints import expect_revision
from aicode.file_store.dynamodb.items import AppItems, Head, kept_of
from aicode.file_store.dynamodb.past import DynamoPast
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.file_info import (
    Present,
    named_rows,
    present,
    shas_of_texts,
    with_bytes,
    with_text,
)
from aicode.file_store.paths import named_path, normalise_path
from aicode.file_store.retention import NO_VERSION
from aicode.file_store.store import RawFile


class FileReader:
    """Finds files, and reads their contents. Blocking."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._items = AppItems(table)

    def find(self, vendor: str, app_id: str, path: str, version: int | None) -> Present:
        """The file, or an earlier version of it. Raises NotFound, also for a deleted file."""
        path = named_path(path)
        row = DynamoPast(self._table, app_id, self._items.head(vendor, app_id)).row(path, version)
        if row is None or row.blob is None:
            normalise_path(path)
            raise NotFound("There is no such file." if version is None else NO_VERSION)
        return row, row.blob

    def find_all(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[Present]:
        """Those of the named files that exist, each once, sorted by path. Takes one request."""
        return present(named_rows(self._items.head(vendor, app_id).rows, paths))

    def find_at(self, vendor: str, app_id: str, revision: int, paths: Sequence[str] | None) -> list[Present]:
        """The files as they were at a revision, sorted by path; all, or those that are named."""
        meta = self._items.meta(vendor, app_id)
        expect_revision(revision, kept_of(meta).oldest, int(meta["rev"]))
        rows = self._items.rows_at(app_id, revision)
        return present(rows.values() if paths is None else named_rows(rows, paths))

    def texts(self, app_id: str, files: Sequence[Present]) -> list[File]:
        """The files, each with its content if it is a text. A hundred take one request."""
        texts = self._items.contents(app_id, shas_of_texts(files))
        return [with_text(row, blob, texts) for row, blob in files]

    def raw(self, app_id: str, files: Sequence[Present]) -> list[RawFile]:
        """The files with their bytes. A hundred take one request."""
        contents = self._items.contents(app_id, [blob.sha for _, blob in files])
        return [with_bytes(row, blob, contents) for row, blob in files]

    def conflict(self, app_id: str, head: Head, path: str) -> VersionConflict:
        """The refusal of a change to a path, with the file that is there now."""
        row = head.rows.get(path)
        file = self.texts(app_id, [(row, row.blob)])[0] if row and row.blob else None
        return VersionConflict("The file was changed meanwhile.", details={"path": path, "file": file})
