"""`make forget VENDOR=... STACK=ai-code`: deletes whatever a deployed stack keeps of a vendor."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
)

from aicode.errors import AICodeError
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.store import FileStore
from aicode.session_manager import RedisClient, SessionManager
from dev.output import say
from dev.stand_ins import local_settings

_boto3: Any = boto3
_USAGE = "Name the vendor, by the `sub` of their tokens, and the stack: make forget VENDOR=... STACK=ai-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where a stack keeps what belongs to vendors."""

    table: str
    bucket: str
    redis_url: str
    redis_token: str


def find(session: Any, stack: str) -> Deployment:
    """What a boto3 session sees of the stack. Raises ClientError where that is nothing."""
    cloudformation = session.client("cloudformation")

    def named(resource: str) -> str:
        found = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=resource)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in found["Outputs"]}
    secret = session.client("secretsmanager").get_secret_value(SecretId=outputs["ApiSecret"])
    values = json.loads(secret["SecretString"])
    return Deployment(
        table=named("AppsTable"),
        bucket=named("FilesBucket"),
        redis_url=values["UPSTASH_REDIS_REST_URL"],
        redis_token=values["UPSTASH_REDIS_REST_TOKEN"],
    )


async def forget(
    vendor: str, store: FileStore, sessions: SessionManager, agreed: Callable[[list[str]], bool]
) -> bool:
    """Deletes the vendor's apps with files, versions and sessions; what runs there stops.

    `agreed` is asked with the apps' ids; the answer is whether it was done.
    """
    apps = [app["appId"] for app in await store.list_apps(vendor)]
    if not agreed(apps):
        return False
    for app in apps:
        # As in the apps function: no turn shall write into what is being removed, nor begin meanwhile.
        await sessions.delete_app_sessions(vendor, app)
        try:
            await store.delete_app(vendor, app)
        finally:
            await sessions.delete_app_sessions(vendor, app)
    return True


async def _forget(vendor: str, stack: str, session: Any) -> bool:
    deployment = await asyncio.to_thread(find, session, stack)
    redis = RedisClient(deployment.redis_url, deployment.redis_token)
    try:
        return await forget(
            vendor,
            DynamoFileStore(Table(deployment.table, deployment.bucket, None, session)),
            SessionManager(redis, local_settings({})),
            lambda apps: _agreed(vendor, apps),
        )
    finally:
        await redis.close()


def _agreed(vendor: str, apps: list[str]) -> bool:
    say(f"{len(apps)} apps of {vendor}, with files, versions and chats: {' '.join(apps)}")
    return bool(apps) and input("They cannot be had back. The vendor's id once more: ") == vendor


def main(arguments: list[str]) -> str | None:
    """Asks, and deletes; the returned line says why nothing, or not all of it, was deleted."""
    match arguments:
        case [vendor, stack] if vendor and stack:
            pass
        case _:
            return _USAGE
    try:
        done = asyncio.run(_forget(vendor, stack, _boto3.Session(region_name=os.environ.get("AWS_REGION"))))
    except (BotoCoreError, ClientError) as error:
        return f"AWS: {' '.join(str(error).split())}"
    except AICodeError as error:
        return f"Not all of it is deleted: {error} Run it once more."
    if not done:
        return "Nothing was deleted."
    say("Deleted. OPERATIONS.md says what of the vendor is elsewhere: in backups, logs, and the sign-in.")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
