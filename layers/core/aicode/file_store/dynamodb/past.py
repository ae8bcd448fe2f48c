"""The past of an app in the DynamoDB table: its versions, and what has to be looked at to forget some."""

from collections.abc import Generator, Mapping, Sequence

from aicode.api_types import Checkpoint
from aicode.file_store.checkpoints import group_checkpoints
from aicode.file_store.dynamodb.checkpoint_reader import CheckpointReader
from aicode.file_store.dynamodb.items import AppItems, Head
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.dynamodb.writes import commit_key, turn_key
from aicode.file_store.plan import Row
from aicode.file_store.store import TurnRef


class DynamoPast:
    """What an app keeps as it stands. Blocking."""

    def __init__(self, table: Table, app_id: str, head: Head) -> None:
        self._table = table
        self._items = AppItems(table)
        self._app_id = app_id
        self._head = head

    def newest_checkpoints(self, limit: int) -> Sequence[Checkpoint]:
        """So many checkpoints, the newest first."""
        latest = self._head.revision
        reader = CheckpointReader(self._table, self._app_id, self._head.kept.oldest, latest)
        return group_checkpoints(reader.commits(0, latest + 1, limit))

    def base_of(self, turn: TurnRef) -> int | None:
        """The revision before the first one that a turn made, None if it made none that is kept."""
        key, oldest = turn_key(self._app_id, turn.session_id, turn.turn_id), self._head.kept.oldest
        made = self._table.get([key]).get(key, {}).get("revs", ())
        return min((int(revision) - 1 for revision in made if revision > oldest), default=None)

    def rows_at(self, revision: int) -> Mapping[str, Row]:
        """Every path at a revision, tombstones included."""
        return self._items.rows_at(self._app_id, revision)

    def rows_after(self, revision: int) -> Generator[tuple[int, Sequence[Row]]]:
        """Each later revision with the rows that it made, the first one first; read as far as it is used."""
        start, end = commit_key(revision + 1), commit_key(self._head.revision)
        if start <= end:
            for item in self._table.query(f"APP#{self._app_id}", start, end, only=("rev", "rows", "rows_s3")):
                yield int(item["rev"]), self._items.rows_of(item, "rows")

    def row(self, path: str, version: int | None) -> Row | None:
        """A path's row at its latest version unless another is named; None if there is no such version."""
        row = self._head.rows.get(path)
        if row is None or version is None or version == row.version:
            return row
        if row.accepted and version == row.accepted.version:
            return row.accepted
        return self._earlier(path, version)

    def _earlier(self, path: str, version: int) -> Row | None:
        """The row is found by bisection: versions grow with the app's revisions."""
        low, high = self._head.kept.oldest, self._head.revision
        first = self.rows_at(low).get(path)
        if first and first.version >= version:
            return first if first.version == version else None
        while high - low > 1:
            middle = (low + high) // 2
            row = self.rows_at(middle).get(path)
            low, high = (low, middle) if row and row.version >= version else (middle, high)
        made = self._items.rows_made(self._app_id, high)
        return next((row for row in made if (row.path, row.version) == (path, version)), None)
