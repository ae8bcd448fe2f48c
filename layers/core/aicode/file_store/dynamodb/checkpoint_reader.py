"""Reads the commits of whole checkpoints from the DynamoDB table, and hardly any others."""

from collections.abc import Iterable
from itertools import islice

from aicode.file_store.checkpoints import CommitRecord
from aicode.file_store.dynamodb.items import COMMIT_FIELDS, AppItems
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.dynamodb.writes import commit_key, turn_key

# So many commits to a request. Most are the last of their checkpoint or belong to one that is told anyway.
_AT_ONCE = 100
_MORE_THAN_ASKED = 20


class CheckpointReader:
    """The commits of one app after its revision `oldest`, as they were at its revision `latest`. Blocking."""

    def __init__(self, table: Table, app_id: str, oldest: int, latest: int) -> None:
        self._table = table
        self._items = AppItems(table)
        self._app_id = app_id
        self._oldest = oldest
        self._latest = latest

    def commits(self, after: int, before: int, limit: int | None) -> list[CommitRecord]:
        """All commits of the newest checkpoints that end between two revisions, the first commit first."""
        after, end = max(after, self._oldest), min(before - 1, self._latest)
        if end <= after or limit == 0:
            return []
        size = _AT_ONCE if limit is None else min(_AT_ONCE, limit + _MORE_THAN_ASKED)
        start, last = commit_key(after + 1), commit_key(end)
        items = self._table.query(f"APP#{self._app_id}", start, last, only=COMMIT_FIELDS, backwards=size)
        read: dict[int, CommitRecord] = {}
        turns: dict[tuple[object, ...], set[int]] = {}
        told: set[int] = set()
        ended = 0
        while ended != limit and (page := [self._items.commit_of(item) for item in islice(items, size)]):
            read |= {commit.revision: commit for commit in page}
            turns |= self._turns(commit for commit in page if commit.checkpoint not in turns)
            for commit in page:
                # A turn of an earlier version of this program has no list of its revisions.
                revisions = turns.setdefault(commit.checkpoint, {commit.revision})
                if commit.revision not in revisions:
                    told.add(commit.revision)
                elif commit.revision == max(revisions) and ended != limit:
                    told |= revisions
                    ended += 1
        read |= self._named(told - read.keys())
        return [read[revision] for revision in sorted(told)]

    def _turns(self, commits: Iterable[CommitRecord]) -> dict[tuple[object, ...], set[int]]:
        """The revisions of the turns that made these commits."""
        keys = {
            turn_key(self._app_id, commit.session_id, commit.turn_id): commit.checkpoint
            for commit in commits
            if commit.session_id is not None and commit.turn_id is not None
        }
        found = self._table.get(keys)
        return {
            keys[key]: {int(each) for each in item["revs"] if self._oldest < each <= self._latest}
            for key, item in found.items()
        }

    def _named(self, revisions: Iterable[int]) -> dict[int, CommitRecord]:
        found = self._table.get((f"APP#{self._app_id}", commit_key(revision)) for revision in revisions)
        commits = [self._items.commit_of(item) for item in found.values()]
        return {commit.revision: commit for commit in commits}
