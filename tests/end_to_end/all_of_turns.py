"""All that turns and the editor do which needs a right of its own, once."""

import asyncio
import os
import signal

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.contract_world import Plays
from tests.end_to_end.deployed_stack import NAME, DeployedStack
from tests.end_to_end.stack import APPS, BASE, Event, session_of
from tests.file_store.texts import noise
from tests.waiting import PATIENCE

# More than an item of the table holds.
LARGE = noise(1, 400_000)


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
