"""A session's title, as its vendor gives it."""

import json

import pytest
from session_world import World

from tests.session_store import ended, step


async def test_a_session_is_renamed_and_keeps_its_place_and_its_life(world: World) -> None:
    sid = await world.turn()
    world.clock += 1000
    other = await world.turn()
    world.apps.add(("alice", "app-1"))
    before = (await world.ask("GET", "?appId=app-1")).body["sessions"]
    world.clock += 1000

    body = json.dumps({"title": "  買い物リスト 👩\u200d💻 "})
    renamed = await world.ask("PUT", f"?sessionId={sid}", body=body)

    assert renamed.status == 200
    assert renamed.body == {"success": True, "session": {**before[1], "title": "買い物リスト 👩\u200d💻"}}
    assert (await world.ask("GET", "?appId=app-1")).body["sessions"] == [before[0], renamed.body["session"]]
    session = (await world.ask("GET", f"?sessionId={sid}")).body["session"]
    assert session["title"] == "買い物リスト 👩\u200d💻"
    assert session["metadata"]["updatedAt"] == before[1]["updatedAt"]
    assert before[0]["sessionId"] == other


async def test_a_running_session_is_renamed_for_good(world: World) -> None:
    begun = await world.begin()
    sid = begun.writer.sid

    renamed = await world.ask("PUT", f"?sessionId={sid}", body=json.dumps({"title": "Mine"}))

    assert (renamed.body["session"]["title"], renamed.body["session"]["status"]) == ("Mine", "running")
    assert not await begun.writer.set_title("Claude's")
    await world.end(begun, [step("Hello"), ended()])
    later = await world.begin(sid=sid)
    assert later.title == "Mine"
    assert (await world.ask("GET", f"?sessionId={sid}")).body["session"]["title"] == "Mine"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": " \u3000\n"},
        {"title": "x" * 101},
        {"title": "a\nb"},
        {"title": "a\u2029b"},
        {"title": "\ud800"},
        {"title": 1},
        {"title": "x", "name": "x"},
        ["x"],
    ],
)
async def test_a_title_that_cannot_be_is_an_invalid_request(world: World, body: object) -> None:
    sid = await world.turn()

    answer = await world.ask("PUT", f"?sessionId={sid}", body=json.dumps(body))

    assert (answer.status, answer.body["error"]["code"]) == (400, "invalid_request")
    assert (await world.ask("GET", f"?sessionId={sid}")).body["session"]["title"] == "New session"


async def test_a_title_of_a_hundred_characters_is_taken(world: World) -> None:
    sid = await world.turn()

    answer = await world.ask("PUT", f"?sessionId={sid}", body=json.dumps({"title": "👩" * 100}))

    assert answer.body["session"]["title"] == "👩" * 100
