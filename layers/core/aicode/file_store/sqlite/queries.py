"""The SQL of the SQLite store: each function runs one statement or a few in an open transaction."""

import json
import sqlite3
from collections.abc import Generator
from dataclasses import astuple, replace
from itertools import groupby
from typing import Literal

from aicode.api_types import App
from aicode.errors import FencedError, NotFound
from aicode.file_store.checkpoints import CommitRecord, decode_changes, encode_changes
from aicode.file_store.file_info import Present, info_of, present
from aicode.file_store.plan import Plan, Row, rules_of
from aicode.file_store.prepared import Blob
from aicode.file_store.store import RULES_PATH, Committed, Document, Listing, TurnRef
from aicode.media import Media

Db = sqlite3.Connection


def apps_of(db: Db, vendor: str) -> list[App]:
    """The vendor's apps, the latest changed first."""
    return [
        App(appId=app_id, name=name, createdAt=created_at, updatedAt=updated_at)
        for app_id, name, created_at, updated_at in db.execute(
            "SELECT app_id, name, created_at, updated_at FROM apps WHERE vendor = ?"
            " ORDER BY updated_at DESC, created_at DESC, app_id",
            (vendor,),
        )
    ]


def create_app(db: Db, vendor: str, app: App) -> bool:
    """Writes a new app; an app that has this id already stays as it is, and the answer is False."""
    made = db.execute(
        "INSERT OR IGNORE INTO apps (app_id, vendor, name, revision, created_at, updated_at)"
        " VALUES (?, ?, ?, 0, ?, ?)",
        (app["appId"], vendor, app["name"], app["createdAt"], app["updatedAt"]),
    )
    return made.rowcount > 0


def rename_app(db: Db, vendor: str, app_id: str, name: str) -> App:
    """Gives the app another name; raises NotFound if it is absent or another vendor's."""
    row = db.execute(
        "UPDATE apps SET name = ? WHERE app_id = ? AND vendor = ? RETURNING created_at, updated_at",
        (name, app_id, vendor),
    ).fetchone()
    if row is None:
        raise NotFound("There is no such app.")
    return App(appId=app_id, name=name, createdAt=row[0], updatedAt=row[1])


def delete_app(db: Db, app_id: str) -> None:
    """Deletes the app with all its rows; its contents are left to `collect_garbage`."""
    db.execute("DELETE FROM apps WHERE app_id = ?", (app_id,))


def revision_of(db: Db, vendor: str, app_id: str) -> int:
    """The app's revision; raises NotFound if the app is absent or another vendor's."""
    row = db.execute("SELECT revision FROM apps WHERE app_id = ? AND vendor = ?", (app_id, vendor)).fetchone()
    if row is None:
        raise NotFound("There is no such app.")
    return row[0]


def listing(db: Db, vendor: str, app_id: str) -> Listing:
    """The revision and the files, sorted by path, without contents."""
    rows = db.execute(
        "SELECT apps.revision, path, version, sha, size, lines, files.updated_at, NULL, media FROM apps"
        " LEFT JOIN files ON files.app_id = apps.app_id AND sha IS NOT NULL"
        " WHERE apps.app_id = ? AND vendor = ? ORDER BY path",
        (app_id, vendor),
    ).fetchall()
    if not rows:
        raise NotFound("There is no such app.")
    found = present(_row(db, app_id, row[1:]) for row in rows if row[1] is not None)
    rules = rules_of(rules_row(db, app_id))
    return Listing(rows[0][0], [info_of(row, blob) for row, blob in found], rules)


def current_rows(db: Db, app_id: str) -> list[Row]:
    """Every path at its latest version, tombstones included."""
    return [
        _row(db, app_id, row)
        for row in db.execute(
            "SELECT path, version, sha, size, lines, updated_at, accepted, media FROM files WHERE app_id = ?",
            (app_id,),
        )
    ]


def rules_row(db: Db, app_id: str) -> Row | None:
    """The path of the rules at its latest version, a tombstone too."""
    found = db.execute(
        "SELECT path, version, sha, size, lines, updated_at, accepted, media"
        " FROM files WHERE app_id = ? AND path = ?",
        (app_id, RULES_PATH),
    ).fetchone()
    return _row(db, app_id, found) if found else None


def store_accepted(db: Db, app_id: str, row: Row) -> None:
    """Writes which version counts as rules from this version of their path on."""
    accepted = row.accepted.version if row.accepted else None
    where = (accepted, app_id, row.path, row.version)
    db.execute("UPDATE files SET accepted = ? WHERE app_id = ? AND path = ? AND version = ?", where)
    db.execute("UPDATE versions SET accepted = ? WHERE app_id = ? AND path = ? AND version = ?", where)


def rows_at(db: Db, app_id: str, revision: int) -> dict[str, Row]:
    """Every path at the version that it had at a revision, tombstones included."""
    # SQLite takes the bare columns from the row that has the maximum: https://sqlite.org/lang_select.html#bareagg
    found = db.execute(
        "SELECT path, max(version), sha, size, lines, updated_at, accepted, media FROM versions"
        " WHERE app_id = ? AND revision <= ? GROUP BY path",
        (app_id, revision),
    )
    return {row[0]: _row(db, app_id, row) for row in found}


def _row(db: Db, app_id: str, row: tuple[str, int, str | None, int, int, int, int | None, str | None]) -> Row:
    path, version, sha, size, lines, updated_at, accepted, media = row
    kind = Media(*json.loads(media)) if media else None
    made = Row(path, version, Blob(sha, size, lines, kind) if sha else None, updated_at)
    if accepted is None or accepted == version:
        return made if accepted is None else replace(made, accepted=made)
    found = db.execute(
        "SELECT path, version, sha, size, lines, updated_at, accepted, media"
        " FROM versions WHERE app_id = ? AND path = ? AND version = ?",
        (app_id, path, accepted),
    ).fetchone()
    return replace(made, accepted=replace(_row(db, app_id, found), accepted=None))


def row_at(db: Db, app_id: str, path: str, version: int | None) -> Row | None:
    """A path at its latest version unless another is named; None if there is no such version."""
    found = db.execute(
        "SELECT path, version, sha, size, lines, updated_at, accepted, media FROM versions"
        " WHERE app_id = ?1 AND path = ?2 AND version = coalesce(?3,"
        " (SELECT version FROM files WHERE app_id = ?1 AND path = ?2))",
        (app_id, path, version),
    ).fetchone()
    return _row(db, app_id, found) if found else None


def current_files(db: Db, app_id: str, paths_json: str) -> list[Present]:
    """Those of the named files that exist, sorted by path; the names come as a JSON list."""
    found = db.execute(
        "SELECT path, version, sha, size, lines, updated_at, accepted, media FROM files"
        " WHERE app_id = ? AND path IN (SELECT value FROM json_each(?))",
        (app_id, paths_json),
    )
    return present(_row(db, app_id, row) for row in found)


def document(db: Db, app_id: str, name: str) -> Document | None:
    """The app's document of this name, None if there is none."""
    found = db.execute(
        "SELECT value, version FROM documents WHERE app_id = ? AND name = ?", (app_id, name)
    ).fetchone()
    return Document(json.loads(found[0]), found[1]) if found else None


def store_document(db: Db, app_id: str, name: str, made: Document) -> None:
    """Stores a document in place of the one of this name."""
    text = json.dumps(made.value, ensure_ascii=False, separators=(",", ":"))
    db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", (app_id, name, text, made.version))


def raise_fence(db: Db, app_id: str, turn: TurnRef) -> None:
    """Stores the turn's epoch as the session's highest; raises FencedError if there is a higher one."""
    highest = db.execute(
        "INSERT INTO fences VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET epoch = max(epoch, excluded.epoch)"
        " RETURNING epoch",
        (app_id, turn.session_id, turn.epoch),
    ).fetchone()[0]
    if highest > turn.epoch:
        raise FencedError


def stored(db: Db, app_id: str, key: str) -> Committed | None:
    """The result of the commit with this idempotency key, None if there was no such commit."""
    row = db.execute(
        "SELECT revision, changes FROM results WHERE app_id = ? AND key = ?", (app_id, key)
    ).fetchone()
    return Committed(row[0], decode_changes(row[1])) if row else None


def store_result(db: Db, app_id: str, key: str, result: Committed) -> None:
    """Stores the result of the commit with this idempotency key."""
    db.execute(
        "INSERT INTO results VALUES (?, ?, ?, ?)",
        (app_id, key, result.revision, encode_changes(result.changes)),
    )


def store_plan(db: Db, app_id: str, plan: Plan, record: CommitRecord) -> None:
    """Writes a revision: versions, the paths' latest rows, the commit, the app's new revision."""
    fields = [
        (
            *(app_id, row.path, row.version, *_content(row.blob), row.updated_at),
            row.accepted.version if row.accepted else None,
            json.dumps(astuple(row.blob.media)) if row.blob and row.blob.media else None,
        )
        for row in plan.rows
    ]
    db.executemany(
        "INSERT INTO versions (app_id, path, version, sha, size, lines, updated_at, accepted, media,"
        " revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*row, record.revision) for row in fields],
    )
    db.executemany(
        "INSERT OR REPLACE INTO files (app_id, path, version, sha, size, lines, updated_at, accepted, media)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        fields,
    )
    db.execute(
        "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            app_id,
            record.revision,
            record.author,
            record.message,
            record.session_id,
            record.turn_id,
            record.created_at,
            encode_changes(record.changes),
        ),
    )
    db.execute(
        "UPDATE apps SET revision = ?, updated_at = ? WHERE app_id = ?",
        (record.revision, record.created_at, app_id),
    )


def _content(blob: Blob | None) -> tuple[str | None, int, int]:
    return (blob.sha, blob.size, blob.lines) if blob else (None, 0, 0)


def commits_after(db: Db, app_id: str, revision: int) -> list[CommitRecord]:
    """The app's commits after a revision, the first one first, with their rows."""
    made = dict(rows_after(db, app_id, revision))
    found = db.execute(
        "SELECT revision, author, message, session_id, turn_id, created_at, changes FROM commits"
        " WHERE app_id = ? AND revision > ? ORDER BY revision",
        (app_id, revision),
    )
    return [replace(_commit(row), rows=made.get(row[0], ())) for row in found]


def commits_of_checkpoints(
    db: Db, app_id: str, after: int, before: int, limit: int | None
) -> list[CommitRecord]:
    """All commits of the newest checkpoints that end between two revisions, the first commit first."""
    found = db.execute(
        "WITH latest AS (SELECT revision, session_id, turn_id FROM commits AS one"
        " WHERE app_id = ?1 AND revision > ?2 AND revision < ?3"
        " AND NOT EXISTS (SELECT 1 FROM commits AS other WHERE other.app_id = ?1"
        " AND other.session_id = one.session_id AND other.turn_id = one.turn_id"
        " AND other.revision > one.revision) ORDER BY revision DESC LIMIT ?4)"
        " SELECT revision, author, message, session_id, turn_id, created_at, changes FROM commits"
        " WHERE app_id = ?1 AND revision IN (SELECT revision FROM latest UNION SELECT commits.revision"
        " FROM latest JOIN commits USING (session_id, turn_id) WHERE app_id = ?1) ORDER BY revision",
        (app_id, after, before, -1 if limit is None else limit),
    )
    return [_commit(row) for row in found]


def _commit(
    row: tuple[int, Literal["ai", "vendor"], str, str | None, int | None, int, str],
) -> CommitRecord:
    revision, author, message, session_id, turn_id, created_at, changes = row
    return CommitRecord(
        revision=revision,
        author=author,
        message=message,
        session_id=session_id,
        turn_id=turn_id,
        created_at=created_at,
        changes=decode_changes(changes),
    )


def rows_after(db: Db, app_id: str, revision: int) -> Generator[tuple[int, list[Row]]]:
    """Each later revision with the rows that it made. Of a path's rows the later has the higher version."""
    found = db.execute(
        "SELECT revision, path, version, sha, size, lines, updated_at, accepted, media FROM versions"
        " WHERE app_id = ? AND revision > ? ORDER BY revision, version",
        (app_id, revision),
    )
    for number, rows in groupby(found, key=lambda row: row[0]):
        yield number, [_row(db, app_id, row[1:]) for row in rows]
