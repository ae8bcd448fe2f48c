"""Claude publishes an app that it has just built, and the browser is closed in between: by the demo model."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.end_to_end.stack import APPS, Event, Json, Stack, assert_well_formed, serve, session_of, texts
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    """A product with the demo model."""
    folder: Path = tmp_path_factory.mktemp("publishing")
    async with serve(folder, None) as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="module")
async def stack(shared: Stack) -> Stack:
    """It, with a new app."""
    made = await shared.client.post(APPS, json={"name": "Todo"})
    shared.app = made.json()["app"]["appId"]
    return shared


async def built(stack: Stack) -> str:
    """A session in which a todo app was built."""
    events = await stack.turn("Create a todo app")
    assert events[-1].type == "message_complete"
    return session_of(events)


async def asked(stack: Stack, session: str) -> Event:
    """Claude asks to publish; the browser is closed as soon as it does."""
    async with asyncio.timeout(PATIENCE), stack.post("Now publish it", session) as stream:
        return await stream.until("tool_approval_request")


async def answer(stack: Stack, session: str, approval: str, body: Json) -> Json:
    answered = await stack.client.post(f"{stack.base}/{session}/approvals/{approval}", json=body)
    assert answered.status_code == 200, answered.text
    return answered.json()


async def published(stack: Stack) -> Json:
    return (await stack.client.get(f"{APPS}/{stack.app}/publish")).json()


async def test_a_todo_app_is_built_and_published_with_the_browser_closed_in_between(stack: Stack):
    session = await built(stack)
    request = await asked(stack, session)
    waiting = await stack.until_status(session, "waiting")
    assert request.data["toolName"] == "publish_app"
    assert request.data["summary"].startswith("Publish revision 1, the app as it is now, for the first time")
    assert request.data["input"] == {"revision": 1}
    [pending] = waiting["pendingApprovals"]
    assert pending["approvalId"] == request.data["approvalId"]
    assert (await published(stack))["site"] is None

    await stack.save("README.md", "Changed while the card was open.\n", 1)
    given = await answer(stack, session, pending["approvalId"], {"approved": True})
    assert given == {"success": True, "approved": True, "waiting": 0}
    await stack.until_status(session, "idle")

    site = (await published(stack))["site"]
    assert (site["version"], site["revision"], site["indexed"]) == (1, 1, False)
    whole = await stack.missed(session, f"{request.turn}-0")
    assert_well_formed(whole)
    assert f"live: <{site['url']}>" in texts(whole)
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as visitor:
        page = await visitor.get(site["url"])
    assert page.status_code == 200
    assert "<title>" in page.text
    assert "set-cookie" not in page.headers


async def test_with_a_policy_that_allows_it_nobody_is_asked(stack: Stack):
    session = await built(stack)
    changed = await stack.client.put(f"{APPS}/{stack.app}/policy", json={"publish": "allow"})
    assert changed.status_code == 200

    events = await stack.turn("Publish it", session)

    assert_well_formed(events)
    assert events[-1].type == "message_complete"
    assert "tool_approval_request" not in {event.type for event in events}
    assert (await published(stack))["site"]["version"] == 1


async def test_a_yes_for_the_chat_is_asked_for_once(stack: Stack):
    session = await built(stack)
    request = await asked(stack, session)
    await stack.until_status(session, "waiting")
    await answer(stack, session, request.data["approvalId"], {"approved": True, "remember": "session"})
    await stack.until_status(session, "idle")
    await stack.save("public/more.txt", "More\n")

    again = await stack.turn("Publish it again", session)

    assert again[-1].type == "message_complete"
    assert [each["version"] for each in (await published(stack))["versions"]] == [2, 1]
