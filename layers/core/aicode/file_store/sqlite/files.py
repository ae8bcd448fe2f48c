"""Files of an app in SQLite, found by their names."""

import json
from collections.abc import Sequence

from aicode.api_types import File
from aicode.errors import NotFound, VersionConflict
from aicode.file_store.checkpoints import expect_revision
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
from aicode.file_store.sqlite import contents, queries
from aicode.file_store.sqlite.past import SqlitePast
from aicode.file_store.store import RawFile


def find(db: queries.Db, vendor: str, app_id: str, path: str, version: int | None) -> Present:
    """The file, or an earlier version of it. Raises NotFound, also for a deleted file."""
    path = named_path(path)
    queries.revision_of(db, vendor, app_id)
    row = queries.row_at(db, app_id, path, version)
    if row is None or row.blob is None:
        normalise_path(path)
        raise NotFound("There is no such file." if version is None else NO_VERSION)
    return row, row.blob


def find_all(db: queries.Db, vendor: str, app_id: str, paths: Sequence[str]) -> list[Present]:
    """Those of the named files that exist, each once, sorted by path."""
    names = json.dumps([named_path(path) for path in paths])
    queries.revision_of(db, vendor, app_id)
    return queries.current_files(db, app_id, names)


def find_at(
    db: queries.Db, vendor: str, app_id: str, revision: int, paths: Sequence[str] | None
) -> list[Present]:
    """The files as they were at a revision, sorted by path; all, or those that are named."""
    latest = queries.revision_of(db, vendor, app_id)
    expect_revision(revision, SqlitePast(db, app_id, latest).kept().oldest, latest)
    rows = queries.rows_at(db, app_id, revision)
    return present(rows.values() if paths is None else named_rows(rows, paths))


def texts(db: queries.Db, files: Sequence[Present]) -> list[File]:
    """The files, each with its content if it is a text."""
    read = contents.read(db, shas_of_texts(files))
    return [with_text(row, blob, read) for row, blob in files]


def raw(db: queries.Db, files: Sequence[Present]) -> list[RawFile]:
    """The files with their bytes."""
    read = contents.read(db, [blob.sha for _, blob in files])
    return [with_bytes(row, blob, read) for row, blob in files]


def conflict(db: queries.Db, app_id: str, path: str) -> VersionConflict:
    """The refusal of a change to a path, with the file that is there now."""
    row = queries.row_at(db, app_id, path, None)
    file = texts(db, [(row, row.blob)])[0] if row and row.blob else None
    return VersionConflict("The file was changed meanwhile.", details={"path": path, "file": file})
