"""What is true of the DynamoDB and S3 store alone."""

import asyncio

import pytest
from cloud import Cloud

from aicode.errors import StoreUnavailable
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.dynamodb.writes import decode_rows, encode_rows
from aicode.file_store.store import RULES_PATH, Commit, Committed, Put, Remove, TurnRef
from tests.file_store.binaries import LOGO, png
from tests.file_store.texts import noise

VENDOR, APP = "alice", "app"


async def save(store: DynamoFileStore, *changes: Put | Remove) -> Committed:
    return await store.commit(VENDOR, APP, Commit(changes=changes, author="vendor", message=""))


async def test_what_is_large_lies_in_s3_and_comes_back(aws: Cloud, dynamodb_store: DynamoFileStore):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    large = noise(1, 900_000)
    await save(dynamodb_store, Put("large", large, 0), Put("small", "x", 0))

    assert len(aws.objects()) == 1
    files = await dynamodb_store.read_files(VENDOR, APP, ["large", "small"])
    assert [file.get("content") for file in files] == [large, "x"]


async def test_a_large_picture_lies_in_s3_and_a_small_one_in_the_table(
    aws: Cloud, dynamodb_store: DynamoFileStore
):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    large = png(400, 400)
    await save(dynamodb_store, Put("large", large, 0), Put("small", LOGO, 0))

    assert len(aws.objects()) == 1
    files = await dynamodb_store.read_raw_files(VENDOR, APP, ["large", "small"])
    assert [file.data for file in files] == [large, LOGO]


async def test_a_list_too_long_for_its_item_is_still_one_commit(dynamodb_store: DynamoFileStore):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    paths = [f"{noise(n, 150)}/{noise(-n, 150)}" for n in range(1_500)]
    result = await save(dynamodb_store, *(Put(path, path, 0) for path in paths))

    assert (result.revision, len(result.changes)) == (1, 1_500)
    listing = await dynamodb_store.list_files(VENDOR, APP)
    assert [file["path"] for file in listing.files] == sorted(paths)
    assert len((await dynamodb_store.checkpoints(VENDOR, APP))[0]["changes"]) == 1_500
    assert (await dynamodb_store.read_file(VENDOR, APP, paths[0], 1)).get("content") == paths[0]


def test_rows_of_texts_are_written_as_before_there_were_binary_files():
    text, tombstone = '["a",2,"sha",5,1,77]', '["b",3,null,0,0,78]'
    rules = '["AGENTS.md",4,"new",9,1,79,["AGENTS.md",3,"old",8,1,70]]'
    stored = f"[{text},{tombstone},{rules}]".encode()

    assert encode_rows(decode_rows(stored)) == stored


async def test_what_checkpoints_read_does_not_grow_with_the_files_of_the_app(
    aws: Cloud, dynamodb_store: DynamoFileStore
):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    await save(dynamodb_store, *(Put(f"{noise(n, 40)}", "", 0) for n in range(1_000)))
    before = aws.size("C#")
    for n in range(5):
        await save(dynamodb_store, Put("a", str(n), n))

    assert len(await dynamodb_store.checkpoints(VENDOR, APP)) == 6
    assert aws.size("C#") - before < 5 * 1_000
    assert (await dynamodb_store.read_file(VENDOR, APP, "a", 2)).get("content") == "1"


async def test_writers_that_meet_lose_nothing(aws: Cloud, dynamodb_store: DynamoFileStore):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    stores = [dynamodb_store, DynamoFileStore(aws.table)]
    results = await asyncio.gather(*(save(stores[n % 2], Put(f"f{n}", str(n), 0)) for n in range(8)))

    assert sorted(result.revision for result in results) == list(range(1, 9))
    assert len((await dynamodb_store.list_files(VENDOR, APP)).files) == 8


async def test_a_rename_and_commits_that_meet_lose_nothing(aws: Cloud, dynamodb_store: DynamoFileStore):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    stores = [dynamodb_store, DynamoFileStore(aws.table)]
    await asyncio.gather(
        *(save(stores[n % 2], Put(f"f{n}", str(n), 0)) for n in range(6)),
        *(store.rename_app(VENDOR, APP, "Renamed") for store in stores),
    )

    apps = await dynamodb_store.list_apps(VENDOR)
    assert [app["name"] for app in apps] == ["Renamed"]
    assert await stores[1].rename_app(VENDOR, APP, "Renamed") == apps[0]
    assert (await dynamodb_store.list_files(VENDOR, APP)).revision == 6


async def test_rules_that_are_accepted_while_others_commit_stay_accepted(
    aws: Cloud, dynamodb_store: DynamoFileStore
):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    stores = [dynamodb_store, DynamoFileStore(aws.table)]
    for n in range(1, 6):
        put = Put(RULES_PATH, str(n), n - 1)
        await stores[0].commit(VENDOR, APP, Commit(changes=[put], author="ai", message=""))
        await asyncio.gather(
            stores[0].accept_rules(VENDOR, APP, n),
            *(save(stores[1], Put(f"{n}/f{m}", "text", 0)) for m in range(3)),
        )

        assert await dynamodb_store.read_rules(VENDOR, APP) == str(n)


async def test_a_deleted_app_leaves_no_item_and_no_object(aws: Cloud, dynamodb_store: DynamoFileStore):
    await dynamodb_store.create_app(VENDOR, "App", app_id=APP)
    await dynamodb_store.create_app(VENDOR, "Other", app_id="apples")
    commit = Commit(
        changes=[Put("a", noise(1, 300_000), 0), *(Put(f"f{n}", str(n), 0) for n in range(60))],
        author="ai",
        message="",
        turn=TurnRef("s", 1, 1),
        key="k",
    )
    await dynamodb_store.commit(VENDOR, APP, commit)
    await dynamodb_store.commit(VENDOR, "apples", Commit(changes=commit.changes, author="ai", message=""))
    await dynamodb_store.delete_app(VENDOR, APP)

    assert {pk for pk, _ in aws.items()} == {"APP#apples", "VENDOR#alice"}
    assert len(aws.objects()) == 1
    assert (await dynamodb_store.read_file(VENDOR, "apples", "f1")).get("content") == "1"


async def test_a_cloud_that_is_out_of_reach_is_a_store_that_does_not_answer(dynamodb_store: DynamoFileStore):
    absent = DynamoFileStore(Table("no-such-table", "files", None))
    with pytest.raises(StoreUnavailable) as caught:
        await absent.list_apps(VENDOR)

    assert "no-such-table" not in caught.value.message
