"""The SQLite database: its tables, the migrations between their versions, and connections to it."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from aicode.errors import StoreUnavailable

BUSY_TIMEOUT_SECONDS = 10.0

# Migration n brings a database from user_version n to n + 1; a released one is never edited.
# A semicolon ends a statement, so comments must not have one.
MIGRATIONS = (
    """
    CREATE TABLE apps (
        app_id TEXT PRIMARY KEY, vendor TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX apps_of_vendor ON apps (vendor, updated_at);
    -- A path's latest version: what a listing reads. sha is NULL for a tombstone.
    CREATE TABLE files (
        app_id TEXT NOT NULL REFERENCES apps ON DELETE CASCADE, path TEXT NOT NULL, version INTEGER NOT NULL,
        sha TEXT, size INTEGER NOT NULL, lines INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        PRIMARY KEY (app_id, path)
    ) WITHOUT ROWID;
    -- Every version that ever was, with the revision that made it.
    CREATE TABLE versions (
        app_id TEXT NOT NULL REFERENCES apps ON DELETE CASCADE, path TEXT NOT NULL, version INTEGER NOT NULL,
        sha TEXT, size INTEGER NOT NULL, lines INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        PRIMARY KEY (app_id, path, version)
    ) WITHOUT ROWID;
    CREATE INDEX versions_of_content ON versions (sha);
    CREATE TABLE commits (
        app_id TEXT NOT NULL REFERENCES apps ON DELETE CASCADE, revision INTEGER NOT NULL,
        author TEXT NOT NULL, message TEXT NOT NULL, session_id TEXT, turn_id INTEGER,
        created_at INTEGER NOT NULL, changes TEXT NOT NULL,
        PRIMARY KEY (app_id, revision)
    ) WITHOUT ROWID;
    -- What a keyed commit gave, for whoever sends it again.
    CREATE TABLE results (
        app_id TEXT NOT NULL REFERENCES apps ON DELETE CASCADE, key TEXT NOT NULL,
        revision INTEGER NOT NULL, changes TEXT NOT NULL,
        PRIMARY KEY (app_id, key)
    ) WITHOUT ROWID;
    -- The highest epoch seen of each session.
    CREATE TABLE fences (
        app_id TEXT NOT NULL REFERENCES apps ON DELETE CASCADE, session_id TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        PRIMARY KEY (app_id, session_id)
    ) WITHOUT ROWID;
    -- Contents, compressed with zlib. A rowid table, so that looking for a sha does not wade through data.
    CREATE TABLE blobs (sha TEXT PRIMARY KEY, data BLOB NOT NULL);
    """,
    """
    CREATE INDEX commits_of_turn ON commits (app_id, session_id, turn_id, revision);
    """,
    """
    -- Of the rules' path: the version whose content counts as rules.
    ALTER TABLE files ADD COLUMN accepted INTEGER;
    ALTER TABLE versions ADD COLUMN accepted INTEGER;
    """,
    """
    -- The oldest revision that the app keeps, what its past takes, and up to which revision that is counted.
    ALTER TABLE apps ADD COLUMN oldest INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE apps ADD COLUMN kept_bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE apps ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX versions_of_revision ON versions (app_id, revision);
    """,
    """
    -- What a binary file is, in JSON: its media type, and a picture's width and height. NULL for a text.
    ALTER TABLE files ADD COLUMN media TEXT;
    ALTER TABLE versions ADD COLUMN media TEXT;
    """,
    """
    -- What an app has beside its files, in JSON.
    CREATE TABLE documents (
        app_id TEXT NOT NULL REFERENCES apps ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (app_id, name)
    ) WITHOUT ROWID;
    """,
)


class Database:
    """A pool of connections to one database file, made when they are needed, for any thread.

    `migrations` make its tables; those of apps and files if no others are given.
    """

    def __init__(self, path: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
        self._path = path
        self._migrations = migrations
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._ready = False

    @contextlib.contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """One consistent view of the database. Raises StoreUnavailable."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextlib.contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """A transaction that is the only one to write. Raises StoreUnavailable."""
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    def close(self) -> None:
        """Closes the connections that no call is using."""
        with self._lock:
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        try:
            db = self._take()
            try:
                db.execute(begin)
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                with self._lock:
                    self._idle.append(db)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable("The file store does not answer.", retry_after=1) from error

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if not self._ready:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._idle.append(_prepare(self._path, self._migrations))
                self._ready = True
            if self._idle:
                return self._idle.pop()
        return _connect(self._path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA foreign_keys = ON")
    # So that an acknowledged commit survives a power cut.
    db.execute("PRAGMA synchronous = FULL")
    return db


def _prepare(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """The first connection of a process, which migrates the database to the current version."""
    db = _connect(path)
    try:
        _use_write_ahead_log(db)
        if _version(db, migrations) < len(migrations):
            _migrate(db, migrations)
    except BaseException:
        db.close()
        raise
    return db


def _use_write_ahead_log(db: sqlite3.Connection) -> None:
    """Lets readers and a writer work side by side. Retries, because another process may be switching too."""
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(db: sqlite3.Connection, migrations: Sequence[str]) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        for version in range(_version(db, migrations), len(migrations)):
            for statement in migrations[version].split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version + 1}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection, migrations: Sequence[str]) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations):
        raise StoreUnavailable("The data folder was written by a newer version of this program.")
    return version
