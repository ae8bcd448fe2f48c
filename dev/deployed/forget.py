"""`make forget VENDOR=... STACK=ai-code`: deletes whatever a deployed stack keeps of a vendor."""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from aicode.errors import AICodeError
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.store import FileStore
from aicode.redis import RedisClient
from aicode.session_manager import SessionManager
from aicode.sites.aws import live_keys
from aicode.sites.aws.shelf import AwsShelf as AwsSiteShelf
from aicode.sites.removal import site_removed
from aicode.sites.shelf import Shelf as SiteShelf
from aicode.uploads.aws.bucket import Bucket
from aicode.uploads.aws.shelf import AwsShelf
from aicode.uploads.shelf import Shelf
from dev.deployed import stack
from dev.deployed.stack import NotDone
from dev.output import say
from dev.stand_ins import local_settings

_USAGE = "Name the vendor, by the `sub` of their tokens, and the stack: make forget VENDOR=... STACK=ai-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where a stack keeps what belongs to vendors."""

    table: str
    bucket: str
    redis_url: str
    redis_token: str
    sites: tuple[str, str] | None
    """The bucket of sites and the key-value store of what they show; None where publishing is not set up."""


def find(session: Any, name: str) -> Deployment:
    """What a boto3 session sees of the stack of this name. Raises NotDone where there is none."""
    cloudformation = session.client("cloudformation")
    found = stack.look_up(cloudformation, name)
    secret = session.client("secretsmanager").get_secret_value(SecretId=found.outputs["ApiSecret"])
    values = json.loads(secret["SecretString"])

    def named(resource: str) -> str:
        detail = cloudformation.describe_stack_resource(StackName=name, LogicalResourceId=resource)
        return detail["StackResourceDetail"]["PhysicalResourceId"]

    return Deployment(
        table=named("AppsTable"),
        bucket=named("FilesBucket"),
        redis_url=values["UPSTASH_REDIS_REST_URL"],
        redis_token=values["UPSTASH_REDIS_REST_TOKEN"],
        sites=(found.outputs["SitesBucket"], found.outputs["SitesKeyValueStore"])
        if "SitesBucket" in found.outputs
        else None,
    )


def _sites(deployment: Deployment, session: Any) -> SiteShelf | None:
    if deployment.sites is None:
        return None
    bucket, keys = deployment.sites
    # Of the domain nothing is needed to delete a site.
    return AwsSiteShelf("", bucket, live_keys.LiveKeys(keys, live_keys.client(session)), None, session)


async def forget(  # noqa: PLR0913 - whose, each place where something is kept, and whether it shall be
    vendor: str,
    store: FileStore,
    uploads: Shelf,
    sessions: SessionManager,
    agreed: Callable[[list[str]], bool],
    *,
    sites: SiteShelf | None,
) -> bool:
    """Deletes the vendor's apps with files, versions, uploads, sites and sessions; what runs there stops.

    `agreed` is asked with the apps' ids; the answer is whether it was done.
    """
    apps = [app["appId"] for app in await store.list_apps(vendor)]
    if not agreed(apps):
        return False
    for app in apps:
        # As in the apps function: no turn shall write into what is being removed, nor begin meanwhile.
        await sessions.delete_app_sessions(vendor, app)
        try:
            async with site_removed(store, sites, vendor, app) if sites else nullcontext():
                await asyncio.to_thread(uploads.delete_app, vendor, app)
                await store.delete_app(vendor, app)
        finally:
            await sessions.delete_app_sessions(vendor, app)
    return True


async def _forget(vendor: str, name: str, session: Any) -> bool:
    deployment = await asyncio.to_thread(find, session, name)
    redis = RedisClient(deployment.redis_url, deployment.redis_token)
    table = Table(deployment.table, deployment.bucket, None, session)
    try:
        return await forget(
            vendor,
            DynamoFileStore(table),
            AwsShelf(table, Bucket(deployment.bucket, None, session)),
            SessionManager(redis, local_settings({})),
            lambda apps: _agreed(vendor, apps),
            sites=_sites(deployment, session),
        )
    finally:
        await redis.close()


def _agreed(vendor: str, apps: list[str]) -> bool:
    say(f"{len(apps)} apps of {vendor}, with files, versions, uploads, sites and chats: {' '.join(apps)}")
    return bool(apps) and input("They cannot be had back. The vendor's id once more: ") == vendor


def main(arguments: list[str]) -> str | None:
    """Asks, and deletes; the returned line says why nothing, or not all of it, was deleted."""
    match arguments:
        case [vendor, name] if vendor and name:
            pass
        case _:
            return _USAGE
    try:
        with stack.in_one_line():
            done = asyncio.run(_forget(vendor, name, stack.session()))
    except NotDone as error:
        return str(error)
    except AICodeError as error:
        return f"Not all of it is deleted: {error} Run it once more."
    if not done:
        return "Nothing was deleted."
    say("Deleted. OPERATIONS.md says what of the vendor is elsewhere: in backups, logs, and the sign-in.")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
