"""Rules that Claude changes: they wait for the vendor, who is told so once."""

import asyncio
import json
from typing import Any

import pytest
from turn_world import APP, VENDOR, Halt, World, asks, requests_of, says

from aicode.file_store.store import RULES_PATH, Commit, Put
from chat.agent.model.interface import Request
from chat.agent.sections import section
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput
from chat.agent.turn.takeover import close_abandoned, take_over
from tests.observing import Operators

NOTICE = "Claude changed the rules in AGENTS.md. They count once you accept them."
OBEYED: tuple[str, dict[str, Any]] = (
    "edit_file",
    {"path": "AGENTS.md", "edits": [{"old": "tabs", "new": "my words"}]},
)
WAIT: tuple[str, dict[str, Any]] = ("wait", {})


class Nothing(ToolInput):
    """No input."""


def waits(halt: Halt) -> Tool[Nothing]:
    """A tool that runs once its batch's files are saved."""

    async def wait(_: Nothing, _call_id: str) -> ToolOutput:
        await halt.stand()
        return ToolOutput(content="Waited.", summary="Waited")

    return Tool(name="wait", description="Waits.", input_type=Nothing, run=wait, effect="external")


@pytest.fixture
async def ruled(world: World) -> World:
    """An app whose vendor has written rules."""
    rules = Put(RULES_PATH, "Use tabs.", 0)
    await world.store.commit(VENDOR, APP, Commit(changes=[rules], author="vendor", message="Save"))
    return world


def last_told(sent: Request) -> str:
    """The last section about the app that a request holds."""
    messages = json.loads(json.dumps(sent["messages"]))
    texts = [block.get("text", "") for message in messages for block in message["content"]]
    return [text for text in texts if text.startswith("<")][-1]


async def notices_of(world: World, sid: str) -> list[str]:
    """What the session's history says beside its messages."""
    records = [entry["record"] for entry in (await world.view(sid)).entries]
    return [record["text"] for record in records if record["kind"] == "notice"]


async def test_rules_that_claude_changed_do_not_rule_the_next_session_before_the_vendor_accepts(ruled: World):
    world = ruled
    first, events = await world.turn(asks(OBEYED), says("Done."))
    _, [before] = await requests_of(world, None, says("Hi."))
    await world.store.accept_rules(VENDOR, APP, 2)
    _, [after] = await requests_of(world, None, says("Hi."))

    assert [event.data for event in events if event.type == "notice"] == [{"kind": "other", "text": NOTICE}]
    assert await notices_of(world, first.sid) == [NOTICE]
    assert last_told(before) == section("project_rules", "Use tabs.")
    assert last_told(after) == section("project_rules", "Use my words.")
    await world.assert_sound(first, events)


@pytest.mark.parametrize("goes_on", [True, False])
async def test_the_vendor_is_told_once_where_the_turns_owner_dies_over_the_change(
    ruled: World, *, goes_on: bool
):
    """It has saved the file, and has not stored that the call was answered."""
    world = ruled
    halt = Halt()
    world.tools = [waits(halt)]
    dead = await world.start(asks(OBEYED, WAIT))
    await halt.reached()
    told_by_the_dead = await notices_of(world, dead.sid)
    world.clock += 31_000

    if goes_on:
        taken = await take_over(world.sessions, world.store, VENDOR, dead.sid)
        assert taken is not None
        running = await world.start(says("Done."), begun=taken.owned())
        events = await running.events()
        assert [event.data["text"] for event in events if event.type == "notice"] == [NOTICE]
        assert events[-1].type == "message_complete"
    else:
        await close_abandoned(world.sessions, world.store, VENDOR, dead.sid, str, Operators().observer())
    dead.task.cancel()
    await asyncio.wait({dead.task})

    assert told_by_the_dead == []
    assert await notices_of(world, dead.sid) == [NOTICE]
    assert (await world.files())["AGENTS.md"] == "Use my words."
