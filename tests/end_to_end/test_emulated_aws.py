"""Apps and files in DynamoDB and S3, as `make dev` runs on an emulator of them."""

from pathlib import Path
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types

from aicode.file_store import DATABASE
from dev.claude import Reply, Text, ToolUse
from dev.sign_in import LOCAL_VENDOR
from tests.end_to_end import emulated_aws
from tests.end_to_end.stack import APPS, Stack, assert_well_formed, bearer, replies, serve
from tests.file_store.texts import noise

LARGE = noise(1, 400_000)
_boto3: Any = boto3


async def apps_of(stack: Stack, vendor: str) -> list[str]:
    answer = await stack.client.get(APPS, headers=bearer(vendor))
    return [app["appId"] for app in answer.json()["apps"]]


async def test_a_turn_writes_to_dynamodb_and_s3_and_all_is_there_after_a_restart(tmp_path: Path):
    script = replies(
        Reply(
            ToolUse("create_file", {"path": "small.txt", "content": "small\n"}),
            ToolUse("create_file", {"path": "large.txt", "content": LARGE}),
        ),
        Reply(Text("Done.")),
    )
    with emulated_aws.serve() as known:
        async with serve(tmp_path, script, faults=None, pace=0, **known) as stack:
            events = await stack.turn("Make two files")
            assert await apps_of(stack, LOCAL_VENDOR) == ["demo-app"]
            app = stack.app
        async with serve(tmp_path, script, faults=None, pace=0, **known) as stack:
            assert await apps_of(stack, LOCAL_VENDOR) == ["demo-app"]
            assert app in await apps_of(stack, "alice")
            stack.app = app
            files = [await stack.file("small.txt"), await stack.file("large.txt")]

    assert_well_formed(events)
    assert events[-1].type == "message_complete"
    assert files == ["small\n", LARGE]
    assert not (tmp_path / DATABASE).exists()


def test_a_transaction_that_is_sent_again_is_answered_and_not_carried_out_again():
    with emulated_aws.serve() as known:
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-central-1"}
        dynamodb = _boto3.client("dynamodb", endpoint_url=known["AWS_ENDPOINT_URL"], **keys)
        dynamodb.create_table(
            TableName=known["APPS_TABLE"],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        adds = {
            "TableName": known["APPS_TABLE"],
            "Key": {"pk": {"S": "a"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        for token in ("one", "one", "two"):
            dynamodb.transact_write_items(TransactItems=[{"Update": adds}], ClientRequestToken=token)
        found = dynamodb.get_item(TableName=known["APPS_TABLE"], Key={"pk": {"S": "a"}})
        dynamodb.close()

    assert found["Item"]["n"] == {"N": "2"}
