"""Reading, listing, cancelling and deleting sessions, as a client sees them."""

import asyncio
import json
from contextlib import suppress

import pytest
from session_world import World

from aicode.errors import NotFound, SessionDeletedError
from aicode.history.usage import no_usage
from aicode.redis.keys import SessionKeys
from aicode.session_manager.manager import OwnedTurn
from aicode.session_manager.turn_writer import Batch
from tests.session_store import ended, step
from tests.waiting import until

# Of Upstash's larger plans, which take entries that the small ones refuse.
LARGER_PLAN = 10 * 1024 * 1024


async def test_a_session_is_read_with_all_that_the_contract_names(world: World) -> None:
    sid = await world.turn("Build a todo app", answer="Done")

    answer = await world.ask("GET", f"?sessionId={sid}")

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.body == {
        "success": True,
        "session": {
            "sessionId": sid,
            "appId": "app-1",
            "title": "New session",
            "status": "idle",
            "messages": [
                {
                    "id": "m1",
                    "turnId": 1,
                    "role": "user",
                    "content": [{"type": "text", "text": "Build a todo app"}],
                    "createdAt": world.clock,
                },
                {
                    "id": "1.2",
                    "turnId": 1,
                    "role": "assistant",
                    "content": [{"type": "text", "text": "Done"}],
                    "createdAt": 5,
                    "turn": {
                        "status": "complete",
                        "usage": no_usage(),
                        "fileChanges": [],
                        "startedAt": world.clock,
                        "endedAt": 6,
                        "undone": False,
                    },
                },
            ],
            "fileModifications": [],
            "pendingTools": [],
            "pendingApprovals": [],
            "metadata": {
                "model": "claude-test",
                "createdAt": world.clock,
                "updatedAt": world.clock,
                "expiresAt": world.clock + 86_400_000,
                "turns": 1,
                "usage": {
                    "inputTokens": 0,
                    "outputTokens": 0,
                    "cacheReadTokens": 0,
                    "cacheWriteTokens": 0,
                    "costUsd": 0.0,
                },
            },
            "hasMore": False,
        },
    }


async def test_a_running_session_shows_its_finished_steps_and_pending_tools(world: World) -> None:
    begun = await world.begin()
    pending = '[{"toolId":"t1","toolName":"read_file","status":"running","startedAt":7}]'
    call: dict[str, object] = {"type": "tool_use", "id": "t1", "name": "read_file", "input": {"path": "a"}}
    modification = '{"path":"a","action":"edited","version":2,"turnId":1,"toolId":"t0","timestamp":8}'
    batch = Batch(records=[step("Reading", call)], pending=pending, modifications={"a": modification})
    await begun.writer.checkpoint(world.clock, batch)

    session = (await world.ask("GET", f"?sessionId={begun.writer.sid}")).body["session"]

    assert session["status"] == "running"
    assert session["messages"][1]["content"] == [
        {"type": "text", "text": "Reading"},
        {"type": "tool_use", "toolId": "t1", "toolName": "read_file", "input": {"path": "a"}},
    ]
    assert session["pendingTools"] == [
        {"toolId": "t1", "toolName": "read_file", "status": "running", "startedAt": 7}
    ]
    assert session["fileModifications"] == [
        {"path": "a", "action": "edited", "version": 2, "turnId": 1, "toolId": "t0", "timestamp": 8}
    ]


async def test_a_session_whose_owner_died_is_interrupted_once_the_lease_is_over(world: World) -> None:
    sid = (await world.begin()).writer.sid
    world.clock += 30_001

    assert (await world.ask("GET", f"?sessionId={sid}")).body["session"]["status"] == "interrupted"
    world.apps.add(("alice", "app-1"))
    assert (await world.ask("GET", "?appId=app-1")).body["sessions"][0]["status"] == "interrupted"
    assert (await world.ask("POST", f"/{sid}/cancel")).body == {"success": True, "cancelled": False}


async def test_reading_does_not_slide_the_sessions_life(world: World) -> None:
    sid = await world.turn()
    before = (await world.ask("GET", f"?sessionId={sid}")).body["session"]["metadata"]["expiresAt"]
    world.clock += 1000

    after = (await world.ask("GET", f"?sessionId={sid}")).body["session"]["metadata"]["expiresAt"]

    assert after == before


async def test_pages_from_the_end_hold_every_message_once(world: World) -> None:
    sid = None
    for number in range(5):
        sid = await world.turn(f"question {number}", sid=sid, answer=f"answer {number}")
    texts: list[str] = []
    before, has_more = "", True
    while has_more:
        session = (await world.ask("GET", f"?sessionId={sid}&limit=3{before}")).body["session"]
        assert len(session["messages"]) <= 3
        texts = [message["content"][0]["text"] for message in session["messages"]] + texts
        before, has_more = f"&before={session['messages'][0]['id']}", session["hasMore"]

    assert texts == [f"{kind} {number}" for number in range(5) for kind in ("question", "answer")]


async def test_pages_that_are_cut_short_by_their_size_hold_every_message_once(world: World) -> None:
    begun = await world.begin("question")
    answers = [f"{n} " + "x" * 200_000 * (n % 3) for n in range(25)]
    for n, answer in enumerate(answers):
        await begun.writer.checkpoint(world.clock, Batch(records=[step(answer), *[step("")] * (n % 4)]))
    texts: list[str] = []
    before, has_more, pages = "", True, 0
    while has_more:
        session = (await world.ask("GET", f"?sessionId={begun.writer.sid}{before}")).body["session"]
        assert session["messages"], "there is always something to page on from"
        texts = [message["content"][0]["text"] for message in session["messages"]] + texts
        before, has_more = f"&before={session['messages'][0]['id']}", session["hasMore"]
        pages += 1

    assert texts == ["question", *answers]
    assert pages == 3


@pytest.mark.parametrize("limit", ["", "&limit=201", "&limit=100000"])
async def test_no_more_than_the_latest_200_messages_come_at_once(world: World, limit: str) -> None:
    begun = await world.begin()
    await begun.writer.checkpoint(world.clock, Batch(records=[step(str(n)) for n in range(250)]))

    session = (await world.ask("GET", f"?sessionId={begun.writer.sid}{limit}")).body["session"]

    assert len(session["messages"]) == 200
    assert session["messages"][-1]["content"][0]["text"] == "249"
    assert session["hasMore"] is True


async def test_a_page_is_full_although_many_entries_show_nothing(world: World) -> None:
    begun = await world.begin("first")
    silent = [step("") for _ in range(40)]
    await begun.writer.checkpoint(world.clock, Batch(records=[*silent, step("last")]))

    session = (await world.ask("GET", f"?sessionId={begun.writer.sid}&limit=2")).body["session"]

    assert [message["content"][0]["text"] for message in session["messages"]] == ["first", "last"]
    assert session["hasMore"] is False


@pytest.mark.parametrize("max_request", [LARGER_PLAN])
@pytest.mark.parametrize("text", ["é" * 400_000, '"' * 500_000, "\n" * 700_000])
async def test_an_answer_stays_below_what_a_function_may_return(world: World, text: str) -> None:
    begun = await world.begin()
    for _ in range(4):
        await begun.writer.checkpoint(world.clock, Batch(records=[step(text)]))

    answer = await world.ask("GET", f"?sessionId={begun.writer.sid}")

    assert [message["id"] for message in answer.body["session"]["messages"]] == ["1.4", "1.5"]
    assert answer.body["session"]["hasMore"] is True
    assert len(json.dumps({"body": json.dumps(answer.body)})) < 6 * 1024 * 1024


@pytest.mark.parametrize("max_request", [LARGER_PLAN])
async def test_a_message_that_is_larger_than_an_answer_may_be_comes_with_its_texts_cut(world: World) -> None:
    begun = await world.begin()
    text: dict[str, object] = {"type": "text", "text": "語" * 21_000}
    call: dict[str, object] = {"type": "tool_use", "id": "toolu_1", "name": "list_files", "input": {}}
    await begun.writer.checkpoint(world.clock, Batch(records=[step("Read it all.", *[call, text] * 60)]))

    answer = await world.ask("GET", f"?sessionId={begun.writer.sid}")

    (message,) = answer.body["session"]["messages"]
    assert (message["id"], answer.body["session"]["hasMore"]) == ("1.2", True)
    assert message["content"][0]["text"] == "Read it all."
    assert [block["text"] for block in message["content"][1:] if block["type"] == "text"] == [
        f"{'語' * 12_500}\n[8500 characters more]"
    ] * 60
    assert len(json.dumps({"body": json.dumps(answer.body)})) < 6 * 1024 * 1024


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=1e3", "limit=x", "limit=", "limit=-1", "limit=1.5", "limit=%D9%A1"),
        *("before=", "before=0.1", "before=1.0", "before=1.2.3", "before=99999999999999999999.1"),
        *("before=unknown", "before=%00", "limit=1&limit=2"),
        *(f"before={'9' * 4_400}.1", f"before=1.{'9' * 4_400}", f"limit={'9' * 4_400}"),
    ],
)
async def test_a_page_that_cannot_be_is_an_invalid_request(world: World, query: str) -> None:
    sid = await world.turn()

    answer = await world.ask("GET", f"?sessionId={sid}&{query}")

    assert (answer.status, answer.body["error"]["code"]) == (400, "invalid_request")


async def test_a_message_of_another_session_is_no_place_in_this_one(world: World) -> None:
    await world.turn()
    other = await world.turn()

    assert (await world.ask("GET", f"?sessionId={other}&before=m1")).status == 400
    assert (await world.ask("GET", f"?sessionId={other}&before=m2")).status == 200


@pytest.mark.parametrize(
    ("method", "query"),
    [
        *(("GET", ""), ("GET", "?sessionId="), ("GET", "?appId="), ("GET", "?sessionId=a&appId=b")),
        *(("PUT", ""), ("PUT", "?sessionId="), ("PUT", "?appId=a"), ("PUT", "?sessionId=a&appId=b")),
        *(("DELETE", ""), ("DELETE", "?sessionId="), ("DELETE", "?appId=a"), ("GET", "?sessionId=a&appId=")),
        ("GET", "?sessionId=%FF"),
    ],
)
async def test_a_request_names_exactly_one_thing(world: World, method: str, query: str) -> None:
    answer = await world.ask(method, query)

    assert (answer.status, answer.body["error"]["code"]) == (400, "invalid_request")
    assert answer.body["error"]["requestId"]
    assert answer.body["success"] is False


async def test_sessions_are_listed_with_the_latest_changed_first(world: World) -> None:
    first = await world.turn()
    world.clock += 10
    second = await world.turn()
    world.clock += 10
    await world.turn("again", sid=first)

    answer = await world.ask("GET", "?appId=app-1")

    assert answer.body["success"] is True
    assert [session["sessionId"] for session in answer.body["sessions"]] == [first, second]
    assert answer.body["sessions"][1] == {
        "sessionId": second,
        "title": "New session",
        "status": "idle",
        "createdAt": world.clock - 10,
        "updatedAt": world.clock - 10,
    }


async def test_an_app_without_sessions_has_an_empty_list(world: World) -> None:
    world.apps.add(("alice", "new-app"))

    answer = await world.ask("GET", "?appId=new-app")

    assert (answer.status, answer.body) == (200, {"success": True, "sessions": []})


async def test_an_absent_app_and_another_vendors_app_look_the_same(world: World) -> None:
    world.apps.add(("bob", "bobs-app"))
    await world.turn()

    answers = [
        await world.ask("GET", "?appId=none"),
        await world.ask("GET", "?appId=bobs-app"),
        await world.ask("GET", "?appId=app-1", vendor="bob"),
        await world.ask("GET", "?appId=..%2F"),
    ]

    assert [answer.status for answer in answers] == [404] * 4
    assert len({answer.body["error"]["message"] for answer in answers}) == 1


async def test_an_absent_session_and_another_vendors_session_look_the_same(world: World) -> None:
    sid = await world.turn()

    for name in (sid, "none", "a:b", "%00", "x" * 65):
        for method, below in (
            ("GET", f"?sessionId={name}"),
            ("PUT", f"?sessionId={name}"),
            ("DELETE", f"?sessionId={name}"),
            ("POST", f"/{name}/cancel"),
        ):
            answer = await world.ask(method, below, vendor="bob", body='{"title": "Mine"}')
            assert (answer.status, answer.body["error"]["code"]) == (404, "not_found"), below
            assert answer.body["error"]["message"] in (
                "There is no such session.",
                "There is nothing at this path.",
            )
    assert (await world.ask("GET", f"?sessionId={sid}")).status == 200


async def test_an_expired_session_is_told_from_one_that_never_was(world: World) -> None:
    sid = await world.turn()
    await world.client.command("DEL", SessionKeys(sid).meta)

    for method, below in (
        ("GET", f"?sessionId={sid}"),
        ("PUT", f"?sessionId={sid}"),
        ("DELETE", f"?sessionId={sid}"),
        ("POST", f"/{sid}/cancel"),
    ):
        answer = await world.ask(method, below, body='{"title": "Mine"}')
        assert (answer.status, answer.body["error"]["code"]) == (410, "session_expired")
        assert (await world.ask(method, below, body='{"title": "Mine"}', vendor="bob")).status == 404


async def test_cancelling_tells_whether_a_turn_was_running(world: World) -> None:
    begun = await world.begin()
    sid = begun.writer.sid

    first = await world.ask("POST", f"/{sid}/cancel")
    signals = await begun.writer.flush(world.clock, b"", 0)
    await world.end(begun, [ended()], "cancelled")
    second = await world.ask("POST", f"/{sid}/cancel", body="whatever")

    assert first.body == {"success": True, "cancelled": True}
    assert signals.cancelled
    assert second.body == {"success": True, "cancelled": False}
    assert (await world.ask("GET", f"?sessionId={sid}")).body["session"]["status"] == "cancelled"


async def test_a_body_over_256_kb_is_too_large(world: World) -> None:
    sid = await world.turn()

    answer = await world.ask("POST", f"/{sid}/cancel", body="x" * (256 * 1024 + 1))

    assert (answer.status, answer.body["error"]["code"]) == (413, "too_large")
    assert (await world.ask("POST", f"/{sid}/cancel", body="x" * 256 * 1024)).status == 200


async def test_a_deleted_session_is_gone_from_everywhere(world: World) -> None:
    sid = await world.turn()
    world.apps.add(("alice", "app-1"))

    assert (await world.ask("DELETE", f"?sessionId={sid}")).body == {"success": True}
    assert (await world.ask("GET", f"?sessionId={sid}")).status == 404
    assert (await world.ask("DELETE", f"?sessionId={sid}")).status == 404
    assert (await world.ask("GET", "?appId=app-1")).body["sessions"] == []


async def cancelled(world: World, begun: OwnedTurn) -> None:
    """Waits until the turn's owner hears that it is to stop."""

    async def hears() -> bool:
        return (await begun.writer.flush(world.clock, b"", 0)).cancelled

    await until(hears)


async def test_a_delete_is_answered_once_the_turn_that_ran_has_ended(world: World) -> None:
    begun = await world.begin()
    deleting = asyncio.create_task(world.ask("DELETE", f"?sessionId={begun.writer.sid}"))

    await cancelled(world, begun)
    assert not deleting.done()
    await world.end(begun, [ended()], "cancelled")

    assert (await deleting).body == {"success": True}
    assert (await world.ask("GET", f"?sessionId={begun.writer.sid}")).status == 404


async def test_a_turn_that_begins_while_its_session_is_being_deleted_does_not_save_it(world: World) -> None:
    begun = await world.begin()
    sid = begun.writer.sid
    deleting = asyncio.create_task(world.ask("DELETE", f"?sessionId={sid}"))
    await cancelled(world, begun)
    await world.end(begun, [ended()], "cancelled")

    with suppress(NotFound):  # the deletion may be over by now
        await world.begin(sid=sid)

    assert (await deleting).status == 200
    assert (await world.ask("GET", f"?sessionId={sid}")).status == 404


async def test_a_session_whose_owner_does_not_answer_is_deleted_all_the_same(world: World) -> None:
    begun = await world.begin()

    answer = await world.ask("DELETE", f"?sessionId={begun.writer.sid}")

    assert answer.body == {"success": True}
    assert world.fenced_off == [(begun.writer.sid, begun.writer.epoch)]
    with pytest.raises(SessionDeletedError):
        await begun.writer.flush(world.clock, b"", 0)


async def test_an_owner_whose_lease_is_over_is_fenced_off_from_the_files_when_its_session_goes(
    world: World,
) -> None:
    begun = await world.begin()
    world.clock += 31_000

    assert (await world.ask("DELETE", f"?sessionId={begun.writer.sid}")).body == {"success": True}

    assert world.fenced_off == [(begun.writer.sid, begun.writer.epoch)]


async def test_where_no_turn_runs_the_file_store_is_not_asked(world: World) -> None:
    sid = await world.turn()

    assert (await world.ask("DELETE", f"?sessionId={sid}")).body == {"success": True}

    assert world.fenced_off == []
