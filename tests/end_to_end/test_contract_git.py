"""An app and its git repository, over HTTP and through real function processes, with real git as the host."""

import asyncio
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor, assert_error
from tests.end_to_end.stack import APPS, Json, assert_well_formed, session_of, texts
from tests.git.git_server import TOKEN, GitServer, git, serve
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

CREATE = ToolUse("create_file", {"path": "src/todo.ts", "content": "export const todo = [];\n"})
PUSH = ToolUse("push_app", {"message": "Share the todo list"})
DONE = Reply(Text("It is pushed."), stop_reason="end_turn")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitServer]:
    with serve(tmp_path / "host") as running:
        yield running


async def connect(vendor: Vendor, host: GitServer) -> None:
    answer = await vendor.client.put(f"{APPS}/{vendor.app}/git", json={"url": host.url, "token": TOKEN})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"success": True, "remote": {"url": host.url, "branch": "main"}}


async def push(vendor: Vendor) -> Json:
    answer = await vendor.client.post(f"{APPS}/{vendor.app}/git/push")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_claude_pushes_once_the_vendor_says_yes(vendor: Vendor, host: GitServer):
    await connect(vendor, host)
    asks = Reply(Text("I push it."), CREATE, PUSH, stop_reason="tool_use")
    before = await vendor.turn(vendor.says(asks, DONE))
    session = session_of(before)
    request = next(event.data for event in before if event.type == "tool_approval_request")
    assert request["toolName"] == "push_app"
    assert host.url in request["summary"]
    assert not any("receive-pack" in line for line in host.seen if line.startswith("POST"))

    answer = await vendor.client.post(
        f"{vendor.base}/{session}/approvals/{request['approvalId']}", json={"approved": True}
    )
    assert answer.json() == {"success": True, "approved": True, "waiting": 0}
    async with asyncio.timeout(PATIENCE), vendor.resume(session, before[-1].id) as stream:
        after = await stream.rest()

    assert_well_formed([*before, *after])
    assert texts([*before, *after]) == "I push it.It is pushed."
    complete = next(event.data["toolResults"] for event in after if event.type == "tool_use_complete")
    pushed = next(each for each in complete if each["toolName"] == "push_app")
    assert not pushed["isError"], pushed
    assert f"Pushed to {host.url}, branch main (commit {host.tip()[:12]})." in pushed["summary"]
    assert git(host.bare, "show", "main:src/todo.ts") == "export const todo = [];"
    git(host.bare, "fsck", "--strict")
    assert (await push(vendor))["result"] == "up_to_date"
    read = await vendor.session(session)
    assert TOKEN not in str([read, before, after])


async def test_claude_is_told_what_the_host_says_and_never_the_token(vendor: Vendor, host: GitServer):
    await connect(vendor, host)
    host.hook(f"echo 'Closed for today, {TOKEN}' >&2; exit 1")
    allowed = await vendor.client.put(f"{APPS}/{vendor.app}/policy", json={"push": "allow"})
    assert allowed.status_code == 200
    asks = Reply(Text("I push it."), CREATE, PUSH, stop_reason="tool_use")

    events = await vendor.turn(vendor.says(asks, DONE))

    assert_well_formed(events)
    complete = next(event.data["toolResults"] for event in events if event.type == "tool_use_complete")
    assert [each["isError"] for each in complete] == [False, True]
    read = str(await vendor.session(session_of(events)))
    assert "Closed for today, [token]" in read
    assert TOKEN not in read + str(events)


async def test_an_app_is_connected_pushed_merged_downloaded_and_disconnected(
    vendor: Vendor, host: GitServer, tmp_path: Path
):
    await vendor.save("src/App.tsx", "one\ntwo\nthree\n")
    await vendor.save(".env", "SECRET=canary\n")
    await connect(vendor, host)

    first = await push(vendor)
    host.others_push(src__App_dot_tsx="ONE\ntwo\nthree\n")
    await vendor.save("src/App.tsx", "one\ntwo\nTHREE\n", 1)
    merged = await push(vendor)

    assert (first["result"], first["skipped"]) == ("pushed", [".env"])
    assert (merged["result"], merged["commit"]) == ("merged", host.tip())
    assert git(host.bare, "show", "main:src/App.tsx") == "ONE\ntwo\nTHREE"
    remote = (await vendor.client.get(f"{APPS}/{vendor.app}/git")).json()["remote"]
    assert remote.keys() == {"url", "branch", "pushedRevision", "pushedAt"}
    bundle = tmp_path / "app.bundle"
    bundle.write_bytes((await vendor.client.get(f"{APPS}/{vendor.app}/export.bundle")).content)
    git(tmp_path, "clone", "-q", str(bundle), "clone")
    assert (tmp_path / "clone" / "src/App.tsx").read_text() == "one\ntwo\nTHREE\n"
    archive = (await vendor.client.get(f"{APPS}/{vendor.app}/export.zip")).content
    assert ".git/HEAD" in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    gone = await vendor.client.delete(f"{APPS}/{vendor.app}/git")
    assert gone.json() == {"success": True, "remote": None}
    assert_error(await vendor.client.post(f"{APPS}/{vendor.app}/git/push"), 400, "invalid_request")


async def test_a_branch_becomes_an_app(vendor: Vendor, host: GitServer):
    host.others_push(src__App_dot_tsx="theirs\n")

    answer = await vendor.client.post(f"{APPS}/import", json={"url": host.url, "token": TOKEN})

    assert answer.status_code == 201, answer.text
    vendor.app = answer.json()["app"]["appId"]
    assert await vendor.file("src/App.tsx") == "theirs\n"
