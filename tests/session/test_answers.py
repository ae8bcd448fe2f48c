"""Answers to turns that wait, as the session function takes them and lets the turns go on."""

import json

import pytest
from session_world import World

from aicode.history import Record, WaitingRequest
from aicode.session_manager.turn_writer import Batch
from session.handover import to_chat_function
from tests.observing import Operators
from tests.session_store import counted, step


def request(approval: str, **more: object) -> WaitingRequest:
    made: WaitingRequest = {
        "approvalId": approval,
        "toolId": f"tool-{approval}",
        "toolName": "publish_app",
        "summary": "Publish revision 3",
        "input": {"revision": 3},
        "createdAt": 7,
        "kind": "approval",
        "policy": "publish",
    }
    return {**made, **more}  # pyright: ignore[reportReturnType] - of the same type


async def waits(world: World, *requests: WaitingRequest) -> str:
    """A turn that waits for these; gives the session's id."""
    begun = await world.begin()
    records: list[Record] = [step(), {"kind": "waiting", "step": 1, "requests": [*requests], "at": 7}]
    batch = Batch(frames=b"id: 1-2\n\n", last_seq=2, records=records, **counted(begun))
    assert await begun.writer.wait(world.clock, batch, requests)
    return begun.writer.sid


async def test_a_session_that_waits_tells_for_what(world: World):
    sid = await waits(world, request("one"), request("two", deadline=world.clock + 20_000))

    session = (await world.ask("GET", f"?sessionId={sid}")).body["session"]

    assert session["status"] == "waiting"
    assert session["pendingTools"] == []
    assert session["pendingApprovals"] == [
        {
            "approvalId": approval,
            "toolId": f"tool-{approval}",
            "toolName": "publish_app",
            "summary": "Publish revision 3",
            "input": {"revision": 3},
            "createdAt": 7,
        }
        for approval in ("one", "two")
    ]
    assert session["messages"][-1]["turn"]["status"] == "waiting"
    assert "endedAt" not in session["messages"][-1]["turn"]


async def test_the_last_answer_hands_the_turn_over_and_again_while_nobody_has_taken_it(world: World):
    sid = await waits(world, request("one"), request("two"))

    first = await world.ask("POST", f"/{sid}/approvals/two", body='{"approved": true}')
    assert (first.body["waiting"], world.handed_over) == (1, [])
    last = await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": false}')
    assert (last.body["approved"], last.body["waiting"], world.handed_over) == (False, 0, [(sid, 1)])
    again = await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": false, "reason": "x"}')
    assert (again.body, world.handed_over) == (last.body, [(sid, 1)] * 2)
    assert await world.sessions.claim("alice", sid, handed_over_by=1) is not None
    await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": false}')

    assert world.handed_over == [(sid, 1)] * 2
    assert (await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": true}')).status == 409


async def test_an_answer_for_the_app_changes_its_policy_and_one_for_the_session_does_not(world: World):
    sid = await waits(world, request("one"), request("two"))

    await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": true, "remember": "session"}')
    assert world.policies == []
    await world.ask("POST", f"/{sid}/approvals/two", body='{"approved": false, "remember": "app"}')

    assert world.policies == [("app-1", "publish", "deny")]
    assert (await world.sessions.state("alice", sid)).consents == {"publish": "allow"}


async def test_whoever_reads_a_session_finds_that_it_has_waited_long_enough(world: World):
    sid = await waits(world, request("one", kind="preview", deadline=world.clock + 20_000))
    assert (await world.ask("GET", f"?sessionId={sid}")).body["session"]["status"] == "waiting"
    world.clock += 20_000

    session = (await world.ask("GET", f"?sessionId={sid}")).body["session"]

    assert (session["status"], session["pendingApprovals"]) == ("running", [])
    assert world.handed_over == [(sid, 1)]
    late = await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": true}')
    assert late.body["error"]["code"] == "already_answered"


async def test_of_a_long_console_the_latest_lines_are_kept(world: World):
    sid = await waits(world, request("one", kind="preview", deadline=world.clock + 20_000))
    lines = ["the first", *("x" * 2_000 for _ in range(5)), "the last"]

    body = json.dumps({"approved": True, "picture": "upload-1", "console": lines})
    assert (await world.ask("POST", f"/{sid}/approvals/one", body=body)).status == 200

    [*_, entry] = (await world.sessions.read("alice", sid)).entries
    assert entry["record"]["kind"] == "answered"
    assert entry["record"]["answer"].get("console") == lines[-4:]


async def test_what_has_waited_long_enough_does_not_outlast_the_answer_to_the_rest(world: World):
    sid = await waits(world, request("one"), request("two", kind="preview", deadline=world.clock + 20_000))
    world.clock += 20_000

    await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": true}')

    assert world.handed_over == [(sid, 1)]


async def test_stop_has_a_turn_that_waits_ended_by_the_chat_function(world: World):
    sid = await waits(world, request("one"))

    stopped = await world.ask("POST", f"/{sid}/cancel")

    assert stopped.body == {"success": True, "cancelled": True}
    assert world.handed_over == [(sid, 1)]
    assert (await world.sessions.state("alice", sid)).is_stopping


async def test_a_session_that_waits_is_deleted_at_once(world: World):
    sid = await waits(world, request("one"))

    assert (await world.ask("DELETE", f"?sessionId={sid}")).body == {"success": True}

    assert (world.handed_over, world.fenced_off) == ([], [])
    assert (await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": true}')).status == 404


async def test_a_turn_that_the_chat_function_does_not_take_is_interrupted_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    sid = await waits(world, request("one"))
    await world.ask("POST", f"/{sid}/approvals/one", body='{"approved": true}')

    operators = Operators()
    await to_chat_function("chat", world.sessions)("alice", sid, 1, operators.observer())

    assert (await world.ask("GET", f"?sessionId={sid}")).body["session"]["status"] == "interrupted"
    claimed = await world.sessions.claim("alice", sid)
    assert claimed is not None
    assert [entry["record"]["kind"] for entry in claimed[1].entries] == [
        "user",
        "step",
        "waiting",
        "answered",
    ]
