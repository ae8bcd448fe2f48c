"""Turns that wait for their vendor, over HTTP and through real function processes."""

import asyncio
import os
import signal
from typing import Any

import httpx
import pytest

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor, assert_error
from tests.end_to_end.stack import APPS, Event, Json, assert_well_formed, session_of, texts
from tests.memory_uploads import png
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTIONS = [
    {"question": "Which colour?", "options": [{"label": "Red"}, {"label": "Blue"}]},
    {"question": "Which pages?", "options": [{"label": "Home"}, {"label": "Shop"}], "multiple": True},
]
ASK = ToolUse("ask_user", {"questions": QUESTIONS})
CREATE = ToolUse("create_file", {"path": "notes.md", "content": "Hello\n"})
PUBLISH = ToolUse("publish_app", {})
LOOK = ToolUse("look_at_preview", {})
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


async def answered_in(vendor: Vendor, session: str) -> list[Json]:
    """What the history of a session tells of answers."""
    messages = (await vendor.session(session))["messages"]
    blocks = [block for message in messages for block in message["content"]]
    return [block for block in blocks if block["type"] == "request_answered"]


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


async def test_the_history_and_a_replay_of_it_tell_what_was_asked_and_answered(vendor: Vendor):
    session, before = await waits(vendor, asks(ASK), DONE)
    [asked] = (await vendor.session(session))["pendingApprovals"]
    await answer(vendor, session, asked["approvalId"], answers=CHOSEN)
    after = await rest(vendor, session, before[-1])
    await vendor.forget_events(session)
    whole = await vendor.missed(session, "1-0")

    told = {name: asked[name] for name in ("approvalId", "toolId", "toolName", "summary")}
    told |= {"approved": True, "answers": CHOSEN}
    assert await answered_in(vendor, session) == [{"type": "request_answered", **told}]
    for events in (after, whole):
        assert [event.data for event in events if event.type == "request_answered"] == [told]
    questions = [event.data for event in [*before, *whole] if event.type == "question"]
    assert questions == [{"approvalId": asked["approvalId"], "questions": QUESTIONS}] * 2


async def test_a_refused_call_is_not_made_and_the_answer_may_hold_for_the_app(vendor: Vendor):
    session, before = await waits(vendor, asks(CREATE, PUBLISH), DONE)
    request = next(event.data for event in before if event.type == "tool_approval_request")
    assert request["toolName"] == "publish_app"
    assert request["summary"].startswith("Publish revision 1")
    assert request["approvalId"] == approvals(before)[0]

    given = {"approved": False, "reason": "Not yet", "remember": "app"}
    answered = await answer(vendor, session, request["approvalId"], **given)
    assert answered.json() == {"success": True, "approved": False, "waiting": 0}
    after = await rest(vendor, session, before[-1])

    assert_well_formed([*before, *after])
    ended = [event.data for event in after if event.type == "tool_use_progress"]
    assert (ended[-1]["status"], ended[-1]["data"]["summary"]) == ("failed", "The vendor said no: Not yet")
    policy = await vendor.client.get(f"{APPS}/{vendor.app}/policy")
    assert policy.json()["policy"] == {"publish": "deny", "push": "ask"}
    again = await vendor.turn(vendor.says(asks(PUBLISH), DONE), session)
    assert again[-1].type == "message_complete"


async def test_two_tabs_that_answer_at_once_get_one_answer_and_one_409(vendor: Vendor):
    session, before = await waits(vendor, asks(ASK, ASK), DONE)
    one, other = approvals(before)

    tabs = [answer(vendor, session, one, answers=[[label], ["Home"]]) for label in ("Red", "Blue")]
    answers = await asyncio.gather(*tabs)
    assert sorted(each.status_code for each in answers) == [200, 409]
    lost = next(each for each in answers if each.status_code == 409)
    assert_error(lost, 409, "already_answered")
    won = ["Red", "Blue"][[each.status_code for each in answers].index(200)]
    again = await answer(vendor, session, one, answers=[[won], ["Home"]])
    assert again.json() == {"success": True, "approved": True, "waiting": 1}
    pending = (await vendor.session(session))["pendingApprovals"]
    assert [each["approvalId"] for each in pending] == [other]

    last = await answer(vendor, session, other, reason="Either")
    assert last.json()["waiting"] == 0
    after = await rest(vendor, session, before[-1])
    assert_well_formed([*before, *after])
    again = await answer(vendor, session, other, reason="Either")
    assert again.json() == last.json()
    assert_error(await answer(vendor, session, other, reason="Neither"), 409, "already_answered")


async def test_answers_that_do_not_fit_are_refused_and_change_nothing(vendor: Vendor, stranger: Vendor):
    session, before = await waits(vendor, asks(ASK), DONE)
    [approval] = approvals(before)
    for body in (
        {"approved": "yes"},
        {"answers": "Red"},
        {"answers": [["Red"]]},
        {"answers": [["Green"], ["Home"]]},
        {"answers": [["Red", "Blue"], ["Home"]]},
        {"answers": [[], ["Home"]]},
        {"answers": [["Red"], ["Home", "Home"]]},
        {"reason": "x" * 2_001},
        {"reason": " "},
        {},
        {"remember": "session", "reason": "Red"},
        {"remember": "always", "reason": "Red"},
        {"picture": "../x", "reason": "Red"},
        {"console": [1], "reason": "Red"},
        {"picture": "upload-1", "reason": "Red"},
        {"console": ["log: ready"], "reason": "Red"},
        {"because": "Red"},
    ):
        assert_error(await answer(vendor, session, approval, **body), 400, "invalid_request")
    for path in (f"{session}/approvals/unknown", f"unknown/approvals/{approval}", f"{session}/approvals/a.b"):
        url = f"{vendor.base}/{path}"
        assert_error(await vendor.client.post(url, json={"approved": True}), 404, "not_found")
    assert_error(await answer(stranger, session, approval, reason="Red"), 404, "not_found")

    assert (await answer(vendor, session, approval, reason="Red")).status_code == 200
    assert_well_formed([*before, *await rest(vendor, session, before[-1])])


async def test_stop_ends_a_turn_that_waits(vendor: Vendor):
    session, before = await waits(vendor, asks(ASK), DONE)

    stopped = await vendor.client.post(f"{vendor.base}/{session}/cancel")
    assert stopped.json() == {"success": True, "cancelled": True}
    late = await answer(vendor, session, approvals(before)[0], reason="Red")
    assert_error(late, 409, "already_answered")
    await vendor.until_status(session, "cancelled")
    after = await vendor.missed(session, before[-1].id)

    assert_well_formed([*before, *after])
    assert after[-1].type == "turn_cancelled"
    read = await vendor.session(session)
    assert read["pendingApprovals"] == []
    assert read["messages"][-1]["turn"]["status"] == "cancelled"


async def test_a_session_that_waits_can_be_deleted(vendor: Vendor):
    session, before = await waits(vendor, asks(ASK), DONE)

    deleted = await vendor.client.delete(vendor.base, params={"sessionId": session})

    assert deleted.json() == {"success": True}
    assert_error(await answer(vendor, session, approvals(before)[0], reason="Red"), 404, "not_found")
    listed = await vendor.client.get(vendor.base, params={"appId": vendor.app})
    assert listed.json()["sessions"] == []


async def test_another_message_ends_a_turn_that_waits_and_is_answered(vendor: Vendor):
    session, before = await waits(vendor, asks(ASK), DONE)
    assert await vendor.missed(session, before[-1].id) == []

    message = vendor.says(DONE)
    events = await vendor.turn(message, session)

    assert_well_formed(events)
    assert texts(events) == "Blue it is."
    [request] = vendor.plays.asked(message)
    assert "The vendor sent another message instead." in str(request.messages)
    read = await vendor.session(session)
    turns = [message["turn"]["status"] for message in read["messages"] if "turn" in message]
    assert turns == ["cancelled", "complete"]
    late = await answer(vendor, session, approvals(before)[0], reason="Red")
    assert_error(late, 409, "already_answered")


async def test_the_same_message_again_finds_its_turn_waiting(vendor: Vendor):
    message = vendor.says(asks(ASK), DONE)
    before = await vendor.turn(message, messageId="m-1")

    again = await vendor.turn(message, messageId="m-1")

    assert [event.id for event in again] == [event.id for event in before]


async def looks(vendor: Vendor) -> tuple[str, str, list[Event]]:
    """A turn that waits for its page to show the preview; its message, session and events so far."""
    message = vendor.says(asks(LOOK), DONE)
    events = await vendor.turn(message, preview=True)
    assert [event.type for event in events[-2:]] == ["preview_request", "turn_waiting"]
    return message, session_of(events), events


def last_result(vendor: Vendor, message: str) -> Json:
    """What Claude was given last for a call."""
    blocks = [block for each in vendor.plays.asked(message)[-1].messages for block in each["content"]]
    found: list[Json] = [block for block in blocks if not isinstance(block, str)]
    return [block for block in found if block["type"] == "tool_result"][-1]


async def test_claude_sees_the_preview_that_the_page_sends_and_the_history_tells_which(vendor: Vendor):
    message, session, before = await looks(vendor)
    picture = await vendor.upload(png(1200, 800), "image/png", "preview.png")

    given = {"picture": picture, "console": ["error: price is not defined"]}
    answered = await answer(vendor, session, approvals(before)[0], **given)
    assert answered.json() == {"success": True, "approved": True, "waiting": 0}
    after = await rest(vendor, session, before[-1])

    assert_well_formed([*before, *after])
    assert after[-1].type == "message_complete"
    first, _ = vendor.plays.asked(message)
    assert "look_at_preview" in {tool["name"] for tool in first.body["tools"]}
    words, image = last_result(vendor, message)["content"]
    assert "error: price is not defined" in words["text"]
    assert image["type"] == "image"
    [told] = await answered_in(vendor, session)
    assert (told["toolName"], told["picture"]) == ("look_at_preview", picture)
    assert "console" not in told


async def test_a_picture_of_somebody_else_is_not_shown_to_claude(vendor: Vendor, stranger: Vendor):
    message, session, before = await looks(vendor)
    picture = await stranger.upload(png(1200, 800), "image/png", "preview.png")

    await answer(vendor, session, approvals(before)[0], picture=picture)

    assert (await rest(vendor, session, before[-1]))[-1].type == "message_complete"
    result = last_result(vendor, message)
    assert result["is_error"]
    assert "image" not in str(result["content"])


async def test_a_preview_that_nobody_shows_is_waited_for_no_longer_than_it_may(vendor: Vendor):
    message, session, before = await looks(vendor)
    vendor.woken.clear()
    await vendor.pass_time(session, 20)

    vendor.woken.set()  # and nobody reads the session meanwhile
    await until(lambda: len(vendor.plays.asked(message)) == 2)

    assert last_result(vendor, message)["content"] == "No preview is open."
    after = await rest(vendor, session, before[-1])
    assert_well_formed([*before, *after])
    assert after[-1].type == "message_complete"
    late = await answer(vendor, session, approvals(before)[0])
    assert_error(late, 409, "already_answered")


async def test_a_message_without_a_preview_offers_no_look(vendor: Vendor):
    message = vendor.says(DONE)
    await vendor.turn(message)

    [request] = vendor.plays.asked(message)
    assert "look_at_preview" not in {tool["name"] for tool in request.body["tools"]}


async def test_a_turn_that_waits_outlives_every_process(vendor: Vendor):
    session, before = await waits(vendor, asks(CREATE, ASK), DONE)
    for function in ("chat", "session", "apps"):
        for process in vendor.server.processes(function):
            os.kill(process.pid, signal.SIGKILL)

    async def read() -> Json | None:
        try:
            found = await vendor.session(session)
        except (AssertionError, httpx.HTTPError):
            return None
        return found

    assert (await until(read))["status"] == "waiting"
    answered = await answer(vendor, session, approvals(before)[0], answers=CHOSEN)
    assert answered.status_code == 200, answered.text
    after = await rest(vendor, session, before[-1])

    assert_well_formed([*before, *after])
    assert after[-1].type == "message_complete"
    assert [change["path"] for change in after[-1].data["fileChanges"]] == ["notes.md"]
    assert await vendor.file("notes.md") == "Hello\n"
