"""Round trips and time of each file tool and of commits, on both stores: `python -m bench.file_store`.

A round trip is a request to DynamoDB or S3, or a transaction of SQLite. DynamoDB and S3 are moto's, in this
process, so that their times tell little of AWS and much of how the work grows.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types

from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, FileStore, Put, TurnRef
from chat.agent.tools.files import file_tools
from chat.agent.tools.workspace import Workspace
from tests.file_store.cloud import cloud

VENDOR, APP, TURN = "alice", "app", TurnRef("session", 1, 1)
TEXT = "".join(f"export const value{n} = {n};\n" for n in range(100))
_boto3: Any = boto3


@dataclass(slots=True)
class Counted:
    """A store, and how often it has gone to its database so far."""

    store: FileStore
    trips: int = 0


class CountingStore:
    """Counts calls: each is one transaction of SQLite."""

    def __init__(self, store: FileStore, counted: Callable[[], None]) -> None:
        self._store = store
        self._counted = counted

    def __getattr__(self, name: str) -> Any:
        self._counted()
        return getattr(self._store, name)


@contextmanager
def sqlite() -> Generator[Counted]:
    """SQLite in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteFileStore(Path(folder) / "apps.sqlite3")
        counted = Counted(store)

        def count() -> None:
            counted.trips += 1

        counted.store = cast("FileStore", CountingStore(store, count))
        yield counted
        store.close()


@contextmanager
def dynamodb() -> Generator[Counted]:
    """DynamoDB and S3 in memory."""
    with cloud():
        session = _boto3.Session()
        counted = Counted(DynamoFileStore(Table("apps", "files", None, session)))

        def count(**_: object) -> None:
            counted.trips += 1

        session.events.register_first("before-send", count)
        yield counted


class Figures:
    """Trips and milliseconds by what was done."""

    def __init__(self, counted: Counted) -> None:
        self.rows: dict[str, tuple[int, float]] = {}
        self._counted = counted

    async def measure(self, what: str, work: Callable[[], Awaitable[object]]) -> None:
        """Does it once and notes what it took."""
        trips, began = self._counted.trips, time.perf_counter()
        await work()
        self.rows[what] = (self._counted.trips - trips, (time.perf_counter() - began) * 1000)


async def figures(make: Callable[[], AbstractContextManager[Counted]]) -> dict[str, tuple[int, float]]:
    """All figures of one store."""
    with make() as counted:
        store, noted = counted.store, Figures(counted)
        await store.create_app(VENDOR, "App", app_id=APP)
        await store.commit(VENDOR, APP, Commit(changes=_files("src", 20), author="vendor", message=""))
        await _tools(store, noted)
        for files in (1, 40):
            changes = _files(f"new-{files}", files)
            commit = Commit(changes=changes, author="ai", message="", turn=TURN, key=f"key-{files}")
            await noted.measure(
                f"commit of {files} new, in a turn", lambda c=commit: store.commit(VENDOR, APP, c)
            )
        large = random.Random(1).randbytes(200_000).hex()  # noqa: S311 - the same text in every run
        commit = Commit(changes=[Put("large.txt", large, 0)], author="vendor", message="")
        await noted.measure("save of 400 KB that hardly compress", lambda: store.commit(VENDOR, APP, commit))
        for files in (20, 2_000):
            await _app_of(store, noted, files)
        return noted.rows


async def _tools(store: FileStore, noted: Figures) -> None:
    workspace = Workspace(store, VENDOR, APP, {})
    tools = {tool.name: tool for tool in file_tools(workspace)}
    calls: dict[str, dict[str, object]] = {
        "list_files": {},
        "read_file": {"path": "src/1.ts"},
        "search_files": {"pattern": "value7"},
        "create_file": {"path": "src/a.ts", "content": TEXT},
        "edit_file": {"path": "src/2.ts", "edits": [{"old": "value7 = 7", "new": "value7 = 8"}]},
        "rename_file": {"path": "src/3.ts", "new_path": "src/b.ts"},
        "delete_file": {"path": "src/4.ts"},
    }
    for name, arguments in calls.items():
        await noted.measure(name, lambda n=name, a=arguments: tools[n].call(a, n))
    await noted.measure("saving that batch of four", lambda: workspace.commit(TURN, "batch", "Change"))


async def _app_of(store: FileStore, noted: Figures, files: int) -> None:
    app = f"app-{files}"
    await store.create_app(VENDOR, "App", app_id=app)
    first = await store.commit(
        VENDOR, app, Commit(changes=_files("src/components", files), author="vendor", message="")
    )
    changes = [Put(change.path, "", change.version) for change in first.changes]
    await store.commit(VENDOR, app, Commit(changes=changes, author="vendor", message=""))
    await noted.measure(f"list of {files:,} files", lambda: store.list_files(VENDOR, app))
    await noted.measure(f"restore of {files:,} files", lambda: store.restore(VENDOR, app, 1))


def _files(folder: str, number: int) -> list[Put]:
    return [Put(f"{folder}/{n}.ts", f"// {folder} {n}\n{TEXT}", 0) for n in range(number)]


async def table() -> str:
    """The figures as Markdown."""
    local, aws = await figures(sqlite), await figures(dynamodb)
    rows = [
        "| what | SQLite, transactions | ms | DynamoDB and S3, requests | ms with moto |",
        "| --- | --- | --- | --- | --- |",
    ]
    for what, (trips, ms) in local.items():
        rows.append(f"| {what} | {trips} | {ms:.1f} | {aws[what][0]} | {aws[what][1]:.0f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(asyncio.run(table()))
