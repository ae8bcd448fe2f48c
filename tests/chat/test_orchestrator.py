"""A turn from its first event to its one end, whatever happens in it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from turn_world import (
    APP,
    VENDOR,
    Act,
    Halt,
    Running,
    World,
    asks,
    fails,
    halts,
    message,
    own_tasks,
    says,
)

from aicode.errors import StoreUnavailable, ToolError
from aicode.file_store.store import TurnRef
from aicode.history.vendor_view import messages
from aicode.invoke import NotInvoked
from chat.agent.model.interface import Answer, AnswerListener, ModelFailure, Request
from chat.agent.orchestrator import DECLINED
from chat.agent.tools.tool import Effect, Tool, ToolInput, ToolOutput
from dev.upstash.faults import Kind
from tests.end_to_end.stack import Event, texts
from tests.waiting import until

Call = tuple[str, dict[str, Any]]
CREATE: Call = ("create_file", {"path": "a.txt", "content": "one\n"})
LIST: Call = ("list_files", {})
CHECKPOINT, END = "Records part of a turn", "Ends a turn:"


class Nothing(ToolInput):
    """No input."""


def tool(name: str, halt: Halt, *, effect: Effect = "read", error: Exception | None = None) -> Tool[Nothing]:
    async def run(_: Nothing, _call: str) -> ToolOutput:
        if error is not None:
            raise error
        await halt.stand()
        return ToolOutput(content="done", summary="done")

    return Tool(name=name, description="A tool", input_type=Nothing, run=run, effect=effect)


def kinds(events: list[Event]) -> list[str]:
    return [event.type for event in events]


def statuses(events: list[Event]) -> list[str]:
    return [event.data["status"] for event in events if event.type == "tool_use_progress"]


async def said(world: World, running: Running) -> list[str]:
    """Texts and notices of the session, in order."""
    shown = messages((await world.view(running.sid)).entries)
    parts: list[Any] = [part for one in shown for part in one["content"]]
    return [part["text"] for part in parts if part["type"] in ("text", "notice")]


async def cancelled_at(world: World, halt: Halt, *acts: Act) -> tuple[Running, list[Event]]:
    """A turn that the vendor stops as soon as the halt is reached."""
    running = await world.start(*acts)
    await halt.reached()
    assert await world.sessions.cancel(VENDOR, running.sid)
    return running, await running.events()


async def test_an_answer_is_shown_stored_and_final(world: World):
    running, events = await world.turn(says("Hello."))

    assert kinds(events) == ["connection_established", "text_delta", "step_complete", "message_complete"]
    assert await said(world, running) == ["Hi", "Hello."]
    assert events[-1].data["usage"]["inputTokens"] == 10
    assert (await world.view(running.sid)).state.status == "idle"
    await world.assert_sound(running, events)


async def test_tools_run_and_the_model_gets_their_results(world: World):
    running, events = await world.turn(
        asks(CREATE, ("read_file", {"path": "a.txt"}), text="Writing."), says("Done.")
    )

    assert await world.files() == {"a.txt": "one\n"}
    assert statuses(events) == ["running", "completed", "running", "completed"]
    assert [event.data["step"] for event in events if event.type == "step_complete"] == [1, 2]
    assert [change["path"] for change in events[-1].data["fileChanges"]] == ["a.txt"]
    view = await world.view(running.sid)
    assert list(view.files) == ["a.txt"]
    assert view.state.metadata["usage"]["inputTokens"] == 20
    await world.assert_sound(running, events)


async def test_the_store_has_what_the_browser_got(world: World):
    running, events = await world.turn(asks(LIST, text="Looking."), says("Empty."))

    _, entries = await world.sessions.events(VENDOR, running.sid, "0-0")
    stored = b"".join(entry.frames for entry in entries).decode().split("\n\n")[:-1]
    assert [frame.partition("\n")[0] for frame in stored] == [f"id: {event.id}" for event in events]


async def test_a_tool_that_breaks_ends_no_turn(world: World):
    world.tools = [tool("broken", Halt(), error=RuntimeError("secret"))]

    running, events = await world.turn(asks(("broken", {}), LIST), says("Well."))

    assert sorted(statuses(events)) == ["completed", "failed", "running", "running"]
    assert "secret" not in str([event.data for event in events])
    await world.assert_sound(running, events)


async def test_unknown_tools_and_unreadable_input_are_the_models_to_mend(world: World):
    running, events = await world.turn(
        asks(("format_disk", {}), ("create_file", {"INVALID_JSON": '{"path": "a'})), says("Sorry.")
    )

    assert await world.files() == {}
    assert [result["status"] for result in _results(events)] == ["failed", "failed"]
    await world.assert_sound(running, events)


async def test_what_the_vendor_was_told_is_told_again_when_an_answer_is_taken_back(world: World):
    overload = ModelFailure("overloaded", "529 overloaded_error", retryable=True)
    broken = fails(ModelFailure("failed", "broken", retryable=True), after="Half an ")
    settings = replace(world.settings, fallback_model="claude-opus-5-5", compact_at_tokens=10_000)
    first, _ = await world.turn(says("Long.", tokens=10_000))
    acts = [says("The summary."), *[fails(overload)] * 3, broken, asks(LIST), broken, says("Whole.")]

    running, events = await world.turn(*acts, sid=first.sid, settings=settings)

    kept: list[str] = []
    for event in events:
        if event.type == "step_reset":
            kept.clear()
        elif event.type == "step_complete":
            break
        elif event.type == "notice":
            kept.append(event.data["text"])
    stored = messages((await world.view(running.sid)).entries)
    notices = [part["text"] for one in stored for part in one["content"] if part["type"] == "notice"]
    assert len(kept) == 2
    assert kept == notices
    assert kinds(events).count("notice") == 4
    await world.assert_sound(running, events)


async def test_an_answer_that_is_asked_for_again_takes_back_what_was_shown(world: World):
    async def stalls(_: Request, listener: AnswerListener) -> Answer:
        listener.text("Half an ")
        listener.tool_start("toolu_x", "list_files")
        raise ModelFailure("failed", "stalled", retryable=True)

    running, events = await world.turn(stalls, says("Whole."))

    assert kinds(events) == [
        "connection_established",
        "text_delta",
        "tool_use_start",
        "step_reset",
        "text_delta",
        "step_complete",
        "message_complete",
    ]
    assert texts(events) == "Whole."
    assert await said(world, running) == ["Hi", "Whole."]
    await world.assert_sound(running, events)


async def test_nothing_is_taken_back_where_nothing_was_shown(world: World):
    running, events = await world.turn(
        fails(ModelFailure("overloaded", "529", retryable=True)), says("Here.")
    )

    assert "step_reset" not in kinds(events)
    await world.assert_sound(running, events)


@pytest.mark.parametrize("shown", ["", "Half an "])
async def test_stopping_while_the_model_writes(world: World, shown: str):
    halt = Halt()

    running, events = await cancelled_at(world, halt, halts(halt, after=shown))

    assert events[-1].type == "turn_cancelled"
    assert await said(world, running) == ["Hi", *([shown] if shown else []), "Stopped."]
    assert (await world.view(running.sid)).state.status == "cancelled"
    await world.assert_sound(running, events)


async def test_stopping_while_a_tool_reads(world: World):
    halt = Halt()
    world.tools = [tool("slow", halt)]

    running, events = await cancelled_at(world, halt, asks(("slow", {}), LIST, text="Looking."))

    assert events[-1].type == "turn_cancelled"
    assert sorted(statuses(events)) == ["cancelled", "completed", "running", "running"]
    assert await said(world, running) == ["Hi", "Looking.", "Stopped."]
    await world.assert_sound(running, events)


async def test_stopping_while_a_tool_changes_something_saves_nothing(world: World):
    halt = Halt()
    world.tools = [tool("slow", halt, effect="staged")]

    running, events = await cancelled_at(world, halt, asks(CREATE, ("slow", {})))

    assert await world.files() == {}
    assert sorted(statuses(events)) == ["cancelled", "cancelled", "running", "running"]
    await world.assert_sound(running, events)


async def test_stopping_during_a_commit_keeps_what_it_saves(world: World):
    halt = Halt()
    world.store.halt = halt
    running = await world.start(asks(CREATE))
    await halt.reached()
    await world.sessions.cancel(VENDOR, running.sid)
    async with asyncio.timeout(30):
        await asyncio.wait({running.log.flushing()})  # ends once it has brought the wish to stop
    halt.open.set()

    events = await running.events()

    world.store.halt = None
    assert events[-1].type == "turn_cancelled"
    assert [event.data["path"] for event in events if event.type == "file_change"] == ["a.txt"]
    assert await world.files() == {"a.txt": "one\n"}
    assert list((await world.view(running.sid)).files) == ["a.txt"]
    await world.assert_sound(running, events)


async def test_stopping_just_before_the_end_is_a_stop(world: World):
    async def says_too_late(_: Request, listener: AnswerListener) -> Answer:
        listener.text("Hello.")
        await world.sessions.cancel(VENDOR, running.sid)
        return message({"type": "text", "text": "Hello."})

    running = await world.start(says_too_late)

    events = await running.events()

    assert events[-1].type == "turn_cancelled"
    assert await said(world, running) == ["Hi", "Hello.", "Stopped."]
    await world.assert_sound(running, events)


@pytest.mark.parametrize(
    ("act", "code", "notice"),
    [
        (says("I won't", stop_reason="refusal"), "model_refused", DECLINED),
        (
            fails(ModelFailure("refused_request", "400", retryable=False), after="Half"),
            "model_error",
            "Claude did not accept the request.",
        ),
    ],
)
async def test_a_model_that_will_not_answer_ends_the_turn(world: World, act: Act, code: str, notice: str):
    running, events = await world.turn(act)

    assert (events[-1].type, events[-1].data["code"]) == ("error", code)
    assert (await said(world, running))[-1] == notice
    await world.assert_sound(running, events)


async def test_what_nobody_foresaw_ends_the_turn_and_is_raised(world: World):
    running, events = await world.turn(fails(RuntimeError("secret"), after="Half"))

    assert isinstance(running.task.exception(), RuntimeError)
    assert (events[-1].type, events[-1].data["code"]) == ("error", "internal")
    assert "secret" not in str([event.data for event in events])
    assert (await said(world, running))[:2] == ["Hi", "Half"]
    await world.assert_sound(running, events)


async def test_a_turn_has_only_so_many_steps(world: World):
    settings = replace(world.settings, max_steps=2)

    running, events = await world.turn(asks(LIST), asks(LIST), settings=settings)

    assert events[-1].data["code"] == "step_limit"
    await world.assert_sound(running, events)


async def test_a_turn_ends_behind_the_step_that_crosses_the_budget(world: World):
    settings = replace(world.settings, daily_token_budget=50)

    running, events = await world.turn(asks(LIST, tokens=60), settings=settings)

    assert kinds(events)[-2:] == ["step_complete", "error"]
    assert events[-1].data["code"] == "budget_exceeded"
    await world.assert_sound(running, events)


async def test_half_a_call_is_never_run(world: World):
    cut = asks(("create_file", {"path": "a.txt"}), CREATE, text="Writing.", stop_reason="max_tokens")

    running, events = await world.turn(cut, says("In parts."))

    assert await world.files() == {}
    assert statuses(events) == ["cancelled", "cancelled"]
    await world.assert_sound(running, events)


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("kind", ["drop_request", "drop_answer", "out_of_memory", "bad_gateway"])
async def test_a_checkpoint_that_could_not_be_stored_in_time_ends_the_turn(
    world: World, kind: Kind, skip: int
):
    assert world.redis.faults is not None
    # A full database is not asked twice by the client, but once more before the turn ends.
    world.redis.faults.add(kind, containing=CHECKPOINT, skip=skip, times=1 if kind == "out_of_memory" else 2)

    running, events = await world.turn(asks(CREATE, text="Writing."))

    world.redis.faults.clear()
    assert (events[-1].type, events[-1].data["code"]) == ("error", "store_unavailable")
    assert await world.files() == ({} if skip == 0 else {"a.txt": "one\n"})
    assert (await said(world, running))[:2] == ["Hi", "Writing."]
    await world.assert_sound(running, events)


@pytest.mark.parametrize(
    "acts", [(says("Hello."),), (asks(CREATE), says("Done.")), (says("No.", stop_reason="refusal"),)]
)
@pytest.mark.parametrize("containing", [END, CHECKPOINT + "|" + END, ""])
async def test_a_store_that_takes_no_more_is_at_least_told(
    world: World, acts: tuple[Act, ...], containing: str
):
    assert world.redis.faults is not None
    for text in containing.split("|"):
        # The first request is the one that begins the turn.
        world.redis.faults.add("drop_request", containing=text, skip=0 if text else 1)

    running, events = await world.turn(*acts)

    world.redis.faults.clear()
    assert (events[-1].type, events[-1].data["code"]) == ("error", "store_unavailable")
    assert own_tasks() == []
    world.clock += 31_000
    again, next_events = await world.turn(says("Again."), sid=running.sid)
    assert next_events[-1].type == "message_complete"
    await world.assert_sound(again, next_events)


@pytest.mark.parametrize("containing", [CHECKPOINT, END, "pipeline"])
@pytest.mark.parametrize("times", [1, 2])
async def test_an_answer_of_the_store_that_is_lost_loses_nothing(world: World, containing: str, times: int):
    assert world.redis.faults is not None
    world.redis.faults.add("drop_answer", containing=containing, times=times)

    running, events = await world.turn(asks(CREATE, text="Writing."), says("Done."))

    world.redis.faults.clear()
    assert events[-1].type in ("message_complete", "error")
    assert await world.files() in ({"a.txt": "one\n"}, {})
    await world.assert_sound(running, events)


async def test_flushes_that_fail_are_made_up_for(world: World):
    halt = Halt()
    assert world.redis.faults is not None
    fault = world.redis.faults.add("drop_request", containing="pipeline")
    running = await world.start(halts(halt, after="Half"))
    await until(lambda: fault.struck)
    world.redis.faults.clear()
    halt.open.set()

    events = await running.events()

    assert events[-1].type == "message_complete"
    await world.assert_sound(running, events)


async def test_a_flush_whose_answer_was_lost_does_not_spoil_the_checkpoint_behind_it(world: World):
    assert world.redis.faults is not None
    lost = world.redis.faults.add("drop_answer", containing="NOMKSTREAM", times=2)
    ask = asks(CREATE, text="x" * 3000)

    async def asks_slowly(request: Request, listener: AnswerListener) -> Answer:
        asked = await ask(request, listener)
        await until(lambda: lost.struck == 2)
        return asked

    running, events = await world.turn(asks_slowly, says("Done."))

    assert events[-1].type == "message_complete"
    await world.assert_sound(running, events)


async def test_a_session_that_is_deleted_stops_its_turn(world: World):
    halt = Halt()
    running = await world.start(halts(halt, after="Half"))
    await halt.reached()

    await world.sessions.delete(VENDOR, running.sid)
    events = await running.events()

    assert events[-1].type == "turn_cancelled"
    assert running.task.exception() is None
    assert own_tasks() == []


async def test_an_owner_whom_the_files_refuse_alone_ends_as_stopped(world: World):
    halt = Halt()
    world.store.halt = halt
    running = await world.start(asks(CREATE), says("Hm."))
    await halt.reached()
    writer = running.begun.writer

    await world.store.raise_fence(VENDOR, APP, TurnRef(running.sid, writer.turn, writer.epoch + 1))
    halt.open.set()
    events = await running.events()

    assert events[-1].type == "turn_cancelled"
    assert await world.files() == {}
    world.store.halt = None
    await world.assert_sound(running, events)


async def test_an_owner_that_was_replaced_falls_silent(world: World):
    halt = Halt()
    running = await world.start(halts(halt, after="Half"))
    await halt.reached()
    world.clock += 31_000

    assert await world.sessions.claim(VENDOR, running.sid)
    events = await running.events()

    assert kinds(events) == ["connection_established", "text_delta"]
    assert running.task.exception() is None
    assert own_tasks() == []


async def test_an_app_that_is_gone_ends_the_turn(world: World):
    await world.store.delete_app(VENDOR, APP)

    running, events = await world.turn(says("Hello."))

    assert events[-1].type == "error"
    assert (await world.view(running.sid)).state.status == "error"


async def test_an_app_that_goes_while_its_files_are_changed_settles_every_call(world: World):
    halt = Halt()
    world.store.halt = halt
    running = await world.start(asks(CREATE), says("Hm."))
    await halt.reached()
    await world.store.delete_app(VENDOR, APP)
    halt.open.set()

    events = await running.events()

    assert await _well_ended(events)
    assert own_tasks() == []


@pytest.mark.parametrize("error", [StoreUnavailable("No answer."), ToolError("No.")])
async def test_a_commit_that_fails_settles_every_call(world: World, error: Exception):
    class Broken(Halt):
        async def stand(self) -> None:
            raise error

    world.store.halt = Broken()

    running, events = await world.turn(asks(CREATE, LIST), says("Hm."))

    world.store.halt = None
    assert await world.files() == {}
    await world.assert_sound(running, events)


async def _well_ended(events: list[Event]) -> bool:
    settled = {
        e.data["toolId"] for e in events if e.type == "tool_use_progress" and e.data["status"] != "running"
    }
    begun = {e.data["toolId"] for e in events if e.type == "tool_use_start"}
    return begun == settled and events[-1].type in ("error", "message_complete", "turn_cancelled")


def _results(events: list[Event]) -> list[dict[str, str]]:
    return next(event.data["toolResults"] for event in events if event.type == "tool_use_complete")


async def test_a_hand_over_that_could_not_be_prepared_is_made_all_the_same(world: World):
    world.unprepared = NotInvoked()
    world.unprepared.__cause__ = ImportError()
    world.seconds_left = 10.0
    running = await world.start(halts(Halt(), after="Well"))

    events = await running.events()

    assert events[-1].type == "turn_handover"
    assert world.handed_over == 1
    told = {"request_id": "invocation-1", "error": "ImportError"}
    assert ("hand-over not prepared", told) in world.operators.logged


@pytest.mark.parametrize("store_is_away", [False, True])
async def test_an_error_with_little_time_left_settles_its_calls_and_is_stored_where_it_can_be(
    world: World, store_is_away: bool
):
    async def breaks_late(_: Request, listener: AnswerListener) -> Answer:
        listener.tool_start("toolu_late", "create_file")
        world.seconds_left = 2.0
        if store_is_away:
            assert world.redis.faults is not None
            world.redis.faults.add("drop_request")
            raise StoreUnavailable("The store does not answer.")
        raise ModelFailure("refused_request", "400", retryable=False)

    running, events = await world.turn(breaks_late)

    assert statuses(events) == ["cancelled"]
    assert events[-1].data["code"] == ("store_unavailable" if store_is_away else "model_error")
    if world.redis.faults is not None:
        world.redis.faults.clear()
    assert (await world.view(running.sid)).state.status == ("running" if store_is_away else "error")
