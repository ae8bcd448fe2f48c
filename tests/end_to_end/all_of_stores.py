"""All that is done with git hosts, published apps and what is swept, as far as it needs a right, once."""

import asyncio
import random
import string
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from aicode.api_types import Problem
from aicode.auth import Authenticator
from aicode.errors import NotFound
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.file_store.store import Commit, Put
from aicode.redis import RedisClient
from aicode.request_limits import RequestLimits
from aicode.sites.aws import live_keys
from aicode.sites.aws.live_keys import LiveKeys
from aicode.sites.aws.shelf import AwsShelf
from aicode.sites.document import change_site
from aicode.sites.record import SiteRecord
from aicode.sites.shelf import Owner, Shown
from aicode.sites.sites import Sites
from aicode.telemetry import Telemetry
from dev import aws
from dev.claude import Reply, Text, ToolUse
from dev.stand_ins import local_settings
from git import sync
from git.dependencies import Dependencies, open_host
from git.remote.tokens import KmsTokens
from tests.end_to_end.all_of_turns import LARGE, to_the_end
from tests.end_to_end.contract_world import Plays
from tests.end_to_end.deployed_stack import NAME, DeployedStack
from tests.end_to_end.stack import APPS
from tests.git.git_server import TOKEN
from tests.git.git_server import serve as serve_git


async def git_hosts(stack: DeployedStack, plays: Plays) -> None:
    """An export; and what takes a git host, which a deployed function finds on the public internet alone.

    That is done here, in its name: an import, and a push of an app with an object in S3.
    """
    made = await stack.client.post(APPS, json={"name": "Shared"})
    stack.app = made.json()["app"]["appId"]
    await stack.save("large.txt", LARGE)
    assert (await stack.client.get(f"{APPS}/{stack.app}/export.zip")).status_code == 200
    account = stack.account
    keys = {"AWS_ACCESS_KEY_ID": f"{NAME}-git", "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": account.url}
    names = account.references["AppsTable"], account.references["FilesBucket"]
    table = Table(*names, account.url, aws.session(keys))
    needed = _git_function(
        DynamoFileStore(table),
        KmsTokens(f"arn:aws:kms:eu-central-1:123456789012:key/{account.references['GitTokenKey']}", keys),
    )
    with TemporaryDirectory() as folder, serve_git(Path(folder)) as server:
        server.others_push(large_dot_txt=LARGE)
        address = {"url": server.url, "token": TOKEN, "branch": "main"}
        imported = await sync.import_branch(needed, "alice", **address, name="Imported")
        assert imported.skipped == []
        await sync.connect(needed, "alice", stack.app, **address)
        assert (await sync.push(needed, "alice", stack.app))["result"] == "merged"
    await stack.save("more.txt", "one")
    policy = await stack.client.put(f"{APPS}/{stack.app}/policy", json={"push": "allow"})
    assert policy.status_code == 200
    # It goes as far as the address, which is on this machine.
    events = await stack.turn(plays.message(Reply(ToolUse("push_app", {})), Reply(Text("It is refused."))))
    await to_the_end(stack, events)


async def sites(stack: DeployedStack, plays: Plays) -> None:
    """Claude publishes an app, and all that the vendor does with its site until the app is deleted."""
    made = await stack.client.post(APPS, json={"name": "Published"})
    stack.app = made.json()["app"]["appId"]
    at = f"{APPS}/{stack.app}"
    await stack.save("src/main.ts", "document.title = 'One';\n")
    assert (await stack.client.put(f"{at}/policy", json={"publish": "allow"})).status_code == 200
    events = await stack.turn(plays.message(Reply(ToolUse("publish_app", {})), Reply(Text("It is live."))))
    await to_the_end(stack, events)
    answers = [
        await stack.client.post(f"{at}/publish", json={}),
        await stack.client.put(f"{at}/publish", json={"indexed": True}),
        await stack.client.post(f"{at}/publish/rollback", json={"version": 1}),
        await stack.client.delete(f"{at}/publish"),
        await stack.client.delete(at),
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    await asyncio.to_thread(_left_behind, stack)
    await _deleted_while_it_is_published(stack)


def _left_behind(stack: DeployedStack) -> None:
    """A site that no app has, for the sweep to remove."""
    shelf = _shelf(stack, "local")
    shelf.write("left", 1, Owner("alice", "gone"), {"index.html": b"one"})
    stack.account.door.key_values.values["left"] = "1"


async def _deleted_while_it_is_published(stack: DeployedStack) -> None:
    """What the conversation does where an app goes while it is shown; here in its name."""
    store = DynamoFileStore(stack.account.table)
    app = (await store.create_app("alice", "Short-lived"))["appId"]

    class Deleting(AwsShelf):
        """A shelf whose app goes right after its site is shown."""

        def show(self, site: str, shown: Shown | None) -> None:
            super().show(site, shown)
            if shown:
                asyncio.run(store.delete_app("alice", app))

    class Built:
        """Builds nothing."""

        async def publish(self, *_asked: object, site: str, version: int, **_where: object) -> list[Problem]:
            _shelf(stack, "local").write(site, version, Owner("alice", app), {"index.html": b"one"})
            return []

    shelf = _shelf(stack, f"{NAME}-chat", Deleting)
    with pytest.raises(NotFound):
        await Sites(store, shelf, Built()).publish("alice", app)


def _shelf(stack: DeployedStack, caller: str, kind: type[AwsShelf] = AwsShelf) -> AwsShelf:
    keys = {"AWS_ACCESS_KEY_ID": caller, "AWS_REGION": "eu-central-1"}
    account, session = stack.account, aws.session(keys)
    live = LiveKeys(
        account.references["SitesStack.Outputs.KeyValueStore"],
        live_keys.client(session, *account.key_values.values()),
    )
    return kind(
        "example-apps.net", account.references["SitesStack.Outputs.Bucket"], live, account.url, session
    )


def _git_function(store: DynamoFileStore, tokens: KmsTokens) -> Dependencies:
    settings = local_settings({})
    return Dependencies(
        settings=settings,
        authenticator=Authenticator(settings),
        admit=RequestLimits(RedisClient(settings.redis_url, settings.redis_token)).admit,
        store=store,
        tokens=lambda: tokens,
        host=open_host,
        now=lambda: 0,
        telemetry=Telemetry(service="git"),
    )


async def sweep(stack: DeployedStack) -> None:
    """What the sweep deletes, and an app whose rows are so many that it finds them in S3."""
    store = DynamoFileStore(stack.account.table)
    app = (await store.create_app("alice", "Many files"))["appId"]
    names = random.Random(1)  # noqa: S311 - the same names every time
    paths = [
        "/".join("".join(names.choices(string.ascii_lowercase, k=150)) for _ in "abc") for _ in range(400)
    ]
    await store.commit(
        "alice", app, Commit(changes=[Put(path, "", 0) for path in paths], author="ai", message="")
    )
    published = (await store.create_app("alice", "Shown otherwise"))["appId"]
    shown = SiteRecord(site="otherwise").begin(1, 1, None)
    shown = shown.finish(shown.building[0], 2)
    await change_site(store, "alice", published, lambda _: shown)
    shelf = _shelf(stack, "local")
    await asyncio.to_thread(shelf.write, "otherwise", 1, Owner("alice", published), {"index.html": b"one"})
    old = {"at": 0, **stack.account.table.pack("gone", "data", LARGE.encode())}
    stack.account.table.put_all([{"pk": f"APP#{app}", "sk": "B#nobodys", "at": 0, "data": b""}])
    stack.account.table.put_all([{"pk": "APP#gone", "sk": "B#left", **old}])
    assert await stack.invoke("sweep") == {"removed": 4}  # the two, the object of the second, and a site
