"""Turns that wait for their vendor: what runs at once, what is asked, and how they go on."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from turn_world import APP, VENDOR, Act, Halt, Running, ScriptedModel, World, asks, says

from aicode.errors import AlreadyAnswered, NotFound, ToolError
from aicode.history import Answer
from aicode.history.content import result_blocks, text_of
from aicode.policy import write_policy
from aicode.session_manager import GivenAnswer, OwnedTurn
from chat.agent.model import Answer as ModelAnswer
from chat.agent.model import AnswerListener, Request
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


class Revision(ToolInput):
    """What is published; the latest if nothing is said."""

    revision: int | None = None


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


async def test_a_policy_that_allows_is_not_asked_about_and_one_that_denies_is_told(world: World, site: Site):
    await write_policy(world.store, VENDOR, APP, {"publish": "allow"})
    running, events = await world.turn(asks(PUBLISH), says("It is live."))
    assert len(site.published) == 1
    await world.assert_sound(running, events)

    await write_policy(world.store, VENDOR, APP, {"publish": "deny"})
    running, events = await world.turn(asks(PUBLISH), says("I may not."))
    assert len(site.published) == 1
    [told] = await results(world, running.sid)
    assert told.startswith("Refused: the vendor's settings")
    await world.assert_sound(running, events)


async def test_nothing_is_done_for_an_app_that_was_deleted(world: World, site: Site):
    async def deleted(request: Request, listener: AnswerListener) -> ModelAnswer:
        await world.store.delete_app(VENDOR, APP)
        return await asks(PUBLISH)(request, listener)

    running, _ = await world.turn(deleted, says("It is gone."))

    assert site.published == []
    assert await results(world, running.sid) == ["There is no such app."]


@pytest.mark.parametrize("approved", [True, False])
async def test_an_answer_for_the_session_holds_for_its_later_calls_alone(
    world: World, site: Site, *, approved: bool
):
    running, _ = await waits(world, PUBLISH)
    answer = GivenAnswer(answer={"approved": approved}, remember="session")
    await goes_on(world, running.sid, says("Done."), given=answer)

    running, events = await world.turn(asks(PUBLISH), says("Done."), sid=running.sid)

    assert events[-1].type == "message_complete"
    assert len(site.published) == (2 if approved else 0)
    await waits(world, PUBLISH)  # in another session
    await world.assert_sound(running, events)


async def test_nobody_is_asked_about_a_call_that_cannot_be_made(world: World, site: Site):
    site.refuses = True
    wrong = ("publish", {"when": "now"})
    running, events = await world.turn(asks(PUBLISH, wrong, LIST), says("Done."))

    assert site.published == []
    told = await results(world, running.sid)
    assert told[0] == "There is nothing to publish."
    assert "does not fit" in told[1]
    await world.assert_sound(running, events)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"approved": True, "answers": [["Blue"]]}, "The answer is [['Blue']]."),
        ({"approved": True, "reason": "Neither"}, "The answer is Neither."),
        ({"approved": False}, "The answer is nothing."),
    ],
)
async def test_what_is_answered_to_a_question_is_the_result_of_its_call(
    world: World, site: Site, given: Answer, told: str
):
    running, before = await waits(world, ASK)
    assert before[-2].type == "question"

    again, after, _ = await goes_on(world, running.sid, says("Good."), given=GivenAnswer(answer=given))

    assert site.published == []
    assert await results(world, running.sid) == [told]
    await world.assert_sound(again, [*before, *after])


async def test_a_turn_waits_as_often_as_it_has_to(world: World, site: Site):
    running, first = await waits(world, ASK)
    _, second, _ = await goes_on(
        world, running.sid, asks(PUBLISH, LIST), given=GivenAnswer(answer={"approved": True, "reason": "Red"})
    )
    assert second[-1].type == "turn_waiting"

    again, third, _ = await goes_on(world, running.sid, says("It is live."))

    assert len(site.published) == 1
    assert (await world.sessions.state(VENDOR, running.sid)).epoch == 3
    await world.assert_sound(again, [*first, *second, *third])


async def test_the_first_answer_counts_and_the_same_again_is_the_same(world: World, site: Site):
    running, _ = await waits(world, PUBLISH, PUBLISH)
    one, other = await approvals(world, running.sid)

    given = await asyncio.gather(
        *(world.sessions.answer(VENDOR, running.sid, one, each) for each in (YES, NO)), return_exceptions=True
    )
    assert [isinstance(each, AlreadyAnswered) for each in given].count(True) == 1
    won = YES if isinstance(given[1], AlreadyAnswered) else NO
    again = await world.sessions.answer(VENDOR, running.sid, one, won)
    assert again in given
    assert again.waiting == 1
    with pytest.raises(NotFound):
        await world.sessions.answer(VENDOR, running.sid, "nobody-knows-it", YES)
    with pytest.raises(NotFound):
        await world.sessions.answer("bob", running.sid, other, YES)

    _, after, _ = await goes_on(world, running.sid, says("Done."))

    assert after[-1].type == "message_complete"
    assert len(site.published) == 1 + (won is YES)
    assert (await world.sessions.answer(VENDOR, running.sid, one, won)).handover is None
    with pytest.raises(AlreadyAnswered):
        await world.sessions.answer(VENDOR, running.sid, other, NO)


async def test_an_answer_whose_turn_nobody_took_yet_is_handed_over_again(world: World, site: Site):
    running, _ = await waits(world, PUBLISH)
    [approval] = await approvals(world, running.sid)
    given = [await world.sessions.answer(VENDOR, running.sid, approval, YES) for _ in range(2)]
    assert given[0].handover == given[1].handover == running.begun.writer.epoch
    assert await read(world, running.sid, None) is not None
    assert (await world.sessions.state(VENDOR, running.sid)).status == "running"

    await world.sessions.release(VENDOR, running.sid, given[0].handover or 0)  # nobody takes it
    assert (await world.sessions.state(VENDOR, running.sid)).status == "interrupted"
    again = await world.start(says("It is live."), begun=await taken_over(world, running.sid, None))

    assert (await again.events())[-1].type == "message_complete"
    assert len(site.published) == 1


async def test_stop_while_a_turn_waits_refuses_what_it_asks_for(world: World, site: Site):
    running, before = await waits(world, PUBLISH, LIST, PUBLISH)
    approved, refused = await approvals(world, running.sid)
    await world.sessions.answer(VENDOR, running.sid, approved, YES)

    stopped = await world.sessions.cancel(VENDOR, running.sid)
    assert stopped is not None
    for late in (YES, NO):
        with pytest.raises(AlreadyAnswered):
            await world.sessions.answer(VENDOR, running.sid, refused if late is YES else approved, late)
    taken = await takeover.take_over(
        world.sessions, world.store, VENDOR, running.sid, handed_over_by=stopped.handover
    )
    assert taken is not None
    assert taken.view.state.is_stopping
    await takeover.close(world.store, taken, world.clock, str, world.operators.observer())

    assert site.published == []
    events = await read(world, running.sid, LastEvent(1, 0))
    assert events is not None
    assert events[: len(before)] == before
    assert_well_formed(events)
    assert events[-1].type == "turn_cancelled"
    assert (await results(world, running.sid))[1:] == [takeover.STOPPED] * 2
    assert (await world.sessions.state(VENDOR, running.sid)).status == "cancelled"
    _, again = await world.turn(says("Again."), sid=running.sid)
    assert again[-1].type == "message_complete"


async def test_another_message_closes_a_turn_that_waits(world: World, site: Site):
    running, before = await waits(world, PUBLISH, CREATE)
    [approval] = await approvals(world, running.sid)

    model = ScriptedModel(says("Good."))
    other = await world.start(model=model, sid=running.sid)
    events = await other.events()

    assert site.published == []
    assert takeover.ANOTHER_MESSAGE in str(model.requests[0]["messages"])
    assert "was interrupted" not in str(model.requests[0]["messages"])
    records = [entry["record"] for entry in (await world.view(running.sid)).entries]
    ends = [record["event"] for record in records if record["kind"] == "end"]
    assert ends == ["turn_cancelled", "message_complete"]
    with pytest.raises(AlreadyAnswered):
        await world.sessions.answer(VENDOR, running.sid, approval, YES)
    assert before[-1].type == "turn_waiting"
    await world.assert_sound(other, events)


async def test_a_message_that_is_refused_leaves_the_turn_waiting(world: World, site: Site):
    running, _ = await waits(world, PUBLISH)
    with pytest.raises(NotFound):
        await world.begin("Instead", running.sid, replaces="no-such-message")

    assert (await world.sessions.state(VENDOR, running.sid)).status == "waiting"
    _, after, _ = await goes_on(world, running.sid, says("It is live."))
    assert len(site.published) == 1
    assert after[-1].type == "message_complete"


async def test_a_message_may_take_the_place_of_the_one_that_waits(world: World, site: Site):
    running, _ = await waits(world, PUBLISH)
    begun = await world.begin("Rather this", running.sid, replaces=running.begun.message_id)

    events = await (await world.start(says("Good."), begun=begun)).events()

    assert site.published == []
    assert events[-1].type == "message_complete"
    assert [entry["turn"] for entry in (await world.view(running.sid)).entries] == [2] * 4


@pytest.mark.parametrize("is_shown", [False, True])
@pytest.mark.parametrize("is_idempotent", [False, True])
async def test_an_approved_call_whose_process_died_is_not_made_again_unless_it_can_be(
    world: World, site: Site, *, is_idempotent: bool, is_shown: bool
):
    world.tools = [site.tool(is_idempotent=is_idempotent)]
    site.halt = Halt()
    running, _ = await waits(world, PUBLISH, LIST)
    [approval] = await approvals(world, running.sid)
    given = await world.sessions.answer(VENDOR, running.sid, approval, YES)
    dead = await world.start(begun=await taken_over(world, running.sid, given.handover))
    await site.halt.reached()
    if is_shown:
        await dead.log.flush()
    world.clock += 31_000
    site.halt = None

    taken = await taken_over(world, running.sid, None)
    assert taken.shows_unfinished is is_shown
    again = await world.start(says("I shall look."), begun=taken)
    events = await again.events()
    dead.task.cancel()
    await asyncio.wait({dead.task})

    assert len(site.published) == 1 + is_idempotent
    told = await results(world, running.sid)
    assert told[1] == "It is live." if is_idempotent else "Outcome unknown" in told[1]
    names = [event.data["toolName"] for event in events if event.type == "tool_use_start"]
    assert names == (["publish", "list_files"] if is_shown else [])
    whole = await read(world, running.sid, LastEvent(1, 0))
    await world.assert_sound(again, events if is_shown else whole or [])


async def test_a_process_that_died_before_its_turn_could_wait_is_followed_by_one_that_asks(
    world: World, site: Site
):
    assert world.redis.faults is not None
    lost = world.redis.faults.add("drop_request", containing="Lets a turn wait")
    running = await world.start(asks(PUBLISH, CREATE))
    events = await running.events()
    assert lost.struck
    assert events[-1].data["code"] == "store_unavailable"
    world.redis.faults.clear()
    world.clock += 31_000

    again = await world.start(begun=await taken_over(world, running.sid, None))
    events = await again.events()

    assert events[-1].type == "turn_waiting"
    assert [event.type for event in events].count("file_change") == 1
    assert len((await world.store.list_files(VENDOR, APP)).files) == 1
    assert (await world.store.list_files(VENDOR, APP)).revision == 1
    last, after, _ = await goes_on(world, running.sid, says("It is live."))
    assert len(site.published) == 1
    await world.assert_sound(last, [*events, *after])


@pytest.mark.parametrize("times", [1, 2])
async def test_a_wait_whose_answer_was_lost_is_stored_once(world: World, site: Site, times: int):
    assert world.redis.faults is not None
    world.redis.faults.add("drop_answer", containing="Lets a turn wait", times=times)

    running, before = await world.turn(asks(PUBLISH))
    world.redis.faults.clear()

    assert (await world.sessions.state(VENDOR, running.sid)).status == "waiting"
    assert (await kinds(world, running.sid)).count("waiting") == 1
    assert before[-1].type == "turn_waiting"
    again, after, _ = await goes_on(world, running.sid, says("It is live."))
    assert len(site.published) == 1
    await world.assert_sound(again, [*before, *after])


@pytest.mark.parametrize("kind", ["drop_request", "drop_answer"])
async def test_an_answer_that_is_tried_again_counts_once(world: World, site: Site, kind: Kind):
    assert world.redis.faults is not None
    running, before = await waits(world, PUBLISH)
    world.redis.faults.add(kind, containing="Answers one request", times=1)

    again, after, _ = await goes_on(world, running.sid, says("It is live."))

    assert (await kinds(world, running.sid)).count("answered") == 1
    assert len(site.published) == 1
    await world.assert_sound(again, [*before, *after])


async def test_what_waits_for_the_preview_waits_no_longer_than_it_may(world: World, site: Site):
    running, before = await waits(world, LOOK)
    assert before[-2].type == "preview_request"
    assert await world.sessions.expire(VENDOR, running.sid) is None
    world.clock += 20_000

    epoch = await world.sessions.expire(VENDOR, running.sid)
    again = await world.start(says("I see."), begun=await taken_over(world, running.sid, epoch))
    after = await again.events()

    assert await results(world, running.sid) == ["The answer is No preview is open.."]
    assert await world.sessions.expire(VENDOR, running.sid) is None
    await world.assert_sound(again, [*before, *after])


async def test_a_reader_gets_a_turn_that_waits_up_to_there_also_without_its_log(world: World, site: Site):
    running, before = await waits(world, LIST, PUBLISH, ASK)
    last = LastEvent(1, before[-1].seq)
    assert await read(world, running.sid, last) is None
    assert await read(world, running.sid, None) == before
    assert await read(world, running.sid, LastEvent(1, 3)) == before[3:]

    await world.forget_events(running.sid)

    rebuilt = await read(world, running.sid, None)
    assert rebuilt is not None
    assert [event.type for event in rebuilt] == [
        *("connection_established", "tool_use_start", "tool_use_progress", "tool_use_start"),
        *("tool_use_progress", "tool_use_start", "tool_use_progress", "tool_use_progress"),
        *("tool_approval_request", "question", "turn_waiting"),
    ]
    assert [event.data for event in rebuilt[-3:]] == [event.data for event in before[-3:]]
    assert await read(world, running.sid, last) is None


async def test_nothing_is_counted_while_a_turn_waits(world: World, site: Site):
    running, _ = await waits(world, PUBLISH)

    view = await world.view(running.sid)

    usage = view.state.metadata["usage"]
    used = (await world.sessions.budget(VENDOR))["usedTokens"]
    assert used == usage["inputTokens"] + usage["outputTokens"]
    assert view.state.pending == []
    assert site.published == []


async def test_a_call_runs_as_the_vendor_was_asked_about_it(world: World, site: Site):
    async def settled(_: Revision) -> Revision:
        return Revision(revision=3)

    async def summary(given: Revision) -> str:
        return f"Publish revision {given.revision}"

    async def run(given: Revision, _call_id: str) -> ToolOutput:
        site.published.append(str(given.revision))
        return ToolOutput(content="Done.", summary="Done")

    wait = Wait(kind="approval", summary=summary, policy="publish", settled=settled)
    world.tools = [
        Tool(name="publish", description="P", input_type=Revision, run=run, effect="external", wait=wait)
    ]
    running, before = await waits(world, PUBLISH)
    asked = before[-2].data
    assert (asked["summary"], asked["input"]) == ("Publish revision 3", {"revision": 3})

    again, after, _ = await goes_on(world, running.sid, says("Done."))

    assert site.published == ["3"]
    await world.assert_sound(again, [*before, *after])
