"""The shelf on one machine: a SQLite database for several processes, bytes included."""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from aicode.file_store import UPLOADS
from aicode.file_store.sqlite.schema import Database
from aicode.uploads.record import Record
from aicode.uploads.shelf import Form
from aicode.uploads.sqlite.signing import signed_fields

# As in file_store.sqlite.schema.
MIGRATIONS = (
    """
    CREATE TABLE uploads (
        vendor TEXT NOT NULL, app_id TEXT NOT NULL, upload_id TEXT NOT NULL, name TEXT NOT NULL,
        media_type TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, created_at INTEGER NOT NULL,
        keep_until INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, width INTEGER NOT NULL,
        height INTEGER NOT NULL, pages INTEGER NOT NULL,
        PRIMARY KEY (vendor, app_id, upload_id)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX uploads_by_id ON uploads (app_id, upload_id);
    -- A rowid table, so that looking for an upload does not wade through bytes.
    CREATE TABLE contents (
        app_id TEXT NOT NULL, upload_id TEXT NOT NULL, data BLOB NOT NULL,
        FOREIGN KEY (app_id, upload_id) REFERENCES uploads (app_id, upload_id) ON DELETE CASCADE
    );
    CREATE UNIQUE INDEX contents_of_upload ON contents (app_id, upload_id);
    -- What forms are signed with, by whoever makes them, for whoever takes them.
    CREATE TABLE signing (key BLOB NOT NULL);
    """,
)
_COLUMNS = ", ".join(field.name for field in fields(Record))
_MARKS = ", ".join("?" for _ in fields(Record))
_HERE = "vendor = ? AND app_id = ? AND upload_id = ?"


class SqliteShelf:
    """A Shelf in one database file, which is made when first used. Forms go to `url`. Close it when done."""

    def __init__(self, path: Path, url: str) -> None:
        self._database = Database(path, MIGRATIONS)
        self._url = url

    def close(self) -> None:
        """Closes the database; no call may be running."""
        self._database.close()

    def add(self, record: Record, check: Callable[[Iterable[Record]], None]) -> Form:
        """Writes a record, if `check` lets it pass."""
        with self._database.writing() as db:
            check(_records(db, "vendor = ?", record.vendor))
            db.execute(f"INSERT INTO uploads ({_COLUMNS}) VALUES ({_MARKS})", astuple(record))  # noqa: S608 - constants
            key = _signing_key(db)
        return Form(self._url, signed_fields(record, key))

    def get(self, vendor: str, app_id: str, upload_ids: Sequence[str]) -> dict[str, Record]:
        """Those of the named records that exist, by their ids."""
        named = "vendor = ? AND app_id = ? AND upload_id IN (SELECT value FROM json_each(?))"
        with self._database.reading() as db:
            found = _records(db, named, vendor, app_id, json.dumps([*upload_ids]))
        return {record.upload_id: record for record in found}

    def settle(self, record: Record) -> Record:
        """Writes what was found of an upload, if it still waits; returns what is stored of it then."""
        with self._database.writing() as db:
            db.execute(
                f"UPDATE uploads SET status = ?, reason = ?, width = ?, height = ?, pages = ? WHERE {_HERE} "  # noqa: S608 - constants
                "AND status = 'waiting'",
                (record.status, record.reason, record.width, record.height, record.pages, *_key(record)),
            )
            return next(iter(_records(db, _HERE, *_key(record))), record)

    def extend(self, records: Sequence[Record], keep_until: int) -> None:
        """Keeps records for longer."""
        with self._database.writing() as db:
            db.executemany(
                f"UPDATE uploads SET keep_until = max(keep_until, ?) WHERE {_HERE}",  # noqa: S608 - constants
                [(keep_until, *_key(record)) for record in records],
            )

    def read(self, record: Record) -> bytes | None:
        """The bytes that have arrived; a form takes no more than were announced."""
        with self._database.reading() as db:
            row = db.execute(
                "SELECT data FROM contents WHERE app_id = ? AND upload_id = ?",
                (record.app_id, record.upload_id),
            ).fetchone()
        return None if row is None else row[0]

    def drop_bytes(self, record: Record) -> None:
        """Deletes the bytes."""
        with self._database.writing() as db:
            db.execute(
                "DELETE FROM contents WHERE app_id = ? AND upload_id = ?", (record.app_id, record.upload_id)
            )

    def delete_app(self, vendor: str, app_id: str) -> None:
        """Deletes records and bytes of an app."""
        with self._database.writing() as db:
            db.execute("DELETE FROM uploads WHERE vendor = ? AND app_id = ?", (vendor, app_id))

    def sweep(self, now: int) -> int:
        """Deletes what is to be kept no longer; there are no bytes without a record."""
        with self._database.writing() as db:
            return db.execute("DELETE FROM uploads WHERE keep_until <= ?", (now,)).rowcount

    def signing_key(self) -> bytes:
        """What forms are signed with."""
        with self._database.writing() as db:
            return _signing_key(db)

    def receive(self, object_name: str, data: bytes) -> bool:
        """Keeps the bytes that came by a form; False if there is no such upload any more."""
        app_id, _, upload_id = object_name.removeprefix(f"{UPLOADS}/").partition("/")
        with self._database.writing() as db:
            if not _records(db, "app_id = ? AND upload_id = ?", app_id, upload_id):
                return False
            db.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", (app_id, upload_id, data))
            return True


def _records(db: sqlite3.Connection, where: str, *values: str) -> list[Record]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM uploads WHERE {where}", values)  # noqa: S608 - constants
    names = [field.name for field in fields(Record)]
    return [Record(**dict(zip(names, row, strict=True))) for row in rows]


def _key(record: Record) -> tuple[str, str, str]:
    return record.vendor, record.app_id, record.upload_id


def _signing_key(db: sqlite3.Connection) -> bytes:
    row = db.execute("SELECT key FROM signing").fetchone()
    if row is None:
        db.execute("INSERT INTO signing VALUES (?)", (secrets.token_bytes(32),))
        return _signing_key(db)
    return row[0]
