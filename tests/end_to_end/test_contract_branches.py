"""`replaces`: a message in the place of an earlier one, as a client sees it."""

import asyncio

import pytest

from dev.claude import Gate, Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor, assert_error
from tests.end_to_end.stack import BASE, Json, session_of, texts
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def conversation(vendor: Vendor, *texts: str) -> str:
    """A session with these messages, each of which has itself as its id."""
    session = None
    for text in texts:
        events = await vendor.turn(text, session, messageId=f"{vendor.name}-{text}")
        session = session_of(events)
    return str(session)


async def anew(vendor: Vendor, session: str, text: str, replaces: str) -> list[Json]:
    """Sends a message in the place of another one; the conversation then."""
    named = {"messageId": f"{vendor.name}-{text}", "replaces": f"{vendor.name}-{replaces}"}
    events = await vendor.turn(text, session, **named)
    assert events[-1].type == "message_complete"
    return (await vendor.session(session))["messages"]


def said(messages: list[Json]) -> list[str]:
    return [each["content"][0]["text"] for each in messages if each["role"] == "user"]


def branches(vendor: Vendor, messages: list[Json]) -> dict[str, list[str]]:
    """The alternatives to each message that has some, without the vendor's name."""
    prefix = f"{vendor.name}-"
    return {
        each["id"].removeprefix(prefix): [each_id.removeprefix(prefix) for each_id in each["branches"]]
        for each in messages
        if "branches" in each
    }


async def test_the_conversation_goes_on_from_before_the_replaced_message(vendor: Vendor):
    session = await conversation(vendor, "a", "b", "c")
    whole = (await vendor.session(session))["messages"]
    messages = await anew(vendor, session, "b2", "b")

    assert messages[:2] == whole[:2]
    assert said(messages) == ["a", "b2"]
    assert [each["turnId"] for each in messages] == [1, 1, 4, 4]
    assert branches(vendor, messages) == {"b2": ["b", "b2"]}
    await vendor.turn("d", session)
    found = await vendor.session(session)
    assert said(found["messages"]) == ["a", "b2", "d"]
    assert found["metadata"]["turns"] == 5
    sent = [block["text"] for each in vendor.model.requests[-1].messages for block in each["content"]]
    assert [text for text in sent if not text.startswith("<app_")] == ["a", "Fine.", "b2", "Fine.", "d"]


async def test_each_place_tells_of_its_own_alternatives(vendor: Vendor):
    session = await conversation(vendor, "a", "b", "c")
    await anew(vendor, session, "c2", "c")
    await anew(vendor, session, "c3", "c2")
    assert branches(vendor, await anew(vendor, session, "b2", "b")) == {"b2": ["b", "b2"]}
    messages = await anew(vendor, session, "b3", "b2")
    assert branches(vendor, messages) == {"b3": ["b", "b2", "b3"]}
    messages = await anew(vendor, session, "a2", "a")

    assert said(messages) == ["a2"]
    assert branches(vendor, messages) == {"a2": ["a", "a2"]}
    assert (await vendor.session(session))["title"] == "a2"
    assert not (await vendor.session(session))["hasMore"]


async def test_a_branch_is_paged_from_the_end(vendor: Vendor):
    session = await conversation(vendor, "a", "b", "c", "d")
    await anew(vendor, session, "c2", "c")
    await anew(vendor, session, "e", "c2")
    await vendor.turn("f", session)
    whole = (await vendor.session(session))["messages"]

    assert said(whole) == ["a", "b", "e", "f"]
    for limit in (1, 2, 3):
        assert await vendor.paged(session, limit) == whole


async def test_the_same_message_once_more_attaches_to_its_turn(vendor: Vendor):
    session = await conversation(vendor, "a", "b")
    await anew(vendor, session, "b2", "b")
    named = {"messageId": f"{vendor.name}-b2", "replaces": f"{vendor.name}-b"}
    again = await vendor.turn("b2", session, **named)

    assert again[0].turn == 3
    assert texts(again) == "Fine."
    assert len((await vendor.session(session))["messages"]) == 4
    for other in ({"replaces": f"{vendor.name}-a"}, {}):
        body = {"message": "b2", "appId": vendor.app, "sessionId": session, **named, **other}
        if not other:
            del body["replaces"]
        assert_error(await vendor.client.post(BASE, json=body), 409, "message_id_reused")


async def test_a_turn_that_was_replaced_is_still_told_to_who_sent_its_message(vendor: Vendor):
    session = await conversation(vendor, "a", "b")
    await anew(vendor, session, "b2", "b")
    again = await vendor.turn("b", session, messageId=f"{vendor.name}-b")

    assert again[0].turn == 2
    assert again[-1].type == "message_complete"
    assert said((await vendor.session(session))["messages"]) == ["a", "b2"]


async def test_only_a_message_of_the_conversation_can_be_replaced(vendor: Vendor, stranger: Vendor):
    session = await conversation(vendor, "a", "b")
    other = await conversation(vendor, "x")
    theirs = await conversation(stranger, "a")
    await anew(vendor, session, "b2", "b")
    answer = (await vendor.session(session))["messages"][1]["id"]

    async def refused(**members: object) -> tuple[int, str]:
        body = {"message": "Hi", "appId": vendor.app, **members}
        response = await vendor.client.post(BASE, json=body)
        return response.status_code, response.json()["error"]["code"]

    for absent in ("none", f"{vendor.name}-b", f"{vendor.name}-x", f"{stranger.name}-a", answer, "a b", ""):
        assert await refused(sessionId=session, replaces=absent) == (404, "not_found"), absent
    assert await refused(sessionId=other, replaces=f"{vendor.name}-a") == (404, "not_found")
    assert await refused(sessionId=theirs, replaces=f"{stranger.name}-a") == (404, "not_found")
    assert await refused(replaces=f"{vendor.name}-a") == (400, "invalid_request")
    assert await refused(sessionId=session, replaces=1) == (400, "invalid_request")
    assert await refused(sessionId=session, replaces=None) == (400, "invalid_request")
    assert said((await vendor.session(session))["messages"]) == ["a", "b2"]


async def test_a_message_is_not_replaced_while_a_turn_runs(vendor: Vendor):
    session = await conversation(vendor, "a")
    message = vendor.says(Reply(Text("One."), Gate("branches"), Text("Two.")))
    async with asyncio.timeout(PATIENCE), vendor.post(message, session) as stream:
        await stream.until("text_delta")
        body = {"message": "a2", "appId": vendor.app, "sessionId": session, "replaces": f"{vendor.name}-a"}
        refused = await vendor.client.post(BASE, json=body)
        vendor.model.open("branches")
        await stream.rest()

    assert_error(refused, 409, "session_busy")
    assert len((await vendor.session(session))["messages"]) == 4


async def test_files_stay_as_they_are(vendor: Vendor):
    message = vendor.says(
        Reply(ToolUse("create_file", {"path": "a.txt", "content": "1"})), Reply(Text("Made."))
    )
    session = session_of(await vendor.turn(message, messageId=f"{vendor.name}-a"))
    messages = await anew(vendor, session, "a2", "a")

    assert await vendor.file("a.txt") == "1"
    assert said(messages) == ["a2"]
    modified = (await vendor.session(session))["fileModifications"]
    assert [each["path"] for each in modified] == ["a.txt"]
    told = vendor.model.requests[-1].messages[-1]["content"][-1]["text"]
    assert told == "<app_files>\na.txt\n</app_files>"
