"""Contents in SQLite: each once by its SHA-256, compressed."""

import json
import zlib
from collections.abc import Collection, Iterable, Mapping

from aicode.errors import NotFound
from aicode.file_store.sqlite.queries import Db


def read(db: Db, shas: Collection[str], *, of_app: str | None = None) -> dict[str, bytes]:
    """Contents by SHA-256, only those of one app if it is named; raises NotFound if one is not there."""
    rows = db.execute(
        "SELECT sha, data FROM blobs WHERE sha IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR EXISTS"
        " (SELECT 1 FROM versions WHERE versions.sha = blobs.sha AND app_id = ?2))",
        (json.dumps(list(shas)), of_app),
    )
    found = {sha: zlib.decompress(data) for sha, data in rows}
    if len(found) < len(set(shas)):
        raise NotFound("There is no such app.")
    return found


def compressed(contents: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """Contents as `store` takes them: compressing takes time, which no transaction should wait for."""
    return [(sha, zlib.compress(data)) for sha, data in contents.items()]


def store(db: Db, made: Iterable[tuple[str, bytes]]) -> None:
    """Stores contents; known ones stay as they are."""
    db.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?)", made)


def collect_garbage(db: Db) -> int:
    """Deletes contents that no version refers to; returns how many."""
    return db.execute(
        "DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM versions WHERE versions.sha = blobs.sha)"
    ).rowcount
