"""Whatever is done to an app, it is what a dictionary of versions says it is."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import NamedTuple

from cloud import Cloud
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from aicode.api_types import FileDiff
from aicode.errors import NotFound, PathConflict, TooLarge, VersionConflict
from aicode.file_store.dynamodb.store import SAFE_AGE_MS, DynamoFileStore
from aicode.file_store.limits import Limits
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Change, Commit, FileStore, Move, Put, Remove, TurnRef
from aicode.file_store.tree import Tree
from aicode.media import UNKNOWN
from tests.file_store.binaries import EVERY_BYTE, LOGO

VENDOR, APP = "alice", "app"


class Content(NamedTuple):
    """What a file holds; a text has no media type."""

    data: bytes
    media_type: str = ""


PATHS = st.sampled_from(["a", "A", "a/b", "b", "b/c", "B/d"])
CONTENTS = st.sampled_from(
    [
        *map(Content, (b"", b"1", b"1\n2\n", b"1\n2\n3\n", b"x\ny", b"a\n" * 400, b"b\n" * 500)),
        *(Content(LOGO, "image/png"), Content(EVERY_BYTE * 3, UNKNOWN)),
        # The same bytes as the text.
        Content(b"1\n2\n", "application/x-data"),
    ]
)
TURNS = st.sampled_from([None, None, None, TurnRef("s", 1, 1), TurnRef("s", 2, 1)])
LIMITS = Limits(history_bytes=5_500, checkpoints=3)
OFFSETS = st.sampled_from([0, 0, 0, 0, 1, -1])

Model = dict[str, list[Content | None]]
"""The versions of each path, from 1 on; None where it is no file."""


@dataclass(frozen=True)
class Revision:
    """What a revision takes, `records` without contents, and the contents that it `made` and `shows`."""

    turn: TurnRef | None = None
    size: int = 0
    records: int = 0
    made: frozenset[bytes] = frozenset()
    shows: frozenset[bytes] = frozenset()

    @property
    def live(self) -> int:
        return sum(map(len, self.shows))


@dataclass(frozen=True)
class Past:
    """The revisions of an app, the empty one first, and the oldest that is kept."""

    revisions: tuple[Revision, ...] = (Revision(),)
    oldest: int = 0

    def taken(self, oldest: int) -> int:
        return self.revisions[oldest].live + sum(made.size for made in self.revisions[oldest + 1 :])

    def stored(self) -> int:
        """As `taken`, with each content once, however often it comes back."""
        later = self.revisions[self.oldest + 1 :]
        contents = self.revisions[self.oldest].shows.union(*(revision.made for revision in later))
        return sum(revision.records for revision in later) + sum(map(len, contents))

    def checkpoints(self) -> list[tuple[int, int]]:
        """Base and last revision of each, the newest first."""
        groups: dict[object, list[int]] = {}
        for number, made in list(enumerate(self.revisions))[self.oldest + 1 :]:
            groups.setdefault(made.turn or number, []).append(number)
        spans = [(numbers[0] - 1, numbers[-1]) for numbers in groups.values()]
        return sorted(spans, key=lambda span: -span[1])

    def after(self, made: Revision) -> "Past | None":
        """With one revision more; None if that has to be refused."""
        past = Past((*self.revisions, made), self.oldest)
        if past.taken(past.oldest) <= LIMITS.history_bytes:
            return past
        end = min(base for base, _ in past.checkpoints()[: LIMITS.checkpoints])
        enough = (n for n in range(past.oldest, end) if past.taken(n) <= LIMITS.history_bytes * 0.99)
        past = replace(past, oldest=next(enough, end))
        most = LIMITS.history_bytes
        return past if past.taken(past.oldest) <= most or past.stored() <= most else None


class AnApp(RuleBasedStateMachine):
    """Commits, right and wrong ones, beside a model of what they should do."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store, self.close = self.open()
        self.versions: Model = {}
        self.states: list[dict[str, Content]] = [{}]
        self.counts: list[dict[str, int]] = [{}]
        self.past = Past()

    def open(self) -> tuple[FileStore, Callable[[], object]]:
        raise NotImplementedError

    def teardown(self) -> None:
        self.close()
        self.runner.close()

    @initialize()
    def create(self) -> None:
        self.runner.run(self.store.create_app(VENDOR, "App", app_id=APP))

    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        changes: list[Change] = []
        versions: Model | None = self.versions
        for _ in range(data.draw(st.integers(1, 4))):
            change = self._draw(data, versions or self.versions)
            changes.append(change)
            versions = _applied(versions, change) if versions is not None else None
        self._commit(changes, versions, data.draw(TURNS))

    @rule(sizes=st.lists(st.integers(1, 1_500), min_size=1, max_size=3), turn=TURNS)
    def save(self, sizes: list[int], turn: TurnRef | None) -> None:
        """Fills the app's past: each save is another content of a file that nothing else changes."""
        for size in sizes:
            version = len(self.versions.get("saved", ())) if "saved" in self.states[-1] else 0
            change = Put("saved", f"{len(self.states):0{size}}", version)
            self._commit([change], _applied(self.versions, change), turn)

    def _commit(self, changes: list[Change], versions: Model | None, turn: TurnRef | None) -> None:
        try:
            commit = Commit(changes=changes, author="vendor", message="", turn=turn)
            result = self.runner.run(self.store.commit(VENDOR, APP, commit))
        except (VersionConflict, PathConflict):
            assert versions is None
            return
        except TooLarge:
            assert versions is not None
            assert self.past.after(self._revision(versions, turn)) is None
            return
        assert versions is not None
        if result.changes:
            self._made(versions, turn)
        assert result.revision == len(self.states) - 1

    def _revision(self, versions: Model, turn: TurnRef | None) -> Revision:
        new = [past[len(self.versions.get(path, ())) :] for path, past in versions.items()]
        made = frozenset(each.data for contents in new for each in contents if each)
        before, after = (
            frozenset(each.data for each in files.values()) for files in (self.states[-1], _files(versions))
        )
        records = 1_000 + 64 * len(versions)
        return Revision(turn, records + sum(map(len, made - before)), records, made, after)

    def _made(self, versions: Model, turn: TurnRef | None) -> None:
        past = self.past.after(self._revision(versions, turn))
        assert past is not None
        self.past, self.versions = past, versions
        self.states.append(_files(versions))
        self.counts.append({path: len(texts) for path, texts in versions.items()})

    def _draw(self, data: st.DataObject, versions: Model) -> Change:
        path = data.draw(PATHS)
        base = max(0, (len(versions[path]) if path in _files(versions) else 0) + data.draw(OFFSETS))
        kind = data.draw(st.sampled_from([Put, Put, Remove, Move]))
        if kind is Put:
            content = data.draw(CONTENTS)
            return Put(path, content.data, base, media_type=content.media_type)
        if kind is Move:
            return Move(path, data.draw(PATHS.filter(lambda new: new != path)), base)
        return Remove(path, base)

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        revision = data.draw(st.integers(0, len(self.states) - 1))
        versions = {path: list(texts) for path, texts in self.versions.items()}
        for path in self.states[revision].keys() | self.states[-1].keys():
            if self.states[revision].get(path) != self.states[-1].get(path):
                versions[path].append(self.states[revision].get(path))
        try:
            result = self.runner.run(self.store.restore(VENDOR, APP, revision))
        except NotFound:
            assert revision < self.past.oldest
            return
        except TooLarge:
            assert self.past.after(self._revision(versions, None)) is None
            return
        assert revision >= self.past.oldest
        assert {change.path: change.version for change in result.changes} == {
            path: len(texts) for path, texts in versions.items() if texts != self.versions[path]
        }
        if result.changes:
            self._made(versions, None)
        assert result.revision == len(self.states) - 1

    @rule(data=st.data())
    def diff(self, data: st.DataObject) -> None:
        start, end = (data.draw(st.integers(0, len(self.states) - 1)) for _ in range(2))
        try:
            diffs = self.runner.run(self._differences(start, end))
        except NotFound:
            assert min(start, end) < self.past.oldest
            return
        before, after = self.states[start], self.states[end]
        differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        assert [diff["path"] for diff in diffs] == sorted(differing)
        for diff in diffs:
            sides = [state.get(diff["path"], Content(b"")) for state in (before, after)]
            told = [diff.get("sizeBefore"), diff.get("sizeAfter")]
            is_binary = any(side.media_type for side in sides)
            assert told == ([len(side.data) for side in sides] if is_binary else [None, None])

    async def _differences(self, start: int, end: int) -> list[FileDiff]:
        return [diff async for diff in await self.store.diff(VENDOR, APP, start, end)]

    @rule(path=PATHS, version=st.integers(1, 8))
    def read(self, path: str, version: int) -> None:
        expected = self._kept(path, version)
        try:
            file = self.runner.run(self.store.read_raw(VENDOR, APP, path, version))
            found = Content(file.data, file.info.get("mediaType", ""))
        except NotFound:
            found = None
        assert found == expected

    def _kept(self, path: str, version: int) -> Content | None:
        """The content of a version, None if it is no file, or shown by no revision that is kept."""
        texts = self.versions.get(path, [])
        shown = self.counts[self.past.oldest].get(path, 0) <= version <= len(texts)
        return texts[version - 1] if shown else None

    @rule()
    def sweep(self) -> None:
        self.runner.run(self.store.collect_garbage())

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        if APP not in [app["appId"] for app in self.runner.run(self.store.list_apps(VENDOR))]:
            return
        listing = self.runner.run(self.store.list_files(VENDOR, APP))
        told = {
            file["path"]: (file["version"], file["size"], file.get("mediaType", "")) for file in listing.files
        }
        assert told == {
            path: (len(self.versions[path]), len(content.data), content.media_type)
            for path, content in _files(self.versions).items()
        }
        assert listing.revision == len(self.states) - 1
        checkpoints = self.runner.run(self.store.checkpoints(VENDOR, APP))
        told = [(checkpoint["baseRevision"], checkpoint["revision"]) for checkpoint in checkpoints]
        assert told == self.past.checkpoints()


def _files(versions: Model) -> dict[str, Content]:
    return {path: texts[-1] for path, texts in versions.items() if texts[-1] is not None}


def _applied(versions: Model, change: Change) -> Model | None:
    """The versions after a change, or None where it must be refused."""
    after = {path: list(texts) for path, texts in versions.items()}
    files = _files(versions)
    version = len(versions[change.path]) if change.path in files else 0
    if change.base_version != version or (not version and not isinstance(change, Put)):
        return None
    match change:
        case Put(path, data):
            content = Content(data if isinstance(data, bytes) else data.encode(), change.media_type)
            if files.get(path) == content:
                return versions
            if path not in files and Tree(files).conflict(path):
                return None
            after.setdefault(path, []).append(content)
        case Remove(path):
            after[path].append(None)
        case Move(path, new_path):
            content = files.pop(path)
            if Tree(files).conflict(new_path):
                return None
            after[path].append(None)
            moved = after.setdefault(new_path, [])
            # Its version follows the one it had, so numbers in between stand for no file.
            moved += [None] * (version - len(moved)) + [content]
    return after


class ASqliteApp(AnApp):
    def open(self) -> tuple[FileStore, Callable[[], object]]:
        folder = tempfile.TemporaryDirectory()
        store = SqliteFileStore(Path(folder.name) / "apps.sqlite3", limits=LIMITS)

        def close() -> None:
            store.close()
            folder.cleanup()

        return store, close


# More of them with the command that simulates more: `make simulate`.
EXAMPLES = 40 if "SEEDS" in os.environ else 5


def run(machine: type[AnApp], examples: int) -> None:
    """So many random sequences."""
    limits = settings(max_examples=examples, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(machine, settings=limits)  # pyright: ignore[reportUnknownMemberType]


def test_an_app_in_sqlite_is_right_whatever_is_done_to_it():
    run(ASqliteApp, EXAMPLES * 4)


def test_an_app_in_dynamodb_is_right_whatever_is_done_to_it(aws: Cloud):
    class ADynamoApp(AnApp):
        def open(self) -> tuple[FileStore, Callable[[], object]]:
            # Days pass between any two calls, so that a sweep spares nothing for being young.
            days = count(time.time_ns() // 1_000_000, 2 * SAFE_AGE_MS)
            return DynamoFileStore(aws.table, limits=LIMITS, now=days.__next__), aws.empty

    run(ADynamoApp, EXAMPLES)
