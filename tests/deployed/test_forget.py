"""Deleting what a deployed stack keeps of a vendor."""

import json
from pathlib import Path
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import pytest

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.redis import RedisClient
from aicode.session_manager import SessionManager
from aicode.sites.folder import FolderShelf
from aicode.uploads.sqlite.shelf import SqliteShelf
from dev.deployed import forget
from dev.stand_ins import local_settings
from tests.end_to_end import stack as product
from tests.end_to_end.stack import APPS, Stack, bearer, replies, session_of
from tests.file_store.cloud import cloud

DEPLOYED: dict[str, Any] = {
    "Resources": {
        "AppsTable": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "the-table",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            },
        },
        "FilesBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "the-bucket"}},
    }
}
SECRET = {"UPSTASH_REDIS_REST_URL": "https://the-redis.example.com", "UPSTASH_REDIS_REST_TOKEN": "the-token"}


async def conversation(stack: Stack) -> str:
    events = await stack.turn("Hello")
    return session_of(events)


async def forgotten(stack: Stack, folder: Path, vendor: str, *, agreed: bool = True) -> bool:
    store = SqliteFileStore(folder / "apps.sqlite3")
    uploads = SqliteShelf(folder / "uploads.sqlite3", "")
    redis = RedisClient(stack.redis.url, stack.redis.token)
    try:
        sessions = SessionManager(redis, local_settings({}))
        sites = FolderShelf(folder / "sites", "")
        return await forget.forget(vendor, store, uploads, sessions, lambda _apps: agreed, sites=sites)
    finally:
        await redis.close()
        uploads.close()
        store.close()


async def test_apps_files_and_sessions_of_the_vendor_are_gone_and_nobody_elses(tmp_path: Path):
    async with product.serve(tmp_path, replies(product.claude.Reply(product.claude.Text("Hi.")))) as stack:
        theirs = await conversation(stack)
        await stack.save("a.txt", "text")
        other = (await stack.client.post(APPS, json={"name": "Bob's"}, headers=bearer("bob"))).json()["app"]

        assert await forgotten(stack, tmp_path, "alice")

        assert (await stack.client.get(APPS)).json()["apps"] == []
        assert (await stack.client.get(stack.base, params={"sessionId": theirs})).status_code in (404, 410)
        left = (await stack.client.get(APPS, headers=bearer("bob"))).json()["apps"]
        assert [app["appId"] for app in left] == [other["appId"]]


async def test_nothing_is_deleted_unless_that_is_agreed(tmp_path: Path):
    async with product.serve(tmp_path, replies(product.claude.Reply(product.claude.Text("Hi.")))) as stack:
        session = await conversation(stack)

        assert not await forgotten(stack, tmp_path, "alice", agreed=False)

        assert (await stack.session(session))["messages"]


def test_a_deployed_stack_is_asked_where_it_keeps_things():
    with cloud():
        session: Any = boto3.Session()
        secret = session.client("secretsmanager").create_secret(Name="api", SecretString=json.dumps(SECRET))
        body = json.dumps({**DEPLOYED, "Outputs": {"ApiSecret": {"Value": secret["ARN"]}}})
        session.client("cloudformation").create_stack(StackName="ai-code", TemplateBody=body)

        found = forget.find(session, "ai-code")

    assert found == forget.Deployment(
        table="the-table",
        bucket="the-bucket",
        redis_url="https://the-redis.example.com",
        redis_token="the-token",
        sites=None,
    )


@pytest.mark.parametrize("arguments", [[], ["alice"], ["", "ai-code"]])
def test_without_a_vendor_and_a_stack_it_says_how_to_call_it(arguments: list[str]):
    said = forget.main(arguments)

    assert said is not None
    assert "make forget VENDOR=" in said
