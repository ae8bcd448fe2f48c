"""What a vendor may have: so many apps, and so much of each app's past."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from cloud import Cloud

from aicode.errors import NotFound, TooLarge
from aicode.file_store.dynamodb.store import SAFE_AGE_MS, DynamoFileStore
from aicode.file_store.limits import Limits
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import (
    RULES_PATH,
    Change,
    Commit,
    Committed,
    FileStore,
    Move,
    Put,
    Remove,
    Rules,
    TurnRef,
)
from tests.file_store.texts import noise

VENDOR, APP = "alice", "app"
# A revision of one file takes 1,064 bytes and its content.
LIMITS = Limits(apps=3, history_bytes=10_000, checkpoints=3)
COUNTS = ("SELECT count(*) FROM commits", "SELECT count(*) FROM versions", "SELECT count(*) FROM blobs")

Open = Callable[[Limits], FileStore]


@pytest.fixture
def reopen_sqlite(database: Path) -> Iterator[Open]:
    stores: list[SqliteFileStore] = []

    def open_store(limits: Limits) -> FileStore:
        stores.append(SqliteFileStore(database, limits=limits))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


@pytest.fixture
def reopen_dynamodb(aws: Cloud, dynamodb_store: DynamoFileStore) -> Open:
    return lambda limits: DynamoFileStore(aws.table, limits=limits)


@pytest.fixture(params=["sqlite", "dynamodb"])
def reopen(request: pytest.FixtureRequest) -> Open:
    """Another process's store over the same data, with limits of its own."""
    return request.getfixturevalue(f"reopen_{request.param}")


@pytest.fixture
def uncount(request: pytest.FixtureRequest, reopen: Open) -> Callable[[], None]:
    """Takes away what earlier versions of the program did not write."""

    def in_sqlite() -> None:
        with sqlite3.connect(request.getfixturevalue("database")) as db:
            db.execute("UPDATE apps SET kept_bytes = 0, counted = 0")
        db.close()

    def in_dynamodb() -> None:
        table, key = request.getfixturevalue("aws").table, (f"APP#{APP}", "META")
        new = ("oldest", "kept", "counted")
        meta = {name: value for name, value in table.get([key])[key].items() if name not in new}
        table.put_all([meta])

    return in_dynamodb if "dynamodb" in request.node.name else in_sqlite


@pytest.fixture
def sweep(request: pytest.FixtureRequest, reopen: Open) -> Callable[[], Awaitable[int]]:
    """Deletes what nothing refers to, as if all of it were old."""
    if "dynamodb" in request.node.name:
        table = request.getfixturevalue("aws").table
        return DynamoFileStore(
            table, now=lambda: time.time_ns() // 1_000_000 + 2 * SAFE_AGE_MS
        ).collect_garbage
    return reopen(LIMITS).collect_garbage


@pytest.fixture
def small(reopen: Open) -> FileStore:
    return reopen(LIMITS)


@pytest.fixture
async def app(small: FileStore) -> str:
    return (await small.create_app(VENDOR, "App", app_id=APP))["appId"]


async def save(store: FileStore, *changes: Change, turn: TurnRef | None = None) -> Committed:
    commit = Commit(changes=changes, author="ai" if turn else "vendor", message="", turn=turn)
    return await store.commit(VENDOR, APP, commit)


async def save_versions(store: FileStore, first: int, last: int, size: int = 1_000) -> None:
    """Versions of the file `a`, each another content of this size."""
    for version in range(first, last + 1):
        await save(store, Put("a", f"{version:0{size}}", version - 1))


async def revisions(store: FileStore) -> list[int]:
    return [checkpoint["revision"] for checkpoint in await store.checkpoints(VENDOR, APP)]


# Apps


async def test_an_app_more_than_a_vendor_may_have_is_refused_until_one_is_deleted(small: FileStore):
    apps = [(await small.create_app(VENDOR, name, app_id=name))["appId"] for name in ("a", "b", "c")]
    with pytest.raises(TooLarge, match=r"You have 3 apps.*Delete one first"):
        await small.create_app(VENDOR, "d")

    assert (await small.create_app(VENDOR, "again", app_id="a"))["name"] == "a"
    await small.create_app("bob", "His")
    await small.delete_app(VENDOR, apps[1])
    with pytest.raises(NotFound):
        await small.delete_app(VENDOR, apps[1])
    await small.create_app(VENDOR, "d")
    with pytest.raises(TooLarge):
        await small.create_app(VENDOR, "e")
    assert len(await small.list_apps(VENDOR)) == 3


async def test_of_apps_made_at_once_no_more_than_allowed_are_made(reopen: Open):
    stores = [reopen(LIMITS), reopen(LIMITS)]
    results = await asyncio.gather(
        *(stores[n % 2].create_app(VENDOR, f"{n}") for n in range(8)), return_exceptions=True
    )

    assert len([result for result in results if isinstance(result, TooLarge)]) == 5
    assert len(await stores[0].list_apps(VENDOR)) == 3


async def test_apps_made_before_they_were_counted_count(aws: Cloud, dynamodb_store: DynamoFileStore):
    for app in ("a", "b", "c", "d"):
        await dynamodb_store.create_app(VENDOR, app, app_id=app)
    aws.table.delete_all([(f"VENDOR#{VENDOR}", "IDS")])
    small = DynamoFileStore(aws.table, limits=LIMITS)
    with pytest.raises(TooLarge):
        await small.create_app(VENDOR, "e")
    aws.table.delete_all([(f"VENDOR#{VENDOR}", "IDS")])
    await small.delete_app(VENDOR, "a")
    with pytest.raises(TooLarge):
        await small.create_app(VENDOR, "e")

    await small.delete_app(VENDOR, "b")
    await small.create_app(VENDOR, "e")
    with pytest.raises(TooLarge):
        await small.create_app(VENDOR, "f")


async def test_of_a_vendor_without_apps_nothing_is_kept(aws: Cloud, dynamodb_store: DynamoFileStore):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    await dynamodb_store.delete_app(VENDOR, APP)

    assert aws.items() == []


# The past of an app


async def test_an_app_whose_history_is_full_forgets_its_oldest_checkpoints(small: FileStore, app: str):
    await save_versions(small, 1, 20)

    kept = await small.checkpoints(VENDOR, APP)
    assert [checkpoint["revision"] for checkpoint in kept] == [20, 19, 18, 17]
    oldest = kept[-1]["baseRevision"]
    for call in (small.diff(VENDOR, APP, oldest - 1, 20), small.restore(VENDOR, APP, 1)):
        with pytest.raises(NotFound, match="no longer kept"):
            await call
    with pytest.raises(NotFound, match="no longer goes back to it"):
        await small.read_file(VENDOR, APP, "a", oldest - 1)
    assert (await small.read_file(VENDOR, APP, "a", oldest)).get("content") == f"{oldest:01000}"
    diffs = [diff async for diff in await small.diff(VENDOR, APP, oldest, 20)]
    assert [diff["path"] for diff in diffs] == ["a"]
    assert (await small.restore(VENDOR, APP, oldest, paths=["a"], force=True)).revision == 21
    assert (await small.read_file(VENDOR, APP, "a")).get("content") == f"{oldest:01000}"


async def test_the_newest_checkpoints_are_never_forgotten(small: FileStore, app: str):
    await save_versions(small, 1, 5, size=1_600)
    assert await revisions(small) == [5, 4, 3]
    with pytest.raises(TooLarge, match=r"newest 3 checkpoints.*new app") as caught:
        await save(small, Put("b", "b" * 2_500, 0))

    assert (caught.value.status, caught.value.code) == (413, "too_large")
    assert await revisions(small) == [5, 4, 3]
    assert (await small.list_files(VENDOR, APP)).revision == 5
    await save(small, Remove("a", 5))
    assert await revisions(small) == [6, 5, 4]


async def test_a_content_counts_once_for_as_long_as_it_stays(small: FileStore, app: str):
    await save(small, Put("a", "a" * 5_000, 0))
    await save(small, Move("a", "b", 1), Put("copy", "a" * 5_000, 0))
    await save(small, Remove("copy", 1))

    assert await revisions(small) == [3, 2, 1]


async def test_contents_that_go_and_come_back_never_fill_an_app(small: FileStore, app: str):
    for n in range(12):
        await save(small, Put("a", "ab"[n % 2] * 3_000, n))

    assert (await revisions(small))[:3] == [12, 11, 10]
    with pytest.raises(TooLarge):
        await save(small, Put("b", "c" * 3_000, 0))


async def test_a_turn_that_goes_on_is_kept_whole(small: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    for n in range(3):
        await save(small, Put("b", f"{n}", n))
    await save(small, Put("a", "first", 0), turn=turn)
    for n in range(3, 7):
        await save(small, Put("b", f"{n}", n))
    with pytest.raises(TooLarge):
        await save(small, Put("a", "a" * 5_000, 1), turn=turn)
    await save(small, Put("a", "a" * 1_000, 1), turn=turn)

    newest, *others = await small.checkpoints(VENDOR, APP)
    assert (newest["baseRevision"], newest["revision"], len(others)) == (3, 9, 5)
    await small.restore(VENDOR, APP, 3, paths=["a"])
    assert [file["path"] for file in (await small.list_files(VENDOR, APP)).files] == ["b"]


async def test_a_turn_that_goes_on_after_it_was_forgotten_begins_anew(small: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    await save(small, Put("b", "b" * 1_000, 0), turn=turn)
    await save_versions(small, 1, 10)
    await save(small, Put("b", "2", 1), turn=turn)

    newest, *others = await small.checkpoints(VENDOR, APP)
    assert (newest["baseRevision"], newest["revision"]) == (11, 12)
    assert [checkpoint["revision"] for checkpoint in others] == [11, 10, 9]


async def test_rules_count_on_after_their_checkpoint_was_forgotten(
    small: FileStore, app: str, sweep: Callable[[], Awaitable[int]]
):
    turn = TurnRef("s", 1, 1)
    await save(small, Put(RULES_PATH, "Use tabs.", 0))
    await save(small, Put(RULES_PATH, "Tell all.", 1), turn=turn)
    await save_versions(small, 1, 7)
    await sweep()

    assert min(await revisions(small)) > 2
    assert await small.read_rules(VENDOR, APP) == "Use tabs."
    assert (await small.list_files(VENDOR, APP)).rules == Rules(accepted=1, pending=2)
    assert (await small.read_file(VENDOR, APP, RULES_PATH, 1)).get("content") == "Use tabs."
    await save(small, Remove(RULES_PATH, 2), turn=turn)
    await save_versions(small, 8, 14)
    await sweep()
    assert await small.read_rules(VENDOR, APP) == "Use tabs."
    await small.accept_rules(VENDOR, APP, 3)
    await save_versions(small, 15, 21)
    await sweep()
    assert await small.read_rules(VENDOR, APP) == ""
    with pytest.raises(NotFound, match="no longer goes back to it"):
        await small.read_file(VENDOR, APP, RULES_PATH, 1)


async def test_what_an_earlier_version_of_the_program_wrote_is_counted(
    reopen: Open, uncount: Callable[[], None], app: str
):
    unlimited, small = reopen(Limits()), reopen(LIMITS)
    await save_versions(unlimited, 1, 5)
    uncount()
    assert await revisions(small) == [5, 4, 3, 2, 1]
    await save_versions(small, 6, 7)

    assert await revisions(small) == [7, 6, 5, 4]


async def test_what_is_forgotten_is_deleted_with_its_contents(database: Path, sqlite_store: SqliteFileStore):
    await sqlite_store.create_app(VENDOR, "App", app_id=APP)
    small = SqliteFileStore(database, limits=LIMITS)
    await save(small, Put("stays", "", 0))
    await save_versions(small, 1, 10)
    small.close()
    with sqlite3.connect(database) as db:
        counts = [db.execute(count).fetchone()[0] for count in COUNTS]
    db.close()

    assert await revisions(sqlite_store) == [11, 10, 9, 8]
    assert counts == [4, 6, 6]


async def test_the_sweep_deletes_what_is_forgotten_and_nothing_else(
    aws: Cloud, dynamodb_store: DynamoFileStore
):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    limits = Limits(history_bytes=1_600_000, checkpoints=3)
    small = DynamoFileStore(aws.table, limits=limits)
    await save(small, Put("stays", noise(0, 300_000), 0))
    for version in range(1, 6):
        await save(small, Put("a", noise(version, 300_000), version - 1))
    kept, before = await small.checkpoints(VENDOR, APP), aws.items()
    swept = DynamoFileStore(aws.table, now=lambda: time.time_ns() // 1_000_000 + 2 * SAFE_AGE_MS)
    await swept.collect_garbage()

    assert [checkpoint["revision"] for checkpoint in kept] == [6, 5, 4]
    assert len(before) - len(aws.items()) == 3 + 2 + 1  # commits, trees, a content
    assert len(aws.objects()) == 5
    assert await small.checkpoints(VENDOR, APP) == kept
    assert [diff["path"] async for diff in await small.diff(VENDOR, APP, 3, 6)] == ["a"]
    await small.restore(VENDOR, APP, 3)
    assert (await small.read_file(VENDOR, APP, "a")).get("content") == noise(2, 300_000)
    assert (await small.read_file(VENDOR, APP, "stays", 1)).get("content") == noise(0, 300_000)
    assert await swept.collect_garbage() == 2  # one more commit and tree
