"""What is true of the SQLite store alone: a file that several processes share and that outlives them."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from aicode.errors import InvalidRequest, StoreUnavailable
from aicode.file_store.sqlite.schema import MIGRATIONS
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Move, Put, Remove
from tests.file_store.binaries import LOGO

VENDOR, APP = "alice", "app"
CORE = Path(__file__).parents[2] / "layers" / "core"

# Commits of twenty files each, for ever or `count` times; each commit brings all files to the same number.
WRITER = """
import asyncio, sys
from pathlib import Path
from aicode.errors import VersionConflict
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Put

async def main(database, count):
    store = SqliteFileStore(Path(database))
    await store.create_app("alice", "App", app_id="app")
    print("ready", flush=True)
    landed = 0
    while landed < count:
        listing = await store.list_files("alice", "app")
        text = str(listing.revision + 1)
        versions = {file["path"]: file["version"] for file in listing.files}
        changes = [Put(f"f{n}", text, versions.get(f"f{n}", 0)) for n in range(20)]
        try:
            await store.commit("alice", "app", Commit(changes=changes, author="vendor", message=""))
        except VersionConflict:
            continue
        landed += 1
        print(landed, flush=True)
    store.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def start_writer(database: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this file's own program
        [sys.executable, "-c", WRITER, str(database), str(count)],
        env={**os.environ, "PYTHONPATH": str(CORE)},
        stdout=subprocess.PIPE,
        text=True,
    )


async def save(store: SqliteFileStore, *changes: Put | Remove | Move) -> int:
    return (await store.commit(VENDOR, APP, Commit(changes=changes, author="vendor", message=""))).revision


async def whole(store: SqliteFileStore) -> int:
    """The app's revision, once it is sure that every file is of that very revision."""
    listing = await store.list_files(VENDOR, APP)
    files = await store.read_files(VENDOR, APP, [f"f{n}" for n in range(20)])

    assert {file["version"] for file in listing.files} <= {listing.revision}
    assert len(files) in (0, 20)
    assert len({file.get("content") for file in files}) <= 1
    checkpoints = await store.checkpoints(VENDOR, APP)
    assert [c["revision"] for c in checkpoints] == list(range(checkpoints[0]["revision"], 0, -1))
    return listing.revision


async def test_processes_that_write_at_once_lose_nothing(database: Path, sqlite_store: SqliteFileStore):
    writers = [start_writer(database, 15) for _ in range(3)]
    codes = await asyncio.gather(*(asyncio.to_thread(writer.communicate, timeout=60) for writer in writers))

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert all(output.split()[-1] == "15" for output, _ in codes)
    assert await whole(sqlite_store) == 45


async def test_a_killed_writer_leaves_no_half_commit(database: Path, sqlite_store: SqliteFileStore):
    acknowledged = 0
    for kill_after in (1, 2, 3, 5, 8):
        writer = start_writer(database, 1_000_000)
        assert writer.stdout is not None
        for _ in range(kill_after + 1):
            await asyncio.to_thread(writer.stdout.readline)
        writer.send_signal(signal.SIGKILL)
        # Not by `communicate`, which leaves out what is in the buffer of `readline` already.
        rest = await asyncio.to_thread(writer.stdout.read)
        writer.communicate(timeout=30)
        acknowledged += kill_after + len(rest.split())

        assert acknowledged <= await whole(sqlite_store) <= acknowledged + 5


async def test_an_app_outlives_the_process(database: Path, sqlite_store: SqliteFileStore):
    await sqlite_store.create_app(VENDOR, "App", app_id=APP)
    await save(sqlite_store, Put("a", "1", 0))
    await save(sqlite_store, Remove("a", 1))
    sqlite_store.close()
    again = SqliteFileStore(database)

    assert (await again.read_file(VENDOR, APP, "a", 1)).get("content") == "1"
    assert await save(again, Put("a", "2", 0)) == 3
    again.close()


async def test_a_listing_reads_no_contents(database: Path, sqlite_store: SqliteFileStore):
    await sqlite_store.create_app(VENDOR, "App", app_id=APP)
    await save(sqlite_store, Put("a", "text", 0), Put("b", LOGO, 0))
    with sqlite3.connect(database) as db:
        db.execute("UPDATE blobs SET data = 'unreadable'")
    db.close()

    listing = await sqlite_store.list_files(VENDOR, APP)
    assert [file["size"] for file in listing.files] == [4, len(LOGO)]
    assert await sqlite_store.read_files(VENDOR, APP, ["b"]) == listing.files[1:]


async def test_a_page_of_checkpoints_reads_no_commits_of_others(
    database: Path, sqlite_store: SqliteFileStore
):
    await sqlite_store.create_app(VENDOR, "App", app_id=APP)
    for n in range(40):
        await save(sqlite_store, Put(f"f{n}", "", 0))
    with sqlite3.connect(database) as db:
        db.execute("UPDATE commits SET changes = 'unreadable' WHERE revision NOT IN (19, 20)")
    db.close()

    page = await sqlite_store.checkpoints(VENDOR, APP, before=21, limit=2)
    assert [checkpoint["revision"] for checkpoint in page] == [20, 19]
    assert len(await sqlite_store.checkpoints(VENDOR, APP, after=18, before=21)) == 2


async def test_a_database_from_before_checkpoints_were_paged_is_read(
    database: Path, sqlite_store: SqliteFileStore
):
    database.parent.mkdir()
    with sqlite3.connect(database) as db:
        db.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1")
    db.close()
    await sqlite_store.create_app(VENDOR, "App", app_id=APP)

    assert await save(sqlite_store, Put("a", "1", 0)) == 1
    assert len(await sqlite_store.checkpoints(VENDOR, APP)) == 1


async def test_files_from_before_there_were_binary_ones_are_texts(
    database: Path, sqlite_store: SqliteFileStore
):
    database.parent.mkdir()
    with sqlite3.connect(database) as db:
        db.executescript(f"{';'.join(MIGRATIONS[:4])}; PRAGMA user_version = 4")
        db.execute("INSERT INTO apps VALUES ('app', 'alice', 'App', 1, 5, 5, 0, 0, 0)")
        row = ("app", "a", 1, "its sha", 2, 1, 5)
        db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", row)
        db.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, 1, NULL)", row)
        db.execute("INSERT INTO blobs VALUES ('its sha', ?)", (zlib.compress(b"1\n"),))
    db.close()

    before = {"path": "a", "version": 1, "size": 2, "updatedAt": 5}
    assert (await sqlite_store.list_files(VENDOR, APP)).files == [before]
    assert await sqlite_store.read_file(VENDOR, APP, "a") == {**before, "content": "1\n"}
    assert await save(sqlite_store, Put("a", LOGO, 1)) == 2
    assert (await sqlite_store.read_raw(VENDOR, APP, "a", 1)).data == b"1\n"


async def test_only_contents_that_nobody_refers_to_are_collected(
    database: Path, sqlite_store: SqliteFileStore
):
    await sqlite_store.create_app(VENDOR, "App", app_id=APP)
    await sqlite_store.create_app(VENDOR, "Other", app_id="other")
    await save(sqlite_store, Put("a", "shared", 0), Put("b", "old", 0))
    await save(sqlite_store, Put("b", "new", 1))
    await sqlite_store.commit(
        VENDOR, "other", Commit(changes=[Put("x", "shared", 0)], author="ai", message="")
    )
    assert await sqlite_store.collect_garbage() == 0
    with sqlite3.connect(database) as db:
        db.execute("INSERT INTO blobs VALUES ('left behind', x'00')")
    db.close()

    assert await sqlite_store.collect_garbage() == 1
    assert (await sqlite_store.read_file(VENDOR, APP, "b", 1)).get("content") == "old"
    await sqlite_store.delete_app(VENDOR, APP)
    assert (await sqlite_store.read_file(VENDOR, "other", "x")).get("content") == "shared"
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT count(*) FROM blobs").fetchone() == (1,)
    db.close()


async def test_calls_of_one_process_run_side_by_side(sqlite_store: SqliteFileStore):
    await sqlite_store.create_app(VENDOR, "App", app_id=APP)
    revisions = await asyncio.gather(*(save(sqlite_store, Put(f"f{n}", "", 0)) for n in range(30)))

    assert sorted(revisions) == list(range(1, 31))


async def test_a_database_of_a_newer_program_is_left_alone(database: Path, sqlite_store: SqliteFileStore):
    database.parent.mkdir()
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA user_version = 1000")
    db.close()
    with pytest.raises(StoreUnavailable):
        await sqlite_store.list_apps(VENDOR)


async def test_a_database_that_cannot_be_opened_is_a_store_that_does_not_answer(tmp_path: Path):
    (tmp_path / "apps.sqlite3").mkdir()
    store = SqliteFileStore(tmp_path / "apps.sqlite3")
    with pytest.raises(StoreUnavailable) as caught:
        await store.list_apps(VENDOR)

    assert str(tmp_path) not in caught.value.message


def test_opening_the_package_loads_neither_database():
    code = "import sys, aicode.file_store; print({'sqlite3', 'boto3'} & sys.modules.keys())"
    result = subprocess.run(  # noqa: S603 - this file's own program
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(CORE)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert result.stdout.strip() == "set()"


async def test_a_file_whose_name_is_refused_by_now_can_be_used_and_got_rid_of(database: Path):
    store = SqliteFileStore(database)
    await store.create_app(VENDOR, "App", app_id=APP)
    await save(store, Put("old1", "text", 0), Put("old2", "text", 0))
    with sqlite3.connect(database) as db:
        for table in ("files", "versions"):
            db.execute(f"UPDATE {table} SET path = replace(path, 'old', 'is it?')")  # noqa: S608
    db.close()

    listing = await store.list_files(VENDOR, APP)
    assert [file["path"] for file in listing.files] == ["is it?1", "is it?2"]
    assert (await store.read_file(VENDOR, APP, "is it?1")).get("content") == "text"
    await save(store, Put("is it?1", "other", 1))
    await save(store, Move("is it?1", "new", 2), Remove("is it?2", 1))
    assert [file["path"] for file in await store.read_files(VENDOR, APP, ["new", "is it?2"])] == ["new"]
    await store.restore(VENDOR, APP, 1)
    absent = "is it?3"
    for change in (Put(absent, "", 0), Put(absent, "", 1), Remove(absent, 1), Move("new", absent, 3)):
        with pytest.raises(InvalidRequest):
            await save(store, change)
    with pytest.raises(InvalidRequest):
        await store.read_file(VENDOR, APP, "is it?3")
    store.close()
