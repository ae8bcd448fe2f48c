"""Sessions: reading and paging, the list, cancelling a turn, deleting a session, files under the turns."""

import asyncio
import time

import pytest

from dev.claude import Gate, Reply, Stall, Text, Thinking, ToolUse
from tests.end_to_end.contract_world import Vendor, World, assert_error, assert_guarded
from tests.end_to_end.stack import APPS, BASE, Event, Json, assert_well_formed, session_of, texts
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def says_two(event: Event) -> bool:
    return event.type == "text_delta" and event.data["text"] == "Two."


async def cancel(vendor: Vendor, session: str) -> Json:
    answer = await vendor.client.post(f"{BASE}/{session}/cancel")
    assert answer.status_code == 200, answer.text
    assert_guarded(answer)
    return answer.json()


async def test_a_session_is_read_with_all_that_the_contract_names(vendor: Vendor):
    message = vendor.says(
        Reply(
            Thinking("Hm."),
            Text("I write."),
            ToolUse("create_file", {"path": "a.txt", "content": "1"}, id="toolu_a"),
            ToolUse("read_file", {"path": "absent.txt"}, id="toolu_b"),
        ),
        Reply(Text("Done.")),
    )
    before = int(time.time() * 1000)
    events = await vendor.turn(message, messageId="my-message")
    after = int(time.time() * 1000)
    answer = await vendor.client.get(BASE, params={"sessionId": session_of(events)})
    assert_guarded(answer)
    session = answer.json()["session"]

    assert answer.json() == {"success": True, "session": session}
    assert set(session) == {
        *("sessionId", "appId", "title", "status", "messages"),
        *("fileModifications", "pendingTools", "pendingApprovals", "metadata", "hasMore"),
    }
    assert (session["appId"], session["status"], session["hasMore"]) == (vendor.app, "idle", False)
    assert session["pendingTools"] == []
    for shown in session["messages"]:
        of_turn = ["turn"] if shown is session["messages"][-1] else []
        assert set(shown) == {"id", "turnId", "role", "content", "createdAt", *of_turn}
        assert shown["turnId"] == 1
        assert before <= shown["createdAt"] <= after
    assert len({shown["id"] for shown in session["messages"]}) == 4
    assert session["messages"][0]["id"] == "my-message"
    assert [(shown["role"], shown["content"]) for shown in session["messages"]][1:] == [
        (
            "assistant",
            [
                {"type": "thinking", "text": "Hm."},
                {"type": "text", "text": "I write."},
                {
                    "type": "tool_use",
                    "toolId": "toolu_a",
                    "toolName": "create_file",
                    "input": {"path": "a.txt", "content": "1"},
                },
                {
                    "type": "tool_use",
                    "toolId": "toolu_b",
                    "toolName": "read_file",
                    "input": {"path": "absent.txt"},
                },
            ],
        ),
        ("user", session["messages"][2]["content"]),
        ("assistant", [{"type": "text", "text": "Done."}]),
    ]
    for block, call in zip(session["messages"][2]["content"], ("toolu_a", "toolu_b"), strict=True):
        assert set(block) == {"type", "toolId", "status", "isError", "content", "summary", "durationMs"}
        assert (block["type"], block["toolId"], block["isError"]) == ("tool_result", call, call == "toolu_b")
    (modified,) = session["fileModifications"]
    assert set(modified) == {"path", "action", "version", "turnId", "toolId", "timestamp"}
    assert (modified["path"], modified["action"], modified["version"]) == ("a.txt", "created", 1)
    assert (modified["turnId"], modified["toolId"]) == (1, "toolu_a")
    metadata = session["metadata"]
    assert set(metadata) == {"model", "createdAt", "updatedAt", "expiresAt", "turns", "usage"}
    assert (metadata["model"], metadata["turns"]) == ("claude-sonnet-5-5", 1)
    assert before <= metadata["createdAt"] <= metadata["updatedAt"] <= after
    assert metadata["expiresAt"] == metadata["updatedAt"] + 86_400_000


async def test_messages_are_paged_from_the_end(vendor: Vendor):
    session = session_of(await vendor.turn("m1"))
    for n in range(2, 6):
        await vendor.turn(f"m{n}", session, messageId=f"id-{n}")
    whole = (await vendor.session(session))["messages"]

    assert len(whole) == 10
    for limit in (1, 2, 3, 7, 10, 200):
        assert await vendor.paged(session, limit) == whole
    assert (await vendor.session(session, before=whole[0]["id"]))["messages"] == []
    strange = await vendor.client.get(BASE, params={"sessionId": session, "before": "no-such-message"})
    assert_error(strange, 400, "invalid_request")


async def test_the_list_has_an_apps_sessions_newest_first(vendor: Vendor):
    first = session_of(await vendor.turn("First one"))
    second = session_of(await vendor.turn("Second one"))
    elsewhere = await vendor.new_app()
    async with vendor.stream("POST", BASE, json={"message": "Elsewhere", "appId": elsewhere}) as stream:
        third = session_of(await stream.rest())
    await vendor.turn("First again", first)
    answer = await vendor.client.get(BASE, params={"appId": vendor.app})
    assert_guarded(answer)
    listed = answer.json()["sessions"]

    assert [item["sessionId"] for item in listed] == [first, second]
    for item in listed:
        assert set(item) == {"sessionId", "title", "status", "createdAt", "updatedAt"}
        assert item["status"] == "idle"
    assert [item["title"] for item in listed] == ["First one", "Second one"]
    there = await vendor.client.get(BASE, params={"appId": elsewhere})
    assert [item["sessionId"] for item in there.json()["sessions"]] == [third]


async def test_reading_does_not_slide_a_sessions_life_and_a_turn_does(vendor: Vendor):
    session = session_of(await vendor.turn("Hi"))
    keys = [f"s:{session}:{kind}" for kind in "mh"]
    for key in keys:
        await vendor.redis_command("PEXPIRE", key, 60_000)
    await vendor.session(session)
    await vendor.client.get(BASE, params={"appId": vendor.app})
    await vendor.missed(session, "1-1")
    left = [await vendor.redis_command("PTTL", key) for key in keys]
    assert all(0 < ttl <= 60_000 for ttl in left)
    await vendor.turn("Again", session)

    assert all([await vendor.redis_command("PTTL", key) > 86_000_000 for key in keys])


async def test_an_expired_session_is_410_everywhere_and_in_no_list(vendor: Vendor, stranger: Vendor):
    session = session_of(await vendor.turn("Hi", messageId="of-an-expired-session"))
    for kind in "mhef":
        await vendor.redis_command("DEL", f"s:{session}:{kind}")
    for method, path, body in (
        ("GET", f"{BASE}?sessionId={session}", None),
        ("GET", f"{BASE}/{session}/stream", None),
        ("POST", f"{BASE}/{session}/cancel", None),
        ("POST", BASE, {"message": "Hi", "appId": vendor.app, "sessionId": session}),
    ):
        assert_error(await vendor.client.request(method, path, json=body), 410, "session_expired")
        theirs = {**body, "appId": stranger.app} if body else None
        assert_error(await stranger.client.request(method, path, json=theirs), 404, "not_found")
    listed = await vendor.client.get(BASE, params={"appId": vendor.app})
    assert listed.json()["sessions"] == []
    known = {"message": "Hi", "appId": vendor.app, "messageId": "of-an-expired-session"}
    for body in (known, {**known, "sessionId": session}):
        assert_error(await vendor.client.post(BASE, json=body), 410, "session_expired")
    assert session_of(await vendor.turn("Hi", messageId="a-new-one")) != session


async def test_a_cancelled_turn_stops_the_model_and_keeps_what_was_shown(world: World, vendor: Vendor):
    message = vendor.says(Reply(Thinking("Think."), Text("Some words"), Stall()))
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("text_delta")
        session = session_of(stream.seen)
        assert (await vendor.session(session))["status"] == "running"
        assert await cancel(vendor, session) == {"success": True, "cancelled": True}
        await vendor.plays.asked(message)[0].disconnected()
        events = await stream.rest()
    read = await vendor.session(session)

    assert_well_formed(events)
    assert events[-1].type == "turn_cancelled"
    assert set(events[-1].data) == {"turnId", "usage"}
    assert events[-1].data["turnId"] == 1
    assert read["status"] == "cancelled"
    assert read["pendingTools"] == []
    blocks = [block for shown in read["messages"][1:] for block in shown["content"]]
    assert [block["type"] for block in blocks] == ["thinking", "text", "notice"]
    assert [block["text"] for block in blocks[:2]] == ["Think.", "Some words"]
    assert await cancel(vendor, session) == {"success": True, "cancelled": False}
    again = await vendor.turn("Go on", session)
    assert again[-1].type == "message_complete"
    assert (await vendor.session(session))["status"] == "idle"


async def test_a_call_that_was_being_written_is_settled_when_its_turn_is_cancelled(vendor: Vendor):
    message = vendor.says(
        Reply(Text("I write."), ToolUse("create_file", {"path": "a.txt", "content": "1"}), Stall())
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("tool_use_start")
        session = session_of(stream.seen)
        assert (await cancel(vendor, session))["cancelled"] is True
        events = await stream.rest()

    assert_well_formed(events)
    assert events[-1].type == "turn_cancelled"
    assert await vendor.file("a.txt") is None
    assert (await vendor.turn("And now?", session))[-1].type == "message_complete"


async def test_cancelling_where_nothing_runs_says_so(vendor: Vendor):
    session = session_of(await vendor.turn("Hi"))

    assert await cancel(vendor, session) == {"success": True, "cancelled": False}
    with_body = await vendor.client.post(f"{BASE}/{session}/cancel", json={"any": "thing"})
    assert with_body.json() == {"success": True, "cancelled": False}
    assert_error(await vendor.client.post(f"{BASE}/nothing/cancel"), 404, "not_found")
    assert (await vendor.session(session))["status"] == "idle"


async def test_a_cancel_reaches_every_open_stream(world: World, vendor: Vendor):
    message = vendor.says(Reply(Text("Half"), Stall()))
    async with asyncio.timeout(PATIENCE), vendor.post(message) as live:
        await live.until("text_delta")
        session = session_of(live.seen)
        async with vendor.resume(session) as reader:
            await reader.until("text_delta")
            await cancel(vendor, session)
            events, seen = await live.rest(), await reader.rest()

    assert [event.id for event in events] == [event.id for event in seen]
    assert seen[-1].type == "turn_cancelled"


async def test_a_deleted_session_is_gone_with_its_running_turn(world: World, vendor: Vendor):
    message = vendor.says(
        Reply(Text("Half"), ToolUse("create_file", {"path": "late.txt", "content": "x"}), Stall())
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message, messageId="gone") as live:
        await live.until("tool_use_start")
        session = session_of(live.seen)
        async with vendor.resume(session) as reader:
            await reader.until("tool_use_start")
            answer = await vendor.client.delete(BASE, params={"sessionId": session})
            await vendor.plays.asked(message)[0].disconnected()
            events, seen = await live.rest(), await reader.rest()

    assert answer.status_code == 200
    assert answer.json() == {"success": True}
    assert_guarded(answer)
    for stream in (events, seen):
        assert stream[-1].type == "turn_cancelled"
        assert set(stream[-1].data) == {"turnId", "usage"}
        assert_well_formed(stream)
    for method, path, body in (
        ("GET", f"{BASE}?sessionId={session}", None),
        ("DELETE", f"{BASE}?sessionId={session}", None),
        ("GET", f"{BASE}/{session}/stream", None),
        ("POST", f"{BASE}/{session}/cancel", None),
        ("POST", BASE, {"message": "Hi", "appId": vendor.app, "sessionId": session}),
    ):
        assert_error(await vendor.client.request(method, path, json=body), 404, "not_found")
    listed = await vendor.client.get(BASE, params={"appId": vendor.app})
    assert listed.json()["sessions"] == []
    anew = await vendor.turn("Words of another message", messageId="gone")
    assert session_of(anew) != session


async def test_deleting_an_app_ends_its_sessions_and_their_running_turns(world: World, vendor: Vendor):
    await vendor.save("a.txt", "1")
    idle = session_of(await vendor.turn("Hi"))
    message = vendor.says(Reply(Text("Half"), Stall()))
    async with asyncio.timeout(PATIENCE), vendor.post(message) as live:
        await live.until("text_delta")
        running = session_of(live.seen)
        answer = await vendor.client.delete(f"{APPS}/{vendor.app}")
        events = await live.rest()

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert_well_formed(events)
    assert events[-1].type == "turn_cancelled"
    for session in (idle, running):
        found = await vendor.client.get(BASE, params={"sessionId": session})
        assert_error(found, 404, "not_found")
    for path in (f"{APPS}/{vendor.app}/files", f"{BASE}?appId={vendor.app}"):
        assert_error(await vendor.client.get(path), 404, "not_found")
    body = {"message": "Hi", "appId": vendor.app}
    assert_error(await vendor.client.post(BASE, json=body), 404, "not_found")
    listed = await vendor.client.get(APPS)
    assert vendor.app not in [app["appId"] for app in listed.json()["apps"]]


async def test_tools_that_run_are_pending_and_a_running_sessions_messages_hold_finished_steps(
    world: World, vendor: Vendor
):
    message = vendor.says(
        Reply(Text("One."), ToolUse("list_files", id="toolu_1")), Reply(Text("Two."), Gate("running"))
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until(says_two)
        session = await vendor.session(session_of(stream.seen))
        listed = await vendor.client.get(BASE, params={"appId": vendor.app})
        async with vendor.resume(session["sessionId"]) as reader:
            await reader.until(says_two)
            world.stack.model.open("running")
            events, seen = await stream.rest(), await reader.rest()

    assert session["status"] == "running"
    assert [item["status"] for item in listed.json()["sessions"]] == ["running"]
    assert [shown["role"] for shown in session["messages"]] == ["user", "assistant", "user"]
    assert texts(seen) == texts(events) == "One.Two."


async def test_what_claude_does_in_a_turn_is_one_checkpoint_that_can_be_undone(vendor: Vendor):
    await vendor.save("keep.txt", "mine\n")
    message = vendor.says(
        Reply(ToolUse("create_file", {"path": "a.txt", "content": "1\n"})),
        Reply(
            ToolUse("edit_file", {"path": "keep.txt", "edits": [{"old": "mine", "new": "yours"}]}),
            ToolUse("read_file", {"path": "keep.txt"}),
        ),
        Reply(ToolUse("edit_file", {"path": "keep.txt", "edits": [{"old": "mine", "new": "yours"}]})),
        Reply(Text("Done.")),
    )
    events = await vendor.turn(message)
    answer = await vendor.client.get(f"{APPS}/{vendor.app}/checkpoints")
    newest, oldest = answer.json()["checkpoints"]

    assert set(newest) == {
        *("revision", "baseRevision", "turnId", "sessionId"),
        *("author", "message", "createdAt", "changes"),
    }
    assert (newest["author"], newest["turnId"], newest["sessionId"]) == ("ai", 1, session_of(events))
    assert {change["path"]: change["action"] for change in newest["changes"]} == {
        "a.txt": "created",
        "keep.txt": "edited",
    }
    assert (oldest["author"], oldest["revision"]) == ("vendor", newest["baseRevision"])
    undone = await vendor.client.post(
        f"{APPS}/{vendor.app}/restore",
        json={"revision": newest["baseRevision"], "paths": [c["path"] for c in newest["changes"]]},
    )
    assert undone.status_code == 200, undone.text
    assert undone.json()["revision"] > newest["revision"]
    assert await vendor.file("a.txt") is None
    assert await vendor.file("keep.txt") == "mine\n"


async def test_an_edit_over_the_vendors_own_save_is_refused_to_claude(world: World, vendor: Vendor):
    await vendor.save("a.txt", "one\n")
    message = vendor.says(
        Reply(ToolUse("read_file", {"path": "a.txt"})),
        Reply(
            Gate("saved meanwhile"),
            ToolUse("edit_file", {"path": "a.txt", "edits": [{"old": "one", "new": "claude's"}]}),
        ),
        Reply(Text("I see.")),
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("step_complete")
        await until(lambda: len(vendor.plays.asked(message)) == 2)
        await vendor.save("a.txt", "vendor's one\n", 1)
        world.stack.model.open("saved meanwhile")
        events = await stream.rest()

    assert_well_formed(events)
    assert events[-1].type == "message_complete"
    assert [e for e in events if e.type == "file_change"] == []
    assert await vendor.file("a.txt") == "vendor's one\n"
