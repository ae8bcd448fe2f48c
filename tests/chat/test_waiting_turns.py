"""Turns that wait for their vendor: what runs at once, what is asked, and how they go on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from turn_world import APP, VENDOR, Act, Halt, Running, ScriptedModel, World, asks, says

from aicode.errors import AlreadyAnswered, NotFound, ToolError
from aicode.history import Answer
from aicode.history.content import result_blocks, text_of
from aicode.history.vendor_view import messages
from aicode.policy import write_policy
from aicode.session_manager import GivenAnswer, OwnedTurn
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput, Wait
from chat.agent.turn import takeover
from chat.event_reader import EventReader, LastEvent
from dev.upstash.faults import Kind
from tests.end_to_end.stack import Event, assert_well_formed, events_of

PUBLISH: tuple[str, dict[str, Any]] = ("publish", {})
ASK: tuple[str, dict[str, Any]] = (
    "ask",
    {"questions": [{"question": "Which?", "options": [{"label": "Red"}, {"label": "Blue"}]}]},
)
LOOK: tuple[str, dict[str, Any]] = ("look", {})
LIST: tuple[str, dict[str, Any]] = ("list_files", {})
CREATE: tuple[str, dict[str, Any]] = ("create_file", {"path": "src/a.ts", "content": "export {};\n"})
YES = GivenAnswer(answer={"approved": True})
NO = GivenAnswer(answer={"approved": False, "reason": "Not on a Friday"})


class Nothing(ToolInput):
    """No input."""


class Questions(ToolInput):
    """As the tool that asks has them."""

    questions: list[dict[str, Any]]


@dataclass(slots=True)
class Site:
    """What the tool that publishes has done, and how it behaves."""

    published: list[str] = field(default_factory=list[str])
    halt: Halt | None = None
    refuses: bool = False

    async def publish(self, _: Nothing, call_id: str) -> ToolOutput:
        self.published.append(call_id)
        if self.halt is not None:
            await self.halt.stand()
        return ToolOutput(content="It is live.", summary="Published")

    async def summary(self, _: Nothing) -> str:
        if self.refuses:
            raise ToolError("There is nothing to publish.")
        return "Publish revision 1"

    def tool(self, *, is_idempotent: bool = False) -> Tool[Nothing]:
        return Tool(
            name="publish",
            description="Publishes the app.",
            input_type=Nothing,
            run=self.publish,
            effect="external",
            is_idempotent=is_idempotent,
            wait=Wait(kind="approval", summary=self.summary, policy="publish"),
        )


async def never(_: Any, _call_id: str) -> ToolOutput:
    raise AssertionError


async def answered(_: Any, answer: Answer) -> ToolOutput:
    chosen = answer.get("answers") or answer.get("reason", "nothing")
    return ToolOutput(content=f"The answer is {chosen}.", summary="Answered")


async def question(given: Questions) -> str:
    return str(given.questions[0]["question"])


async def look(_: Nothing) -> str:
    return "Look at the preview"


ASKING = Tool(
    name="ask",
    description="Asks.",
    input_type=Questions,
    run=never,
    effect="read",
    wait=Wait(kind="question", summary=question, answered=answered),
)
LOOKING = Tool(
    name="look",
    description="Looks.",
    input_type=Nothing,
    run=never,
    effect="read",
    wait=Wait(kind="preview", summary=look, answered=answered, within_seconds=20),
)


@pytest.fixture
def site(world: World) -> Site:
    site = Site()
    world.tools = [site.tool(), ASKING, LOOKING]
    return site


async def kinds(world: World, sid: str) -> list[str]:
    return [entry["record"]["kind"] for entry in (await world.view(sid)).entries]


async def results(world: World, sid: str) -> list[str]:
    records = [entry["record"] for entry in (await world.view(sid)).entries]
    found = [record["content"] for record in records if record["kind"] == "results"]
    return [text_of(result_blocks(block)) for content in found for block in content]


async def approvals(world: World, sid: str) -> list[str]:
    return [request["approvalId"] for request in (await world.sessions.state(VENDOR, sid)).waiting]


async def waits(
    world: World, *calls: tuple[str, dict[str, Any]], sid: str | None = None
) -> tuple[Running, list[Event]]:
    """A turn that asks for these calls and has to wait."""
    running, events = await world.turn(asks(*calls), sid=sid)
    assert events[-1].type == "turn_waiting"
    return running, events


async def taken_over(world: World, sid: str, epoch: int | None) -> OwnedTurn:
    taken = await takeover.take_over(world.sessions, world.store, VENDOR, sid, handed_over_by=epoch)
    assert taken is not None
    return taken.owned()


async def goes_on(
    world: World, sid: str, *acts: Act, given: GivenAnswer = YES
) -> tuple[Running, list[Event], ScriptedModel]:
    """All that is open is answered alike, and the turn goes on in another process."""
    epoch: int | None = None
    for approval in await approvals(world, sid):
        epoch = (await world.sessions.answer(VENDOR, sid, approval, given)).handover
    model = ScriptedModel(*acts)
    running = await world.start(model=model, begun=await taken_over(world, sid, epoch))
    return running, await running.events(), model


async def read(world: World, sid: str, last: LastEvent | None) -> list[Event] | None:
    frames = await EventReader(world.sessions, VENDOR, sid).first(last)
    return None if frames is None else events_of(frames)


async def test_an_approved_call_runs_once_and_the_turn_goes_on_behind_what_is_shown(world: World, site: Site):
    running, before = await waits(world, PUBLISH)
    assert site.published == []
    state = await world.sessions.state(VENDOR, running.sid)
    assert state.status == "waiting"
    assert running.log.outcome == "waiting"
    assert [event.type for event in before[-2:]] == ["tool_approval_request", "turn_waiting"]
    assert before[-1].data == {"turnId": 1, "approvals": [before[-2].data["approvalId"]]}
    assert before[-2].data["summary"] == "Publish revision 1"

    again, after, _ = await goes_on(world, running.sid, says("It is live."))

    assert len(site.published) == 1
    assert await results(world, running.sid) == ["It is live."]
    assert "step_reset" not in {event.type for event in after}
    assert "tool_use_start" not in {event.type for event in after}
    assert await kinds(world, running.sid) == [
        *("user", "context", "step", "waiting", "answered", "begun", "results", "step", "end")
    ]
    await world.assert_sound(again, [*before, *after])


async def test_a_refused_call_is_not_run_and_claude_hears_why(world: World, site: Site):
    running, before = await waits(world, PUBLISH)

    again, after, model = await goes_on(world, running.sid, says("As you wish."), given=NO)

    assert site.published == []
    assert await results(world, running.sid) == ["The vendor said no: Not on a Friday"]
    assert "Not on a Friday" in str(model.requests[0]["messages"])
    await world.assert_sound(again, [*before, *after])


async def test_calls_that_need_no_consent_run_at_once_and_never_again(world: World, site: Site):
    running, before = await waits(world, PUBLISH, LIST, CREATE, PUBLISH)
    assert await world.files() == {"src/a.ts": "export {};\n"}
    assert await kinds(world, running.sid) == ["user", "context", "step", "results", "waiting"]
    ended = [event.data["toolName"] for event in before if event.type == "tool_use_progress"]
    assert (
        ended == ["list_files", "create_file", "list_files", "create_file"] or ended.count("create_file") == 2
    )
    assert [event.type for event in before].count("file_change") == 1
    assert len(await approvals(world, running.sid)) == 2

    again, after, _ = await goes_on(world, running.sid, says("Done."))

    assert len(site.published) == 2
    assert "file_change" not in {event.type for event in after}
    complete = next(event.data for event in after if event.type == "tool_use_complete")
    assert [each["toolName"] for each in complete["toolResults"]] == [
        *("publish", "list_files", "create_file", "publish")
    ]
    end = after[-1].data
    assert [change["path"] for change in end["fileChanges"]] == ["src/a.ts"]
    await world.assert_sound(again, [*before, *after])
