"""The past of an app in SQLite: what it keeps of it, and what it forgets."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

from aicode.api_types import Checkpoint
from aicode.file_store.checkpoints import group_checkpoints
from aicode.file_store.plan import Row
from aicode.file_store.retention import Kept
from aicode.file_store.sqlite import queries
from aicode.file_store.store import RULES_PATH, TurnRef


class SqlitePast:
    """What an app at its latest revision keeps, in an open transaction."""

    def __init__(self, db: queries.Db, app_id: str, revision: int) -> None:
        self._db = db
        self._app_id = app_id
        self._revision = revision

    def newest_checkpoints(self, limit: int) -> Sequence[Checkpoint]:
        """So many checkpoints, the newest first."""
        found = queries.commits_of_checkpoints(self._db, self._app_id, 0, self._revision + 1, limit)
        return group_checkpoints(found)

    def base_of(self, turn: TurnRef) -> int | None:
        """The revision before the first one that a turn made, None if it made none that is kept."""
        first = self._db.execute(
            "SELECT min(revision) - 1 FROM commits WHERE app_id = ? AND session_id = ? AND turn_id = ?",
            (self._app_id, turn.session_id, turn.turn_id),
        ).fetchone()
        return first[0]

    def rows_at(self, revision: int) -> Mapping[str, Row]:
        """Every path at a revision, tombstones included."""
        return queries.rows_at(self._db, self._app_id, revision)

    def rows_after(self, revision: int) -> Iterable[tuple[int, Sequence[Row]]]:
        """Each later revision with the rows that it made, the first one first."""
        with closing(queries.rows_after(self._db, self._app_id, revision)) as rows:
            yield from rows

    def kept(self) -> Kept:
        """What the app keeps."""
        row = self._db.execute(
            "SELECT oldest, kept_bytes, counted FROM apps WHERE app_id = ?", (self._app_id,)
        ).fetchone()
        return Kept(*row)

    def keep(self, before: Kept, after: Kept) -> None:
        """Notes what the app keeps from now on, and deletes all else."""
        self._db.execute(
            "UPDATE apps SET oldest = ?, kept_bytes = ?, counted = ? WHERE app_id = ?",
            (after.oldest, after.size, after.counted, self._app_id),
        )
        if after.oldest > before.oldest:
            self._forget(after.oldest)

    def _forget(self, oldest: int) -> None:
        self._db.execute("DELETE FROM commits WHERE app_id = ? AND revision <= ?", (self._app_id, oldest))
        # Of each path the version stays that the oldest revision has, also where that is a tombstone. And of
        # the rules those that count at that revision or later, however old they are.
        gone = self._db.execute(
            "WITH shown AS MATERIALIZED (SELECT path, max(version) AS version FROM versions"
            " WHERE app_id = ?1 AND revision <= ?2 GROUP BY path),"
            " counting AS MATERIALIZED (SELECT accepted FROM versions JOIN shown USING (path)"
            " WHERE app_id = ?1 AND path = ?3 AND versions.version >= shown.version AND accepted IS NOT NULL)"
            " DELETE FROM versions WHERE app_id = ?1 AND revision <= ?2"
            " AND version < (SELECT version FROM shown WHERE shown.path = versions.path)"
            " AND NOT (path = ?3 AND version IN (SELECT accepted FROM counting)) RETURNING sha",
            (self._app_id, oldest, RULES_PATH),
        ).fetchall()
        self._db.executemany(
            "DELETE FROM blobs WHERE sha = ?1 AND NOT EXISTS (SELECT 1 FROM versions WHERE sha = ?1)",
            {row for row in gone if row[0] is not None},
        )
