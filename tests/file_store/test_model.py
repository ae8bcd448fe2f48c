"""Whatever is done to an app, it is what a dictionary of versions says it is."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

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
from aicode.errors import NotFound, PathConflict, VersionConflict
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Change, Commit, FileStore, Move, Put, Remove
from aicode.file_store.tree import Tree

VENDOR, APP = "alice", "app"
PATHS = st.sampled_from(["a", "A", "a/b", "b", "b/c", "B/d"])
TEXTS = st.sampled_from(["", "1", "1\n2\n", "1\n2\n3\n", "x\ny"])
OFFSETS = st.sampled_from([0, 0, 0, 0, 1, -1])

Model = dict[str, list[str | None]]
"""The versions of each path, from 1 on; None where it is no file."""


class AnApp(RuleBasedStateMachine):
    """Commits, right and wrong ones, beside a model of what they should do."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store, self.close = self.open()
        self.versions: Model = {}
        self.states: list[dict[str, str]] = [{}]

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
        try:
            commit = Commit(changes=changes, author="vendor", message="")
            result = self.runner.run(self.store.commit(VENDOR, APP, commit))
        except (VersionConflict, PathConflict):
            assert versions is None
            return
        assert versions is not None
        if result.changes:
            self.versions = versions
            self.states.append(_files(versions))
        assert result.revision == len(self.states) - 1

    def _draw(self, data: st.DataObject, versions: Model) -> Change:
        path = data.draw(PATHS)
        base = max(0, (len(versions[path]) if path in _files(versions) else 0) + data.draw(OFFSETS))
        kind = data.draw(st.sampled_from([Put, Put, Remove, Move]))
        if kind is Put:
            return Put(path, data.draw(TEXTS), base)
        if kind is Move:
            return Move(path, data.draw(PATHS.filter(lambda new: new != path)), base)
        return Remove(path, base)

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        revision = data.draw(st.integers(0, len(self.states) - 1))
        result = self.runner.run(self.store.restore(VENDOR, APP, revision))
        if not result.changes:
            assert self.states[revision] == self.states[-1]
            return
        for change in result.changes:
            content = self.states[revision].get(change.path)
            self.versions.setdefault(change.path, []).append(content)
            assert change.version == len(self.versions[change.path])
        self.states.append(dict(self.states[revision]))
        assert result.revision == len(self.states) - 1

    @rule(data=st.data())
    def diff(self, data: st.DataObject) -> None:
        start, end = (data.draw(st.integers(0, len(self.states) - 1)) for _ in range(2))
        diffs = self.runner.run(self._differences(start, end))
        before, after = self.states[start], self.states[end]
        differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        assert [diff["path"] for diff in diffs] == sorted(differing)

    async def _differences(self, start: int, end: int) -> list[FileDiff]:
        return [diff async for diff in await self.store.diff(VENDOR, APP, start, end)]

    @rule(path=PATHS, version=st.integers(1, 8))
    def read(self, path: str, version: int) -> None:
        versions = self.versions.get(path, [])
        expected = versions[version - 1] if version <= len(versions) else None
        try:
            found = self.runner.run(self.store.read_file(VENDOR, APP, path, version))["content"]
        except NotFound:
            found = None
        assert found == expected

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        if APP not in [app["appId"] for app in self.runner.run(self.store.list_apps(VENDOR))]:
            return
        listing = self.runner.run(self.store.list_files(VENDOR, APP))
        told = {file["path"]: (file["version"], file["size"]) for file in listing.files}
        files = _files(self.versions)
        assert told == {path: (len(self.versions[path]), len(text)) for path, text in files.items()}
        assert listing.revision == len(self.states) - 1
        checkpoints = self.runner.run(self.store.checkpoints(VENDOR, APP))
        assert [checkpoint["revision"] for checkpoint in checkpoints] == list(range(listing.revision, 0, -1))


def _files(versions: Model) -> dict[str, str]:
    return {path: texts[-1] for path, texts in versions.items() if texts[-1] is not None}


def _applied(versions: Model, change: Change) -> Model | None:
    """The versions after a change, or None where it must be refused."""
    after = {path: list(texts) for path, texts in versions.items()}
    files = _files(versions)
    version = len(versions[change.path]) if change.path in files else 0
    if change.base_version != version or (not version and not isinstance(change, Put)):
        return None
    match change:
        case Put(path, content):
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
        store = SqliteFileStore(Path(folder.name) / "apps.sqlite3")

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
            return DynamoFileStore(aws.table), aws.empty

    run(ADynamoApp, EXAMPLES)
