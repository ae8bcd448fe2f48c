"""The functions of template.yaml may do in AWS what they do there, and nothing else.

They run as the template describes them, and do once all that needs a right of its own. `differences` then
compares that with their roles, both ways.
"""

import asyncio
import copy
import os
import random
import signal
import string
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import pytest_asyncio

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
from dev.claude import Reply, Script, Text, ToolUse
from dev.stand_ins import local_settings
from dev.template import read_template
from git import sync
from git.dependencies import Dependencies, open_host
from git.remote.tokens import KmsTokens
from tests.end_to_end.contract_world import Plays
from tests.end_to_end.deployed_stack import NAME, PARAMETERS, SITES, DeployedStack, serve_deployed
from tests.end_to_end.stack import APPS, BASE, Event, session_of
from tests.file_store.texts import noise
from tests.git.git_server import TOKEN
from tests.git.git_server import serve as serve_git
from tests.template.deployed import Deployment
from tests.template.rights import (
    Right,
    allowed_rights,
    differences,
    listed,
    used_by_lambda,
    used_of_the_key,
)
from tests.waiting import PATIENCE

# More than an item of the table holds.
LARGE = noise(1, 400_000)
KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Recording:
    """What the functions used, and the names that AWS gave."""

    used: frozenset[Right]
    references: Mapping[str, str]

    def differences(self, template: dict[str, Any], **parameters: str) -> list[str]:
        """How the roles of a template differ from it."""
        deployment = Deployment(NAME, PARAMETERS | parameters, self.references, template)
        used = self.used | used_by_lambda(deployment)
        if "KmsKeyArn" in parameters:
            # Published apps are for everybody, and their bucket's encryption is S3's own.
            used |= used_of_the_key([each for each in used if not each.resource.startswith(SITES)], KEY)
        return differences(used, allowed_rights(deployment))

    def named(self, changed: dict[str, Any]) -> list[str]:
        """What is told of a changed template that is not told of the template itself; with a key."""
        known = self.differences(TEMPLATE, KmsKeyArn=KEY)
        return [line for line in self.differences(changed, KmsKeyArn=KEY) if line not in known]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recording() -> AsyncGenerator[Recording]:
    plays = Plays()
    async with serve_deployed(Script(plays)) as stack:
        await chat(stack, plays)
        await waits_for_the_preview(stack, plays)
        await handed_over(stack, plays)
        await answered(stack, plays)
        await deleted_while_its_owner_is_dead(stack, plays)
        await editor(stack)
        await git_hosts(stack, plays)
        await sites(stack, plays)
        await sweep(stack)
        await stack.client.get("/sign-in")  # it reads where Cognito is, and refuses to start: nowhere
        yield Recording(stack.account.used, stack.account.references)


async def chat(stack: DeployedStack, plays: Plays) -> None:
    """A turn sees an upload, writes a file that is an object in S3, reads it, and searches the web.

    It changes code too, so the app is checked. Nobody has counted its app's past. What is no picture is not
    let in.
    """
    await stack.save("first.txt", "one")
    uncount(stack, stack.app)
    create = ToolUse("create_file", {"path": "large.txt", "content": LARGE})
    code = ToolUse("create_file", {"path": "src/App.tsx", "content": "export default () => null;\n"})
    read = ToolUse("read_file", {"path": "large.txt"})
    search = ToolUse("web_search", {"query": "state in React"})
    message = plays.message(Reply(create, code), Reply(read), Reply(search), Reply(Text("Done.")))
    events = await stack.turn(message, attachments=[await stack.upload(b"A text.", "text/plain")])
    await to_the_end(stack, events)
    async with stack.post("Hi", attachments=[await stack.upload(b"no picture", "image/png")]) as refused:
        assert refused.response.status_code == 400
    listed = await stack.client.get(BASE, params={"appId": stack.app})
    assert [found["sessionId"] for found in listed.json()["sessions"]] == [session_of(events)]


async def waits_for_the_preview(stack: DeployedStack, plays: Plays) -> None:
    """A turn waits for as long as a page may take, and the queue is told when to look again."""
    events = await stack.turn(plays.message(Reply(ToolUse("look_at_preview", {}))), preview=True)
    assert events[-1].type == "turn_waiting"


def uncount(stack: DeployedStack, app: str) -> None:
    """Makes the app one of a version of the program that did not count what an app's past takes."""
    table, key = stack.account.table, (f"APP#{app}", "META")
    meta = table.get([key])[key]
    table.put_all(
        [{name: value for name, value in meta.items() if name not in ("oldest", "kept", "counted")}]
    )


async def handed_over(stack: DeployedStack, plays: Plays) -> None:
    """A turn outlives its function."""
    steps = [Reply(ToolUse("list_files", {}), delay=2.5) for _ in range(8)]
    events = await stack.turn(plays.message(*steps, Reply(Text("Done."))))
    assert events[-1].type == "turn_handover"
    await to_the_end(stack, events)


async def to_the_end(stack: DeployedStack, events: list[Event]) -> None:
    """Reads on where a function's time was over before the turn was."""
    async with asyncio.timeout(3 * PATIENCE):
        while events[-1].type != "message_complete":  # a page reads on where a reader's time is over too
            async with stack.resume(session_of(events), events[-1].id) as stream:
                events += await stream.rest()


async def answered(stack: DeployedStack, plays: Plays) -> None:
    """A turn waits, and its vendor's answer holds for the app from then on."""
    message = plays.message(Reply(ToolUse("publish_app", {})), Reply(Text("As you wish.")))
    events = await stack.turn(message)
    [approval] = events[-1].data["approvals"]
    given = await stack.client.post(
        f"{BASE}/{session_of(events)}/approvals/{approval}", json={"approved": False, "remember": "app"}
    )
    assert given.json() == {"success": True, "approved": False, "waiting": 0}
    await stack.until_status(session_of(events), "idle")


async def deleted_while_its_owner_is_dead(stack: DeployedStack, plays: Plays) -> None:
    """A session is deleted whose turn cannot be asked to stop."""
    words = Text("".join(f"word{n} " for n in range(500)), cuts=500)
    async with asyncio.timeout(PATIENCE), stack.post(plays.message(Reply(words, pace=10))) as stream:
        await stream.until("text_delta")
        for process in stack.server.processes(f"{NAME}-chat"):
            if process.busy and process.pid:
                os.killpg(process.pid, signal.SIGKILL)
    session = session_of(stream.seen)
    assert (await stack.client.delete(BASE, params={"sessionId": session})).status_code == 200


async def editor(stack: DeployedStack) -> None:
    """Everything that the editor asks for, of an app with an object in S3."""
    made = await stack.client.post(APPS, json={"name": "Another"})
    app, listed = made.json()["app"]["appId"], await stack.client.get(APPS)
    stack.app, at = app, f"{APPS}/{app}"
    assert len(listed.json()["apps"]) == 2
    await stack.save("a.txt", "one\n")
    await stack.save("large.txt", LARGE)
    assert await stack.file("large.txt") == LARGE
    uploads = [
        (await stack.upload(b"A text.", "text/plain"), "ready"),
        (await stack.upload(b"no picture", "image/png"), "refused"),
    ]
    for upload, status in uploads:
        found = await stack.client.get(f"{at}/uploads/{upload}")
        assert found.json()["upload"]["status"] == status
    assert (await stack.client.get(f"{at}/uploads/{uploads[0][0]}/raw")).content == b"A text."
    answers = [
        await stack.client.put(at, json={"name": "Renamed"}),
        await stack.client.post(f"{at}/rename", json={"path": "a.txt", "newPath": "b.txt", "baseVersion": 1}),
        await stack.client.delete(f"{at}/file", params={"path": "b.txt", "baseVersion": 2}),
        await stack.client.get(f"{at}/raw", params={"path": "large.txt"}),
        await stack.client.get(f"{at}/files", params={"content": "1"}),
        await stack.client.get(f"{at}/checkpoints"),
        await stack.client.get(f"{at}/diff", params={"from": 1, "to": 3}),
        await stack.client.get(f"{at}/check"),
        await stack.client.get(f"{at}/check", params={"revision": 1}),
        await stack.client.post(f"{at}/restore", json={"revision": 1}),
        await stack.client.get(f"{at}/export.zip"),
        await stack.client.delete(at),
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)


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

    class Deleting:
        """A shelf whose app goes right after its site is shown."""

        def __getattr__(self, name: str) -> Any:
            return getattr(shelf, name)

        def show(self, site: str, shown: Shown | None) -> None:
            shelf.show(site, shown)
            asyncio.run(store.delete_app("alice", app))

    class Built:
        """Builds nothing."""

        async def publish(self, *_asked: object, site: str, version: int, **_where: object) -> list[Problem]:
            _shelf(stack, "local").write(site, version, Owner("alice", app), {"index.html": b"one"})
            return []

    shelf = _shelf(stack, f"{NAME}-chat")
    with pytest.raises(NotFound):
        await Sites(store, Deleting(), Built()).publish("alice", app)


def _shelf(stack: DeployedStack, caller: str) -> AwsShelf:
    keys = {"AWS_ACCESS_KEY_ID": caller, "AWS_REGION": "eu-central-1"}
    account, session = stack.account, aws.session(keys)
    live = LiveKeys(
        account.references["SitesStack.Outputs.KeyValueStore"],
        live_keys.client(session, *account.key_values.values()),
    )
    return AwsShelf(
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


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role, those too that only a key brings, with the role's name."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement["If"][1] if "If" in statement else statement


TEMPLATE = read_template()
RIGHTS = [
    (role, statement["Sid"], action)
    for role, statement in statements(TEMPLATE)
    for action in listed(statement["Action"])
]
FUNCTIONS = {
    "AppsRole": "apps",
    "BuildRole": "build",
    "ChatRole": "chat",
    "GitRole": "git",
    "SessionRole": "session",
    "SignInRole": "sign-in",
    "SweepRole": "sweep",
}
# Of another kind, of another level of the same bucket, on another's items, with a star, and more of the key.
MORE = [
    ("dynamodb:DeleteTable", {"GetAtt": "AppsTable.Arn"}),
    ("dynamodb:GetItem", {"GetAtt": "AppsTable.Arn"}),
    ("dynamodb:UpdateItem", "arn:aws:dynamodb:eu-central-1:123456789012:table/other"),
    ("s3:PutObjectAcl", {"Sub": "${FilesBucket.Arn}/*"}),
    ("s3:GetObject", {"GetAtt": "FilesBucket.Arn"}),
    ("s3:ListBucket", {"Sub": "${FilesBucket.Arn}/*"}),
    ("ssm:GetParameters", {"Sub": "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${StackSettings}"}),
    ("secretsmanager:GetSecretValue", {"Ref": "OtherSecret"}),
    ("kms:Encrypt", {"Ref": "KmsKeyArn"}),
    ("kms:Decrypt", {"Ref": "KmsKeyArn"}),  # not for one service's calls alone
    ("dynamodb:*", {"GetAtt": "AppsTable.Arn"}),
    ("s3:GetObject", "arn:aws:s3:::*"),
    ("ssm:GetParameter", "*"),
]


def test_each_function_may_do_what_it_does_and_nothing_else(recording: Recording):
    assert recording.differences(TEMPLATE) == []


def test_with_a_key_each_function_may_use_it_for_what_it_reads_and_writes(recording: Recording):
    assert recording.differences(TEMPLATE, KmsKeyArn=KEY) == []


@pytest.mark.parametrize(("role", "sid", "action"), RIGHTS)
def test_a_right_that_is_taken_away_is_named(recording: Recording, role: str, sid: str, action: str):
    changed = copy.deepcopy(TEMPLATE)
    for name, statement in statements(changed):
        if (name, statement["Sid"]) == (role, sid):
            statement["Action"] = [each for each in listed(statement["Action"]) if each != action]

    told = recording.named(changed)

    assert told
    for line in told:
        assert line.startswith(f"{FUNCTIONS[role]}: {action} on ")
        assert line.endswith(": used, and not allowed")


@pytest.mark.parametrize("role", FUNCTIONS)
@pytest.mark.parametrize(("action", "resource"), MORE)
def test_a_right_too_many_is_named(recording: Recording, role: str, action: str, resource: Any):
    changed = copy.deepcopy(TEMPLATE)
    changed["Resources"]["OtherSecret"] = {"Type": "AWS::SecretsManager::Secret"}
    policy = changed["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource})

    (told,) = recording.named(changed)

    assert told.startswith(f"{FUNCTIONS[role]}: {action} on ")
    assert told.endswith(": allowed, and never used")


def test_a_right_on_the_wrong_resource_is_named_both_ways(recording: Recording):
    changed = copy.deepcopy(TEMPLATE)
    for role, statement in statements(changed):
        if (role, statement["Sid"]) == ("SessionRole", "ReadSecrets"):
            statement["Resource"] = {"Ref": "ChatSecret"}

    right = "session: secretsmanager:GetSecretValue on"
    assert recording.named(changed) == sorted(
        [
            f"{right} {recording.references['ApiSecret']}: used, and not allowed",
            f"{right} {recording.references['ChatSecret']}: allowed, and never used",
        ]
    )
