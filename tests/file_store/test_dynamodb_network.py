"""What the DynamoDB store asks of the network, and what it makes of refusals."""

import json
from collections.abc import Sequence
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import pytest
from botocore.awsrequest import AWSResponse  # pyright: ignore[reportMissingTypeStubs]
from cloud import Cloud

from aicode.errors import NotFound, StoreUnavailable
from aicode.file_store.dynamodb.store import ATTEMPTS, DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.store import Commit, Committed, Put, TurnRef

VENDOR, APP = "alice", "app"
_boto3: Any = boto3
_response: Any = AWSResponse

Refusal = dict[str, object]
_ERRORS = "com.amazonaws.dynamodb.v20120810#"
_LEFT_OUT = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}
TOO_FAST: Refusal = {"__type": f"{_ERRORS}ProvisionedThroughputExceededException"}


def cancelled(*codes: str) -> Refusal:
    reasons = [{"Code": code} for code in codes]
    return {"__type": f"{_ERRORS}TransactionCanceledException", "CancellationReasons": reasons}


class Body:
    """A body as botocore reads it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> Sequence[bytes]:
        return [self._data]


class Network:
    """The way to DynamoDB and S3: notes each call, and refuses those it was given refusals for, in turn."""

    def __init__(self, refusals: dict[str, list[Refusal]] | None = None) -> None:
        self.calls: list[str] = []
        self.leave_out: dict[str, int] = {}
        self._refusals = refusals or {}
        session = _boto3.Session()
        session.events.register_first("before-send", self._send)
        table = Table("apps", "files", None, session)
        self.store = DynamoFileStore(table, sleep=lambda _seconds: None)

    def _send(self, request: Any, event_name: str, **_: object) -> Any:
        call = event_name.rpartition(".")[2]
        self.calls.append(call)
        left = self._refusals.get(call)
        if left:
            return self._answer(request, 400, left.pop(0))
        if self.leave_out.get(call):
            self.leave_out[call] -= 1
            asked = json.loads(request.body)["RequestItems"]
            return self._answer(request, 200, {"Responses": {}, _LEFT_OUT[call]: asked})
        return None

    def _answer(self, request: Any, status: int, body: Refusal) -> Any:
        request.url = "https://nowhere.invalid"  # moto hears of it too, and shall not carry it out
        return _response("", status, {}, Body(json.dumps(body).encode()))


@pytest.fixture
async def app(dynamodb_store: DynamoFileStore) -> str:
    return (await dynamodb_store.create_app(VENDOR, "App", app_id=APP))["appId"]


async def save(store: DynamoFileStore, app: str, *changes: Put) -> Committed:
    return await store.commit(VENDOR, app, Commit(changes=changes, author="vendor", message=""))


async def test_a_throttled_call_is_made_again(app: str):
    network = Network({"BatchGetItem": [TOO_FAST, TOO_FAST]})

    assert (await network.store.list_files(VENDOR, app)).revision == 0
    assert network.calls == ["BatchGetItem"] * 3


async def test_a_store_that_stays_throttled_says_when_to_come_back(app: str):
    network = Network({"BatchGetItem": [TOO_FAST] * 3})
    with pytest.raises(StoreUnavailable) as caught:
        await network.store.list_files(VENDOR, app)

    assert caught.value.retry_after == 1


async def test_what_a_batch_leaves_out_is_asked_for_again(app: str):
    network = Network()
    network.leave_out = {"BatchGetItem": 1, "BatchWriteItem": 2}
    await save(network.store, app, Put("a", "1", 0), Put("b", "2", 0))

    assert network.calls == [*["BatchGetItem"] * 2, *["BatchWriteItem"] * 3, "TransactWriteItems"]
    files = await Network().store.read_files(VENDOR, app, ["a", "b"])
    assert [file.get("content") for file in files] == ["1", "2"]


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ConditionalCheckFailed"])
async def test_a_transaction_that_met_another_is_planned_anew(app: str, reason: str):
    network = Network({"TransactWriteItems": [cancelled("None", reason, "None")]})

    assert (await save(network.store, app, Put("a", "1", 0))).revision == 1
    assert network.calls.count("TransactWriteItems") == 2


async def test_a_transaction_that_can_never_land_is_not_tried_again(app: str):
    network = Network({"TransactWriteItems": [cancelled("None", "ValidationError", "None")]})
    with pytest.raises(StoreUnavailable):
        await save(network.store, app, Put("a", "1", 0))

    assert network.calls.count("TransactWriteItems") == 1
    assert (await network.store.list_files(VENDOR, app)).revision == 0


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
async def test_an_app_that_cannot_be_deleted_keeps_all_it_holds(app: str, reason: str):
    network = Network({"TransactWriteItems": [cancelled(reason, "None")] * ATTEMPTS})
    await save(Network().store, app, Put("a", "1", 0))
    with pytest.raises(StoreUnavailable) as caught:
        await network.store.delete_app(VENDOR, app)

    assert (caught.value.status, caught.value.retry_after) == (503, 1)
    assert (await network.store.read_file(VENDOR, app, "a")).get("content") == "1"
    assert (await network.store.read_file(VENDOR, app, "a", 1)).get("content") == "1"


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
async def test_an_app_that_could_not_be_made_at_once_is_made(dynamodb_store: DynamoFileStore, reason: str):
    network = Network({"TransactWriteItems": [cancelled(reason, "None")]})
    app = await network.store.create_app(VENDOR, "App")

    assert await dynamodb_store.list_apps(VENDOR) == [app]
    assert await network.store.create_app(VENDOR, "Again", app_id=app["appId"]) == app
    with pytest.raises(NotFound):
        await network.store.create_app("bob", "His", app_id=app["appId"])


async def test_an_app_that_cannot_be_made_says_when_to_come_back(dynamodb_store: DynamoFileStore):
    network = Network({"TransactWriteItems": [cancelled("ThrottlingError", "None")] * 2 * ATTEMPTS})
    with pytest.raises(StoreUnavailable) as caught:
        await network.store.create_app(VENDOR, "App")

    assert caught.value.retry_after == 1
    assert await dynamodb_store.list_apps(VENDOR) == []


@pytest.mark.parametrize("files", [20, 2_000])
async def test_a_listing_is_one_request_however_many_files(app: str, files: int):
    network = Network()
    changes = [Put(f"src/folder-{n % 40}/Component{n}.tsx", f"text {n}", 0) for n in range(files)]
    await save(network.store, app, *changes)
    network.calls.clear()
    listing = await network.store.list_files(VENDOR, app)

    assert len(listing.files) == files
    assert network.calls == ["BatchGetItem"]


async def test_a_page_of_checkpoints_reads_few_commits_of_others(app: str, aws: Cloud):
    network, turn = Network(), TurnRef("s", 1, 1)
    for n in range(1, 81):
        by = turn if n in (30, 78) else None
        commit = Commit(changes=[Put(f"f{n}", "", 0)], author="ai", message="", turn=by)
        await network.store.commit(VENDOR, app, commit)
    unreadable = [n for n in range(1, 50) if n != 30]
    aws.table.put_all({"pk": f"APP#{app}", "sk": f"C#{n:012d}", "rev": n} for n in unreadable)
    network.calls.clear()
    page = await network.store.checkpoints(VENDOR, app, limit=4)

    assert [checkpoint["revision"] for checkpoint in page] == [80, 79, 78, 77]
    assert [change["path"] for change in page[2]["changes"]] == ["f30", "f78"]
    assert network.calls == ["BatchGetItem", "Query", "BatchGetItem", "BatchGetItem"]


async def test_a_turn_without_a_list_of_its_revisions_is_one_checkpoint(app: str, aws: Cloud):
    store, turn = Network().store, TurnRef("s", 1, 1)
    for n in (1, 2, 3):
        commit = Commit(changes=[Put(f"f{n}", "", 0)], author="ai", message="", turn=turn)
        await store.commit(VENDOR, app, commit)
    aws.table.delete_all([(f"APP#{app}", "G#s#1")])

    [checkpoint] = await store.checkpoints(VENDOR, app)
    assert (checkpoint["baseRevision"], checkpoint["revision"]) == (0, 3)


async def test_a_restore_of_two_thousand_files_is_one_transaction(app: str):
    network = Network()
    names = [f"src/folder/file-{n}.tsx" for n in range(2_000)]
    await save(network.store, app, *(Put(name, "one", 0) for name in names))
    await save(network.store, app, *(Put(name, "two", 1) for name in names))
    network.calls.clear()
    restored = await network.store.restore(VENDOR, app, 1)

    assert len(restored.changes) == 2_000
    assert network.calls.count("TransactWriteItems") == 1
    files = await network.store.read_files(VENDOR, app, names)
    assert {file.get("content") for file in files} == {"one"}
