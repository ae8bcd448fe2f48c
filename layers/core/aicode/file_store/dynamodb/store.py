"""The file store in AWS: one DynamoDB table, and S3 for large values."""

import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Collection, Generator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from aicode.api_types import App, Checkpoint, File, FileDiff, FileInfo
from aicode.errors import NotFound, StoreUnavailable
from aicode.file_store.checkpoints import (
    expect_revision,
    group_checkpoints,
    restore_message,
    restore_target,
)
from aicode.file_store.dynamodb.checkpoint_reader import CheckpointReader
from aicode.file_store.dynamodb.file_reader import FileReader
from aicode.file_store.dynamodb.items import AppItems, Head, as_app, kept_of
from aicode.file_store.dynamodb.past import DynamoPast
from aicode.file_store.dynamodb.table import Contended, Table
from aicode.file_store.dynamodb.vendor_items import VendorItems
from aicode.file_store.file_info import info_of, present
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
from aicode.file_store.retention import Kept, kept_after
from aicode.file_store.revision_diff import compare
from aicode.file_store.store import (
    RULES_PATH,
    Commit,
    Committed,
    Document,
    History,
    Listing,
    RawFile,
    Rules,
    TurnRef,
)

ATTEMPTS = 30
SAFE_AGE_MS = 24 * 3_600_000


class DynamoFileStore:
    """A FileStore in a table and a bucket; calls run in threads.

    A commit writes contents first, then in one transaction all that refers to them, so a crash in between
    leaves only contents that nobody sees. Writers that get in each other's way retry, ATTEMPTS times at most.
    """

    def __init__(
        self,
        table: Table,
        *,
        limits: Limits | None = None,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._items = AppItems(table)
        self._reader = FileReader(table)
        self._vendors = VendorItems(table)
        self._limits = limits or Limits()
        self._now = now
        self._new_id = new_id
        self._sleep = sleep

    @in_thread
    def create_app(self, vendor: str, name: str, *, app_id: str | None = None) -> App:
        """A new, empty app; if the vendor has an app with this id already, that app unchanged."""
        now = self._now()
        app = App(appId=app_id or self._new_id(), name=name, createdAt=now, updatedAt=now)
        for _ in self._tries():
            try:
                self._vendors.create(vendor, app, self._limits.apps)
            except Contended:
                if self._items.exists(app["appId"]):
                    return as_app(app["appId"], self._items.meta(vendor, app["appId"]))
                if self._vendors.note_ids(vendor) >= self._limits.apps:
                    raise too_many_apps(self._limits) from None
                continue
            return app
        raise _busy()

    @in_thread
    def list_apps(self, vendor: str) -> list[App]:
        """The vendor's apps, the latest changed first."""
        apps = self._vendors.of_vendor(vendor)
        return sorted(apps, key=lambda app: (-app["updatedAt"], -app["createdAt"], app["appId"]))

    @in_thread
    def rename_app(self, vendor: str, app_id: str, name: str) -> App:
        """The app with another name."""
        for _ in self._tries():
            meta = self._items.meta(vendor, app_id)
            try:
                return self._items.rename(app_id, meta, name)
            except Contended:
                continue
        raise _busy()

    @in_thread
    def owns(self, vendor: str, app_id: str) -> bool:
        """True if the app exists and belongs to the vendor."""
        try:
            self._items.meta(vendor, app_id)
        except NotFound:
            return False
        return True

    @in_thread
    def delete_app(self, vendor: str, app_id: str) -> None:
        """Removes the app for every reader at once, then deletes all its data."""
        for _ in self._tries():
            self._items.meta(vendor, app_id)
            try:
                self._vendors.delete(vendor, app_id)
            except Contended:
                self._vendors.note_ids(vendor)
                continue
            break
        else:
            raise _busy()
        self._items.sweep(app_id)
        self._vendors.forget(vendor)

    @in_thread
    def collect_garbage(
        self, enough: Callable[[], bool] = lambda: False, partitions: Collection[str] | None = None
    ) -> int:
        """Deletes contents that no version refers to, and what deleted apps left behind; returns how many.

        Spares what was written in the last day, because a commit may be about to refer to it. Goes through
        the apps in any order, and stops between two apps once `enough` returns True. `partitions` are the
        table's, which is asked for them if they are not given.
        """
        from aicode.file_store.dynamodb.deletion import collect  # noqa: PLC0415 - only the sweep needs it

        if partitions is None:
            partitions = self._table.partitions()
        return collect(self._table, partitions, before=self._now() - SAFE_AGE_MS, enough=enough)

    @in_thread
    def list_files(self, vendor: str, app_id: str) -> Listing:
        """Revision and files, in one request that reads no contents (two for a very long list)."""
        head = self._items.head(vendor, app_id)
        files = [info_of(row, blob) for row, blob in present(head.rows.values())]
        return Listing(head.revision, files, rules_of(head.rows.get(RULES_PATH)))

    @in_thread
    def read_file(self, vendor: str, app_id: str, path: str, version: int | None = None) -> File:
        """The file, or an earlier version of it. Raises NotFound, also for a deleted file."""
        return self._reader.texts(app_id, [self._reader.find(vendor, app_id, path, version)])[0]

    @in_thread
    def read_raw(self, vendor: str, app_id: str, path: str, version: int | None = None) -> RawFile:
        """The file and its bytes, or of an earlier version. Raises NotFound, also for a deleted file."""
        return self._reader.raw(app_id, [self._reader.find(vendor, app_id, path, version)])[0]

    @in_thread
    def read_files(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[File]:
        """Those of the named files that exist, each once, sorted by path. Up to 100 take two requests."""
        return self._reader.texts(app_id, self._reader.find_all(vendor, app_id, paths))

    @in_thread
    def read_raw_files(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[RawFile]:
        """Those of the named files that exist, each once with its bytes, sorted by path."""
        return self._reader.raw(app_id, self._reader.find_all(vendor, app_id, paths))

    @in_thread
    def files_at(self, vendor: str, app_id: str, revision: int) -> list[FileInfo]:
        """The files as they were at a revision, sorted by path. Takes two requests."""
        return [info_of(row, blob) for row, blob in self._reader.find_at(vendor, app_id, revision, None)]

    @in_thread
    def raw_files_at(
        self, vendor: str, app_id: str, revision: int, paths: Sequence[str] | None = None
    ) -> list[RawFile]:
        """The files as they were at a revision with their bytes, sorted by path."""
        return self._reader.raw(app_id, self._reader.find_at(vendor, app_id, revision, paths))

    @in_thread
    def read_document(self, vendor: str, app_id: str, name: str) -> Document | None:
        """The app's document of this name, None if there is none. Takes one request."""
        return self._items.document(vendor, app_id, name)

    @in_thread
    def write_document(
        self, vendor: str, app_id: str, name: str, value: Mapping[str, Any], *, version: int
    ) -> int | None:
        """Writes the document in place of its `version`; None if it is at another one."""
        for _ in self._tries():
            known = self._items.document(vendor, app_id, name)
            if version != (known.version if known else 0):
                return None
            try:
                self._items.store_document(vendor, app_id, name, Document(value, version + 1))
            except Contended:
                continue
            return version + 1
        raise _busy()

    @in_thread
    def read_rules(self, vendor: str, app_id: str) -> str:
        """The text that counts as rules, empty if there is none. Takes one request or two."""
        row = self._items.head(vendor, app_id).rows.get(RULES_PATH)
        counting = row.accepted.blob if row and row.accepted else None
        return self._items.contents(app_id, [counting.sha])[counting.sha].decode() if counting else ""

    @in_thread
    def accept_rules(self, vendor: str, app_id: str, version: int) -> Rules:
        """Makes the present version of the rules count."""
        for _ in self._tries():
            head = self._items.head(vendor, app_id)
            present = head.rows.get(RULES_PATH)
            try:
                row = accepted_row(present, version)
                if row != present:
                    self._items.store_accepted(app_id, head, row)
            except StaleVersion as stale:
                raise self._reader.conflict(app_id, head, stale.path) from None
            except Contended:
                continue
            return rules_of(row)
        raise _busy()

    @in_thread
    def commit(self, vendor: str, app_id: str, commit: Commit) -> Committed:
        """Applies all changes, one after another, as one revision; makes none if nothing would change."""
        prepared = prepare(commit.changes)
        for attempt in self._tries():
            (head, result), now = self._items.before(vendor, app_id, commit), self._now()
            if result is not None:
                return result
            try:
                plan = plan_commit(head.rows.values(), prepared, now=now, by_vendor=commit.author == "vendor")
            except StaleVersion as stale:
                raise self._reader.conflict(app_id, head, stale.path) from None
            plan = counted(plan, prepared.reader(partial(self._items.contents, app_id)))
            kept = self._kept(app_id, head, plan, commit)
            try:
                if plan.changes and attempt == 0:
                    self._items.store_contents(app_id, prepared.contents, now)
                return self._items.store_commit(app_id, head, plan, commit, kept, now)
            except Contended:
                continue
        raise _busy()

    @in_thread
    def raise_fence(self, vendor: str, app_id: str, turn: TurnRef) -> None:
        """From now on commits of the session with a lower epoch are refused."""
        for _ in self._tries():
            meta = self._items.meta(vendor, app_id)
            self._items.expect_unfenced(app_id, turn)
            try:
                self._items.raise_fence(app_id, meta, turn)
            except Contended:
                continue
            return
        raise _busy()

    @in_thread
    def stored(self, vendor: str, app_id: str, key: str) -> Committed | None:
        """The result of the commit with this idempotency key, None if there was no such commit."""
        self._items.meta(vendor, app_id)
        return self._items.result(app_id, key)

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
        meta = self._items.meta(vendor, app_id)
        latest = int(meta["rev"])
        reader = CheckpointReader(self._table, app_id, kept_of(meta).oldest, latest)
        return group_checkpoints(reader.commits(after, latest + 1 if before is None else before, limit))

    @in_thread
    def history(self, vendor: str, app_id: str, *, after: int = 0) -> History:
        """What became of the app's files after a revision, or after the oldest that is kept."""
        head = self._items.head(vendor, app_id)
        past = DynamoPast(self._table, app_id, head)
        start = min(max(after, head.kept.oldest), head.revision)
        reader = CheckpointReader(self._table, app_id, head.kept.oldest, head.revision)
        checkpoints = group_checkpoints(reader.commits(start, head.revision + 1, None))
        return make_history(start, past.rows_at(start).values(), past.rows_after(start), checkpoints)

    @in_thread
    def read_contents(self, vendor: str, app_id: str, shas: Collection[str]) -> dict[str, bytes]:
        """Contents of the app by SHA-256, a hundred to a request."""
        self._items.meta(vendor, app_id)
        return self._items.contents(app_id, shas)

    async def diff(self, vendor: str, app_id: str, start: int, end: int) -> AsyncIterator[FileDiff]:
        """The diffs between two revisions (0 = the empty app), sorted by path."""
        before, after = await self._states(vendor, app_id, start, end)
        return compare(before, after, partial(self._contents, app_id))

    @in_thread
    def _states(self, vendor: str, app_id: str, *revisions: int) -> list[dict[str, Row]]:
        meta = self._items.meta(vendor, app_id)
        for revision in revisions:
            expect_revision(revision, kept_of(meta).oldest, int(meta["rev"]))
        return [self._items.rows_at(app_id, revision) for revision in revisions]

    @in_thread
    def _contents(self, app_id: str, shas: Iterable[str]) -> dict[str, bytes]:
        return self._items.contents(app_id, shas)

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
        commit = Commit(changes=(), author="vendor", message=restore_message(revision))
        for _ in self._tries():
            head, now = self._items.head(vendor, app_id), self._now()
            expect_revision(revision, head.kept.oldest, head.revision)
            rows = head.rows.values()
            past = self._items.rows_at(app_id, revision)
            later = [] if named is None else self._items.commits_after(app_id, revision)
            try:
                target = restore_target(rows, past, later, named, force=force)
            except StaleVersion as stale:
                raise self._reader.conflict(app_id, head, stale.path) from None
            plan = counted(plan_restore(rows, target, past, now=now), partial(self._items.contents, app_id))
            kept = self._kept(app_id, head, plan, commit)
            try:
                return self._items.store_commit(app_id, head, plan, commit, kept, now)
            except Contended:
                continue
        raise _busy()

    def _kept(self, app_id: str, head: Head, plan: Plan, commit: Commit) -> Kept:
        if not plan.changes:
            return head.kept
        past, rows = DynamoPast(self._table, app_id, head), head.rows.values()
        return kept_after(head.kept, head.revision, rows, plan.rows, commit.turn, past, self._limits)

    def _tries(self) -> Generator[int]:
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(random.uniform(0, min(0.02 * 2**attempt, 0.5)))  # noqa: S311 - spreads writers, keeps no secret
            yield attempt


def _busy() -> StoreUnavailable:
    return StoreUnavailable("Too many changes to this app at once.", retry_after=1)
