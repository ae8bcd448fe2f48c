"""What is left over is collected, and nothing that anybody can still ask for."""

import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest
from cloud import Cloud

from aicode.errors import NotFound, StoreUnavailable
from aicode.file_store.dynamodb.store import SAFE_AGE_MS, DynamoFileStore
from aicode.file_store.dynamodb.table import Item, Table
from aicode.file_store.store import Commit, FileStore, Put, Remove
from sweep.app import RESERVE_MS, handler
from tests.file_store.texts import noise
from tests.function_event import Invocation

VENDOR, APP = "alice", "app"
LARGE = noise(1, 300_000)


class ProcessDied(Exception):
    """Stands for the end of a process."""


class DyingAtTheTransaction(Table):
    def transact(self, *writes: Mapping[str, Mapping[str, Any]]) -> None:
        raise ProcessDied


class DyingWithinADeletion(Table):
    def delete_all(self, keys: object) -> None:
        raise ProcessDied


class WritingMeanwhile(Table):
    """Somebody saves the content again between the look at it and its deletion."""

    def delete_older(self, key: tuple[str, str], before: int) -> None:
        item = {"pk": key[0], "sk": key[1], "at": before, **self.pack(APP, "data", b"again")}
        self.put_all([item])
        super().delete_older(key, before)


class OneAppUnreadable(Table):
    def query(
        self, pk: str, start: str, end: str, *, only: Sequence[str] = (), backwards: int | None = None
    ) -> Generator[Item]:
        if pk == f"APP#{APP}":
            raise StoreUnavailable("The file store does not answer.")
        return super().query(pk, start, end, only=only, backwards=backwards)


def now() -> int:
    return time.time_ns() // 1_000_000


def later() -> int:
    return now() + SAFE_AGE_MS + 60_000


async def save(store: FileStore, *changes: Put | Remove) -> None:
    await store.commit(VENDOR, APP, Commit(changes=changes, author="vendor", message=""))


async def left_by_a_crash(store: DynamoFileStore) -> None:
    """An app with two versions of a file, and the contents of a commit that never came about."""
    await store.create_app(VENDOR, "App", app_id=APP)
    await save(store, Put("a", "one", 0), Put("large", LARGE, 0))
    await save(store, Put("a", "two", 1), Remove("large", 1))
    dying = DynamoFileStore(DyingAtTheTransaction("apps", "files", None))
    with pytest.raises(ProcessDied):
        await save(dying, Put("b", "never seen", 0), Put("c", noise(2, 300_000), 0))


async def test_nothing_of_an_apps_past_is_ever_collected(store: FileStore):
    await store.create_app(VENDOR, "App", app_id=APP)
    await save(store, Put("a", "one", 0), Put("b", LARGE, 0))
    await save(store, Put("a", "two", 1), Remove("b", 1))
    await store.restore(VENDOR, APP, 1)
    await store.collect_garbage()

    assert [(await store.read_file(VENDOR, APP, "a", n)).get("content") for n in (1, 2, 3)] == [
        "one",
        "two",
        "one",
    ]
    assert (await store.read_file(VENDOR, APP, "b", 1)).get("content") == LARGE
    assert [diff async for diff in await store.diff(VENDOR, APP, 1, 3)] == []


async def test_what_a_crash_left_is_collected_when_it_is_old(aws: Cloud, dynamodb_store: DynamoFileStore):
    await left_by_a_crash(dynamodb_store)
    items, objects = len(aws.items()), len(aws.objects())

    assert await dynamodb_store.collect_garbage() == 0
    assert (len(aws.items()), len(aws.objects())) == (items, objects)
    aged = DynamoFileStore(aws.table, now=later)
    assert await aged.collect_garbage() == 3
    assert (len(aws.items()), len(aws.objects())) == (items - 2, objects - 1)
    assert await aged.collect_garbage() == 0
    assert (await aged.read_file(VENDOR, APP, "large", 1)).get("content") == LARGE
    await aged.restore(VENDOR, APP, 1)
    files = await aged.read_files(VENDOR, APP, ["a", "large"])
    assert [file.get("content") for file in files] == ["one", LARGE]


async def test_what_is_written_anew_meanwhile_is_spared(aws: Cloud, dynamodb_store: DynamoFileStore):
    await left_by_a_crash(dynamodb_store)
    contents = {key for key in aws.items() if key[1].startswith("B#")}
    meeting = DynamoFileStore(WritingMeanwhile("apps", "files", None), now=later)
    await meeting.collect_garbage()

    assert {key for key in aws.items() if key[1].startswith("B#")} == contents


async def test_an_interrupted_deletion_is_finished(aws: Cloud, dynamodb_store: DynamoFileStore):
    await left_by_a_crash(dynamodb_store)
    await dynamodb_store.create_app(VENDOR, "Other", app_id="other")
    with pytest.raises(ProcessDied):
        await DynamoFileStore(DyingWithinADeletion("apps", "files", None)).delete_app(VENDOR, APP)
    with pytest.raises(NotFound):
        await dynamodb_store.list_files(VENDOR, APP)
    assert aws.objects() != []
    await dynamodb_store.collect_garbage()

    assert {pk for pk, _ in aws.items()} == {"APP#other", "VENDOR#alice"}
    assert aws.objects() == []


async def test_objects_whose_items_are_gone_already_are_deleted(aws: Cloud, dynamodb_store: DynamoFileStore):
    aws.table.pack("gone", "data", LARGE.encode())
    await dynamodb_store.collect_garbage()

    assert aws.objects() == []


async def test_an_app_that_cannot_be_read_keeps_no_other_from_being_swept(
    aws: Cloud, dynamodb_store: DynamoFileStore
):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    for n in range(9):
        aws.table.pack(f"gone-{n}", "data", LARGE.encode())
    with pytest.raises(StoreUnavailable):
        await DynamoFileStore(OneAppUnreadable("apps", "files", None)).collect_garbage()

    assert not [name for name in aws.objects() if name.startswith("gone-")]


async def test_collecting_stops_before_the_next_app_when_time_is_up(
    aws: Cloud, dynamodb_store: DynamoFileStore
):
    for app in ("gone-1", "gone-2", "gone-3"):
        aws.table.pack(app, "data", LARGE.encode())
    answers = iter([False, True])
    await dynamodb_store.collect_garbage(lambda: next(answers))

    assert len(aws.objects()) == 2


def test_the_scheduled_function_sweeps_its_table_and_bucket(
    aws: Cloud, dynamodb_store: DynamoFileStore, monkeypatch: pytest.MonkeyPatch
):
    aws.table.pack("gone", "data", LARGE.encode())
    monkeypatch.setenv("APPS_TABLE", "apps")
    monkeypatch.setenv("FILES_BUCKET", "files")

    assert handler({}, Invocation(remaining_ms=RESERVE_MS)) == {"removed": 1}
    assert aws.objects() == []


def test_what_fails_of_the_uploads_keeps_no_app_from_being_swept(
    aws: Cloud, dynamodb_store: DynamoFileStore, monkeypatch: pytest.MonkeyPatch
):
    aws.table.pack("gone", "data", LARGE.encode())
    aws.table.put_all([{"pk": "UPLOADS#alice", "sk": "app#of-another-shape"}])
    monkeypatch.setenv("APPS_TABLE", "apps")
    monkeypatch.setenv("FILES_BUCKET", "files")

    with pytest.raises(TypeError):
        handler({}, Invocation(remaining_ms=10 * RESERVE_MS))

    assert aws.objects() == []


def test_a_sweep_that_fails_tells_of_what_and_fails(
    aws: Cloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("APPS_TABLE", "no-such-table")
    monkeypatch.setenv("FILES_BUCKET", "files")

    with pytest.raises(StoreUnavailable):
        handler({}, Invocation(remaining_ms=RESERVE_MS))

    [crash] = [record for record in caplog.records if record.getMessage() == "unexpected error"]
    assert vars(crash)["error"] == "StoreUnavailable"
    assert vars(crash)["request_id"] == "invocation-1"
