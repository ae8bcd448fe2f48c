"""The file store on one machine: a SQLite database for several processes."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aicode.api_types import App, Checkpoint, File, FileDiff, FileInfo
from aicode.file_store.checkpoints import (
    CommitRecord,
    expect_revision,
    group_checkpoints,
    restore_message,
    restore_target,
)
from aicode.file_store.file_info import info_of
from aicode.file_store.history import make_history
from aicode.file_store.in_thread import in_thread
from aicode.file_store.limits import Limits, too_many_apps
from aicode.file_store.paths import named_path
from aicode.file_store.plan import (
    Plan,
    Row,
    StaleVersion,
    accepted_row,
    counted,
    plan_commit,
    plan_restore,
    rules_of,
)
from aicode.file_store.prepared import prepare
from aicode.file_store.retention import kept_after
from aicode.file_store.revision_diff import compare
from aicode.file_store.sqlite import contents, files, queries
from aicode.file_store.sqlite.past import SqlitePast
from aicode.file_store.sqlite.schema import Database
from aicode.file_store.store import Commit, Committed, Document, History, Listing, RawFile, Rules, TurnRef


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_app_id() -> str:
    return secrets.token_urlsafe(16)


class SqliteFileStore:
    """A FileStore in one database file, which is made when first used; several processes may share it.

    Each call is one transaction. Close it when done.
    """

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits | None = None,
        now: Callable[[], int] = _epoch_ms,
        new_id: Callable[[], str] = _new_app_id,
    ) -> None:
        self._database = Database(path)
        self._limits = limits or Limits()
        self._now = now
        self._new_id = new_id

    def close(self) -> None:
        """Closes the database; no call may be running."""
        self._database.close()

    @in_thread
    def create_app(self, vendor: str, name: str, *, app_id: str | None = None) -> App:
        """A new, empty app; if the vendor has an app with this id already, that app unchanged."""
        app_id, now = app_id or self._new_id(), self._now()
        with self._database.writing() as db:
            app = App(appId=app_id, name=name, createdAt=now, updatedAt=now)
            made = queries.create_app(db, vendor, app)
            queries.revision_of(db, vendor, app_id)
            apps = queries.apps_of(db, vendor)
            if made and len(apps) > self._limits.apps:
                raise too_many_apps(self._limits)
            return next(app for app in apps if app["appId"] == app_id)

    @in_thread
    def list_apps(self, vendor: str) -> list[App]:
        """The vendor's apps, the latest changed first."""
        with self._database.reading() as db:
            return queries.apps_of(db, vendor)

    @in_thread
    def rename_app(self, vendor: str, app_id: str, name: str) -> App:
        """The app with another name."""
        with self._database.writing() as db:
            return queries.rename_app(db, vendor, app_id, name)

    @in_thread
    def owns(self, vendor: str, app_id: str) -> bool:
        """True if the app exists and belongs to the vendor."""
        with self._database.reading() as db:
            return any(app["appId"] == app_id for app in queries.apps_of(db, vendor))

    @in_thread
    def delete_app(self, vendor: str, app_id: str) -> None:
        """Removes the app with its files, checkpoints and contents."""
        with self._database.writing() as db:
            queries.revision_of(db, vendor, app_id)
            queries.delete_app(db, app_id)
            contents.collect_garbage(db)

    @in_thread
    def collect_garbage(self) -> int:
        """Deletes contents that no version of any file refers to; returns how many."""
        with self._database.writing() as db:
            return contents.collect_garbage(db)

    @in_thread
    def list_files(self, vendor: str, app_id: str) -> Listing:
        """Revision and files, in one statement that reads no contents."""
        with self._database.reading() as db:
            return queries.listing(db, vendor, app_id)

    @in_thread
    def read_file(self, vendor: str, app_id: str, path: str, version: int | None = None) -> File:
        """The file, or an earlier version of it. Raises NotFound, also for a deleted file."""
        with self._database.reading() as db:
            return files.texts(db, [files.find(db, vendor, app_id, path, version)])[0]

    @in_thread
    def read_raw(self, vendor: str, app_id: str, path: str, version: int | None = None) -> RawFile:
        """The file and its bytes, or of an earlier version. Raises NotFound, also for a deleted file."""
        with self._database.reading() as db:
            return files.raw(db, [files.find(db, vendor, app_id, path, version)])[0]

    @in_thread
    def read_files(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[File]:
        """Those of the named files that exist, each once, sorted by path."""
        with self._database.reading() as db:
            return files.texts(db, files.find_all(db, vendor, app_id, paths))

    @in_thread
    def read_raw_files(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[RawFile]:
        """Those of the named files that exist, each once with its bytes, sorted by path."""
        with self._database.reading() as db:
            return files.raw(db, files.find_all(db, vendor, app_id, paths))

    @in_thread
    def files_at(self, vendor: str, app_id: str, revision: int) -> list[FileInfo]:
        """The files as they were at a revision, sorted by path."""
        with self._database.reading() as db:
            return [info_of(row, blob) for row, blob in files.find_at(db, vendor, app_id, revision, None)]

    @in_thread
    def raw_files_at(
        self, vendor: str, app_id: str, revision: int, paths: Sequence[str] | None = None
    ) -> list[RawFile]:
        """The files as they were at a revision with their bytes, sorted by path."""
        with self._database.reading() as db:
            return files.raw(db, files.find_at(db, vendor, app_id, revision, paths))

    @in_thread
    def read_document(self, vendor: str, app_id: str, name: str) -> Document | None:
        """The app's document of this name, None if there is none."""
        with self._database.reading() as db:
            queries.revision_of(db, vendor, app_id)
            return queries.document(db, app_id, name)

    @in_thread
    def write_document(
        self, vendor: str, app_id: str, name: str, value: Mapping[str, Any], *, version: int
    ) -> int | None:
        """Writes the document in place of its `version`; None if it is at another one."""
        with self._database.writing() as db:
            queries.revision_of(db, vendor, app_id)
            known = queries.document(db, app_id, name)
            if version != (known.version if known else 0):
                return None
            queries.store_document(db, app_id, name, Document(value, version + 1))
            return version + 1

    @in_thread
    def read_rules(self, vendor: str, app_id: str) -> str:
        """The text that counts as rules, empty if there is none."""
        with self._database.reading() as db:
            queries.revision_of(db, vendor, app_id)
            row = queries.rules_row(db, app_id)
            counting = row.accepted.blob if row and row.accepted else None
            return contents.read(db, [counting.sha])[counting.sha].decode() if counting else ""

    @in_thread
    def accept_rules(self, vendor: str, app_id: str, version: int) -> Rules:
        """Makes the present version of the rules count."""
        with self._database.writing() as db:
            queries.revision_of(db, vendor, app_id)
            try:
                row = accepted_row(queries.rules_row(db, app_id), version)
            except StaleVersion as stale:
                raise files.conflict(db, app_id, stale.path) from None
            queries.store_accepted(db, app_id, row)
            return rules_of(row)

    @in_thread
    def commit(self, vendor: str, app_id: str, commit: Commit) -> Committed:
        """Applies all changes, one after another, as one revision; makes none if nothing would change."""
        prepared = prepare(commit.changes)
        compressed = contents.compressed(prepared.contents)
        now = self._now()
        with self._database.writing() as db:
            revision = queries.revision_of(db, vendor, app_id)
            if commit.turn is not None:
                queries.raise_fence(db, app_id, commit.turn)
            if commit.key is not None and (result := queries.stored(db, app_id, commit.key)):
                return result
            rows = queries.current_rows(db, app_id)
            try:
                plan = plan_commit(rows, prepared, now=now, by_vendor=commit.author == "vendor")
            except StaleVersion as stale:
                raise files.conflict(db, app_id, stale.path) from None
            plan = counted(plan, prepared.reader(partial(contents.read, db)))
            contents.store(db, compressed if plan.changes else [])
            result = self._store(db, app_id, revision, rows, plan, commit, now)
            if commit.key is not None:
                queries.store_result(db, app_id, commit.key, result)
            return result

    @in_thread
    def raise_fence(self, vendor: str, app_id: str, turn: TurnRef) -> None:
        """From now on commits of the session with a lower epoch are refused."""
        with self._database.writing() as db:
            queries.revision_of(db, vendor, app_id)
            queries.raise_fence(db, app_id, turn)

    @in_thread
    def stored(self, vendor: str, app_id: str, key: str) -> Committed | None:
        """The result of the commit with this idempotency key, None if there was no such commit."""
        with self._database.reading() as db:
            queries.revision_of(db, vendor, app_id)
            return queries.stored(db, app_id, key)

    @in_thread
    def checkpoints(
        self,
        vendor: str,
        app_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[Checkpoint]:
        """The app's checkpoints, newest first; all commits of one turn are one checkpoint."""
        with self._database.reading() as db:
            latest = queries.revision_of(db, vendor, app_id)
            end = latest + 1 if before is None else before
            commits = queries.commits_of_checkpoints(db, app_id, after, end, limit)
        return group_checkpoints(commits)

    @in_thread
    def history(self, vendor: str, app_id: str, *, after: int = 0) -> History:
        """What became of the app's files after a revision, or after the oldest that is kept."""
        with self._database.reading() as db:
            latest = queries.revision_of(db, vendor, app_id)
            past = SqlitePast(db, app_id, latest)
            start = min(max(after, past.kept().oldest), latest)
            commits = queries.commits_of_checkpoints(db, app_id, start, latest + 1, None)
            rows = past.rows_at(start).values()
            return make_history(start, rows, past.rows_after(start), group_checkpoints(commits))

    @in_thread
    def read_contents(self, vendor: str, app_id: str, shas: Collection[str]) -> dict[str, bytes]:
        """Contents of the app by SHA-256."""
        with self._database.reading() as db:
            queries.revision_of(db, vendor, app_id)
            return contents.read(db, shas, of_app=app_id)

    async def diff(self, vendor: str, app_id: str, start: int, end: int) -> AsyncIterator[FileDiff]:
        """The diffs between two revisions (0 = the empty app), sorted by path."""
        before, after = await self._states(vendor, app_id, start, end)
        return compare(before, after, self._contents)

    @in_thread
    def _states(self, vendor: str, app_id: str, *revisions: int) -> list[dict[str, Row]]:
        with self._database.reading() as db:
            latest = queries.revision_of(db, vendor, app_id)
            for revision in revisions:
                expect_revision(revision, SqlitePast(db, app_id, latest).kept().oldest, latest)
            return [queries.rows_at(db, app_id, revision) for revision in revisions]

    @in_thread
    def _contents(self, shas: Collection[str]) -> dict[str, bytes]:
        with self._database.reading() as db:
            return contents.read(db, shas)

    @in_thread
    def restore(
        self,
        vendor: str,
        app_id: str,
        revision: int,
        *,
        paths: Sequence[str] | None = None,
        force: bool = False,
    ) -> Committed:
        """Brings files back to a revision, as a new revision; renamed files get their old names back."""
        named = None if paths is None else [named_path(path) for path in paths]
        now = self._now()
        with self._database.writing() as db:
            latest = queries.revision_of(db, vendor, app_id)
            expect_revision(revision, SqlitePast(db, app_id, latest).kept().oldest, latest)
            rows = queries.current_rows(db, app_id)
            past = queries.rows_at(db, app_id, revision)
            later = [] if named is None else queries.commits_after(db, app_id, revision)
            try:
                target = restore_target(rows, past, later, named, force=force)
            except StaleVersion as stale:
                raise files.conflict(db, app_id, stale.path) from None
            plan = counted(plan_restore(rows, target, past, now=now), partial(contents.read, db))
            commit = Commit(changes=(), author="vendor", message=restore_message(revision))
            return self._store(db, app_id, latest, rows, plan, commit, now)

    def _store(  # noqa: PLR0913, PLR0917 - the columns of a commit
        self,
        db: queries.Db,
        app_id: str,
        revision: int,
        rows: Collection[Row],
        plan: Plan,
        commit: Commit,
        now: int,
    ) -> Committed:
        if not plan.changes:
            return Committed(revision, plan.changes)
        past = SqlitePast(db, app_id, revision)
        kept = past.kept()
        after = kept_after(kept, revision, rows, plan.rows, commit.turn, past, self._limits)
        record = CommitRecord.of(commit, revision + 1, plan.changes, now)
        queries.store_plan(db, app_id, plan, record)
        past.keep(kept, after)
        return Committed(record.revision, plan.changes)
