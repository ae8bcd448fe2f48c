"""A process that ends anywhere within a commit leaves all of it or nothing."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from cloud import Cloud

from aicode.errors import TooLarge
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import INLINE_BYTES, Item, Table
from aicode.file_store.limits import Limits
from aicode.file_store.store import Commit, Put, TurnRef
from tests.file_store.texts import noise

VENDOR, APP = "alice", "app"


class ProcessDied(Exception):
    """Stands for the end of a process."""


class Dying(Table):
    """Ends its process before, or right after, one of its writes."""

    def __init__(self, writes: int, *, after: bool) -> None:
        super().__init__("apps", "files", None)
        self.left = writes
        self._after = after

    def transact(self, *writes: Mapping[str, Mapping[str, Any]]) -> None:
        with self._death():
            super().transact(*writes)

    def put_all(self, items: Iterable[Item]) -> None:
        with self._death():
            super().put_all(items)

    def pack(self, app_id: str, name: str, value: bytes, inline: int = INLINE_BYTES) -> dict[str, Any]:
        with self._death() if len(value) > INLINE_BYTES else nullcontext():
            return super().pack(app_id, name, value, inline)

    @contextmanager
    def _death(self) -> Generator[None]:
        if self.left == 0 and not self._after:
            raise ProcessDied
        yield
        if self.left == 0:
            raise ProcessDied
        self.left -= 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("writes", [0, 1, 2])  # the object in S3, the contents, the transaction
async def test_a_crash_at_any_write_shows_nothing_or_all_and_can_be_made_good(
    dynamodb_store: DynamoFileStore, writes: int, after: bool
):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    first = Commit(changes=[Put("a", "1", 0)], author="vendor", message="")
    await dynamodb_store.commit(VENDOR, APP, first)
    changes = [Put("a", "2", 1), Put("b", noise(1, 300_000), 0)]
    commit = Commit(changes=changes, author="ai", message="", turn=TurnRef("s", 1, 1), key="s:1:1")
    table = Dying(writes, after=after)
    with pytest.raises(ProcessDied):
        await DynamoFileStore(table).commit(VENDOR, APP, commit)
    whole = (writes, after) == (2, True)

    assert table.left == 0
    listing = await dynamodb_store.list_files(VENDOR, APP)
    assert (listing.revision, len(listing.files)) == ((2, 2) if whole else (1, 1))
    assert (await dynamodb_store.read_file(VENDOR, APP, "a")).get("content") == ("2" if whole else "1")
    assert len(await dynamodb_store.checkpoints(VENDOR, APP)) == listing.revision
    assert (await dynamodb_store.stored(VENDOR, APP, "s:1:1") is not None) == whole
    again = await dynamodb_store.commit(VENDOR, APP, commit)
    assert (again.revision, len(again.changes)) == (2, 2)
    assert len(await dynamodb_store.checkpoints(VENDOR, APP)) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_crash_while_an_app_forgets_some_of_its_past_keeps_all_of_it_or_forgets_it_once(
    dynamodb_store: DynamoFileStore, after: bool
):
    limits = Limits(history_bytes=10_000, checkpoints=3)
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    for version in range(4):
        change = Put("a", f"{version:01000}", version)
        await dynamodb_store.commit(VENDOR, APP, Commit(changes=[change], author="vendor", message=""))
    commit = Commit(changes=[Put("a", f"{4:02000}", 4)], author="vendor", message="", key="k")
    with pytest.raises(ProcessDied):
        await DynamoFileStore(Dying(1, after=after), limits=limits).commit(VENDOR, APP, commit)

    kept = [checkpoint["revision"] for checkpoint in await dynamodb_store.checkpoints(VENDOR, APP)]
    assert kept == ([5, 4, 3] if after else [4, 3, 2, 1])
    again = DynamoFileStore(Table("apps", "files", None), limits=limits)
    assert (await again.commit(VENDOR, APP, commit)).revision == 5
    kept = [checkpoint["revision"] for checkpoint in await again.checkpoints(VENDOR, APP)]
    assert kept == [5, 4, 3]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("made", [False, True], ids=["deletion", "creation"])
async def test_a_crash_while_an_app_is_made_or_deleted_leaves_the_vendors_number_of_apps_right(
    aws: Cloud, dynamodb_store: DynamoFileStore, made: bool, after: bool
):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    await dynamodb_store.create_app(VENDOR, "Other", app_id="other")
    dying = DynamoFileStore(Dying(0, after=after))
    with pytest.raises(ProcessDied):
        await (dying.create_app(VENDOR, "Third") if made else dying.delete_app(VENDOR, APP))

    exact = DynamoFileStore(aws.table, limits=Limits(apps=3))
    room = 3 - len(await exact.list_apps(VENDOR))
    assert room == 1 - (made and after) + (not made and after)
    for n in range(room):
        await exact.create_app(VENDOR, f"{n}")
    with pytest.raises(TooLarge):
        await exact.create_app(VENDOR, "one more")
