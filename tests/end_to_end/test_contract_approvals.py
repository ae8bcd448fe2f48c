"""Turns that wait for their vendor, over HTTP and through real function processes."""

import asyncio
from typing import Any

import httpx
import pytest

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import Event, assert_well_formed, session_of, texts
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTIONS = [
    {"question": "Which colour?", "options": [{"label": "Red"}, {"label": "Blue"}]},
    {"question": "Which pages?", "options": [{"label": "Home"}, {"label": "Shop"}], "multiple": True},
]
ASK = ToolUse("ask_user", {"questions": QUESTIONS})
CREATE = ToolUse("create_file", {"path": "notes.md", "content": "Hello\n"})
LIST = ToolUse("list_files", {})
CHOSEN = [["Blue"], ["Home", "Shop"]]


def asks(*calls: ToolUse) -> Reply:
    return Reply(Text("One question."), *calls, stop_reason="tool_use")


DONE = Reply(Text("Blue it is."), stop_reason="end_turn")


async def waits(vendor: Vendor, *replies: Reply) -> tuple[str, list[Event]]:
    """A turn that waits; its session and its events so far."""
    events = await vendor.turn(vendor.says(*replies))
    assert events[-1].type == "turn_waiting", [event.type for event in events]
    return session_of(events), events


async def answer(vendor: Vendor, session: str, approval: str, **body: Any) -> httpx.Response:
    return await vendor.client.post(
        f"{vendor.base}/{session}/approvals/{approval}", json={"approved": True, **body}
    )


async def rest(vendor: Vendor, session: str, last: Event) -> list[Event]:
    """What comes behind an event, until the stream ends."""
    async with asyncio.timeout(PATIENCE), vendor.resume(session, last.id) as stream:
        assert stream.response.status_code == 200
        return await stream.rest()


def approvals(events: list[Event]) -> list[str]:
    return events[-1].data["approvals"]


async def test_a_question_is_answered_and_the_turn_goes_on_behind_it(vendor: Vendor):
    session, before = await waits(vendor, asks(LIST, ASK, CREATE), DONE)
    question = next(event for event in before if event.type == "question")
    assert question.data == {"approvalId": approvals(before)[0], "questions": QUESTIONS}
    assert await vendor.file("notes.md") == "Hello\n"

    read = await vendor.session(session)
    pending = read["pendingApprovals"]
    assert read["status"] == "waiting"
    assert [(each["approvalId"], each["toolName"]) for each in pending] == [
        (approvals(before)[0], "ask_user")
    ]
    assert pending[0]["input"] == {"questions": QUESTIONS}
    assert pending[0]["summary"]
    assert read["messages"][-1]["turn"]["status"] == "waiting"
    shown = [block for message in read["messages"] for block in message["content"]]
    assert [block["toolName"] for block in shown if block["type"] == "tool_use"] == [
        *("list_files", "ask_user", "create_file")
    ]
    listed = await vendor.client.get(vendor.base, params={"appId": vendor.app})
    assert [each["status"] for each in listed.json()["sessions"]] == ["waiting"]
    assert await vendor.missed(session, before[-1].id) == []
    assert [event.id for event in await vendor.missed(session)] == [event.id for event in before]

    answered = await answer(vendor, session, approvals(before)[0], answers=CHOSEN)
    assert answered.status_code == 200, answered.text
    assert answered.json() == {"success": True, "approved": True, "waiting": 0}
    after = await rest(vendor, session, before[-1])

    assert_well_formed([*before, *after])
    assert after[-1].type == "message_complete"
    assert "step_reset" not in {event.type for event in after}
    assert texts([*before, *after]) == "One question.Blue it is."
    complete = next(event.data["toolResults"] for event in after if event.type == "tool_use_complete")
    assert [each["toolName"] for each in complete] == ["list_files", "ask_user", "create_file"]
    assert not any(each["isError"] for each in complete)
    read = await vendor.session(session)
    assert (read["status"], read["pendingApprovals"]) == ("idle", [])
