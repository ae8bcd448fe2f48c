"""The app is checked when Claude asks, and at the end of a turn that changed code; errors are mended."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from turn_world import APP, VENDOR, Running, ScriptedModel, World, asks, requests_of, says

from aicode.file_store.store import RULES_PATH, Commit, Put
from aicode.history.vendor_view import messages, replay
from aicode.session_manager.admission import OwnedTurn
from chat.agent.model.interface import Request
from chat.agent.turn.takeover import close_abandoned, take_over
from tests.end_to_end.stack import Event
from tests.line_builder import LineBuilder
from tests.observing import Operators
from tests.waiting import until

CHECK: tuple[str, dict[str, Any]] = ("check_app", {})
BREAK: tuple[str, dict[str, Any]] = ("create_file", {"path": "src/App.tsx", "content": "ok\nBROKEN one\n"})
BREAK_MORE: tuple[str, dict[str, Any]] = (
    "create_file",
    {"path": "src/more.ts", "content": "BROKEN two\nBROKEN three\n"},
)
MEND: tuple[str, dict[str, Any]] = (
    "edit_file",
    {"path": "src/App.tsx", "edits": [{"old": "BROKEN one", "new": "whole"}]},
)
WORK: tuple[str, dict[str, Any]] = ("create_file", {"path": "src/App.tsx", "content": "ok\n"})
NOTES: tuple[str, dict[str, Any]] = ("create_file", {"path": "notes.md", "content": "BROKEN\n"})
PROBLEM = {
    "path": "src/App.tsx",
    "line": 2,
    "column": 1,
    "code": "TS2304",
    "message": "Cannot find name 'BROKEN one'.",
    "known": False,
}


@pytest.fixture
def builder(world: World) -> LineBuilder:
    builder = LineBuilder(world.store)
    world.builder = builder
    return builder


def checks(events: list[Event]) -> list[tuple[bool, list[str]]]:
    """The checks that a page is told of: whether it was fine, and where the errors are, known ones marked."""
    return [
        (event.data["ok"], [f"{e['path']}:{e['line']}{'?' * e['known']}" for e in event.data["errors"]])
        for event in events
        if event.type == "check_finished"
    ]


def sent_last(request: Request) -> str:
    """What Claude was sent last, as text."""
    found: list[dict[str, Any]] = json.loads(json.dumps(request["messages"]))
    return json.dumps(found[-1]["content"], ensure_ascii=False)


async def save(world: World, path: str, content: str) -> None:
    commit = Commit(changes=[Put(path, content, 0)], author="vendor", message="Save")
    await world.store.commit(VENDOR, APP, commit)


# -- the tool -----------------------------------------------------------------------------------------


async def test_claude_is_told_each_error_of_what_the_same_batch_has_saved(world: World, builder: LineBuilder):
    sid, requests = await requests_of(world, None, asks(BREAK, CHECK), asks(MEND), says("Mended."))

    told = sent_last(requests[1])
    assert "1 error\\n<file_contents>\\nsrc/App.tsx:2:1 TS2304 Cannot find name 'BROKEN one'." in told
    blocks = [block for message in messages((await world.view(sid)).entries) for block in message["content"]]
    assert [block for block in blocks if block["type"] == "check"] == [
        {"type": "check", "revision": 1, "ok": False, "errors": [PROBLEM], "durationMs": 12},
        {"type": "check", "revision": 2, "ok": True, "errors": [], "durationMs": 12},
    ]


async def test_the_page_is_told_what_claude_asked_for_before_the_step_is_final(
    world: World, builder: LineBuilder
):
    running, events = await world.turn(asks(BREAK, CHECK), asks(MEND), says("Mended."))

    types = [event.type for event in events]
    at = types.index("check_finished")
    assert checks(events)[0] == (False, ["src/App.tsx:2"])
    assert types[at - 1 : at + 2] == ["tool_use_complete", "check_finished", "step_complete"]
    await world.assert_sound(running, events)


async def test_before_the_first_change_all_errors_are_known(world: World, builder: LineBuilder):
    await save(world, "old.ts", "BROKEN\n")

    _, requests = await requests_of(world, None, asks(CHECK), says("It was broken."))

    told = sent_last(requests[1])
    assert "1 error, 1 of them from before" in told
    assert "(there before this turn)" in told


async def test_claude_reads_in_words_that_apps_cannot_be_checked_right_now(
    world: World, builder: LineBuilder
):
    builder.is_down = True

    _, requests = await requests_of(world, None, asks(CHECK), says("I do not know."))

    assert "The app was not checked, so nothing is known of it: Apps cannot be built" in sent_last(
        requests[1]
    )


async def test_no_check_is_offered_or_made_where_apps_cannot_be_built(world: World):
    model = ScriptedModel(asks(BREAK), says("Done."))
    running = await world.start(model=model)
    events = await running.events()

    tools: Any = model.requests[0]["tools"]
    assert "check_app" not in [tool["name"] for tool in tools]
    assert events[-1].type == "message_complete"
    assert not checks(events)


# -- by itself ----------------------------------------------------------------------------------------


async def test_a_turn_that_changed_code_ends_with_a_check(world: World, builder: LineBuilder):
    running, events = await world.turn(asks(WORK), says("Done."))

    types = [event.type for event in events]
    assert types[-3:] == ["step_complete", "check_finished", "message_complete"]
    assert checks(events) == [(True, [])]
    await world.assert_sound(running, events)


async def test_claude_mends_what_its_turn_has_broken(world: World, builder: LineBuilder):
    model = ScriptedModel(asks(BREAK), says("Done."), asks(MEND), says("Now it is."))

    running = await world.start(model=model)
    events = await running.events()

    assert checks(events) == [(False, ["src/App.tsx:2"]), (True, [])]
    assert "<app_check>\\n1 error is left.\\nsrc/App.tsx:2:1 TS2304 Cannot" in sent_last(model.requests[2])
    assert "src/App.tsx:2:1 TS2304 Cannot find name 'BROKEN one'." in sent_last(model.requests[2])
    assert events[-1].type == "message_complete"
    assert [event.data["step"] for event in events if event.type == "step_complete"] == [1, 2, 3, 4]
    await world.assert_sound(running, events)


async def test_a_turn_that_changed_no_code_is_not_checked(world: World, builder: LineBuilder):
    _, events = await world.turn(asks(NOTES, ("list_files", {})), says("Noted."))

    assert builder.checked == []
    assert not checks(events)


async def test_what_claude_has_checked_last_is_not_checked_again(world: World, builder: LineBuilder):
    _, events = await world.turn(asks(WORK, CHECK), asks(NOTES), says("Checked."))

    assert checks(events) == [(True, [])]


async def test_a_check_that_came_before_the_last_change_does_not_count(world: World, builder: LineBuilder):
    _, events = await world.turn(asks(CHECK, BREAK), says("Done."), asks(MEND), says("Mended."))

    assert checks(events) == [(True, []), (False, ["src/App.tsx:2"]), (True, [])]


async def test_claude_is_sent_back_twice_at_most_and_the_page_is_told_what_is_left(
    world: World, builder: LineBuilder
):
    more = ("create_file", {"path": "src/again.ts", "content": "BROKEN\n"})

    running, events = await world.turn(
        asks(BREAK), says("One."), asks(BREAK_MORE), says("Two."), asks(more), says("Three.")
    )

    assert [len(errors) for _, errors in checks(events)] == [1, 3, 4]
    assert events[-1].data["stopReason"] == "end_turn"
    await world.assert_sound(running, events)


async def test_errors_that_were_there_before_are_marked_and_cost_no_round(world: World, builder: LineBuilder):
    await save(world, "old.ts", "BROKEN\n")

    running, events = await world.turn(asks(WORK), says("Done."))

    assert checks(events) == [(False, ["old.ts:1?"])]
    await world.assert_sound(running, events)


async def test_claude_is_told_apart_what_may_stay(world: World, builder: LineBuilder):
    await save(world, "old.ts", "BROKEN\n")

    _, requests = await requests_of(world, None, asks(BREAK), says("Done."), asks(MEND), says("Mended."))

    told = sent_last(requests[2])
    assert "1 error is left" in told
    assert "1 error from before this turn may stay." in told
    assert "old.ts" not in told


@pytest.mark.parametrize(
    ("rules", "is_checked"),
    [
        ("---\ncheck: off\n---\nUse tabs.", False),
        ("---\nname: x\ncheck: 'off'  # slow\n---\n", False),
        ("---\r\ncheck: OFF\r\n---\r\n", False),
        ("---\ncheck: on\n---\n", True),
        ("check: off\n", True),
        ("---\nname: x\n---\ncheck: off\n", True),
    ],
)
async def test_the_vendor_turns_checks_off_in_the_front_matter_of_the_rules(
    world: World, builder: LineBuilder, rules: str, is_checked: bool
):
    await save(world, RULES_PATH, rules)

    _, events = await world.turn(asks(WORK), says("Done."))

    assert bool(checks(events)) is is_checked


async def test_claude_cannot_turn_checks_off(world: World, builder: LineBuilder):
    off = ("create_file", {"path": RULES_PATH, "content": "---\ncheck: off\n---\n"})

    sid = (await world.turn(asks(off), says("Done.")))[0].sid
    _, events = await world.turn(asks(WORK), says("Done."), sid=sid)

    assert checks(events) == [(True, [])]


async def test_a_check_that_fails_ends_the_turn_as_it_would_have_ended(world: World, builder: LineBuilder):
    builder.is_down = True

    running, events = await world.turn(asks(BREAK), says("Done."))

    assert not checks(events)
    assert [event.type for event in events][-2:] == ["step_complete", "message_complete"]
    assert ("not checked", "BuilderUnavailable") in [
        (what, facts.get("error")) for what, facts in world.operators.logged
    ]
    await world.assert_sound(running, events)


async def test_no_round_is_begun_that_the_step_limit_would_end(world: World, builder: LineBuilder):
    running, events = await world.turn(
        asks(BREAK), says("Done."), settings=replace(world.settings, max_steps=2)
    )

    assert checks(events) == [(False, ["src/App.tsx:2"])]
    assert events[-1].type == "message_complete"
    await world.assert_sound(running, events)


async def test_a_used_up_budget_ends_the_round_that_it_does_not_pay_for(world: World, builder: LineBuilder):
    running, events = await world.turn(
        asks(BREAK, tokens=60),
        says("Done.", tokens=60),
        settings=replace(world.settings, daily_token_budget=100),
    )

    assert checks(events) == [(False, ["src/App.tsx:2"])]
    assert (events[-1].type, events[-1].data["code"]) == ("error", "budget_exceeded")
    assert "Done." in str(messages((await world.view(running.sid)).entries))


async def test_a_turn_that_is_stopped_during_its_check_keeps_its_answer(world: World, builder: LineBuilder):
    builder.is_open.clear()
    running = await world.start(asks(BREAK), says("Done."))
    await until(lambda: bool(builder.checked))

    await world.sessions.cancel(VENDOR, running.sid)
    events = await running.events()

    assert events[-1].type == "turn_cancelled"
    assert not checks(events)
    assert "Done." in str(messages((await world.view(running.sid)).entries))
    builder.is_open.set()
    await world.assert_sound(running, events)


# -- another owner ------------------------------------------------------------------------------------


async def dies_in_its_check(world: World, builder: LineBuilder) -> Running:
    """A turn that broke its app, and whose owner is not heard of again once it checks."""
    builder.is_open.clear()
    dead = await world.start(asks(BREAK), says("Done."))
    await until(lambda: bool(builder.checked))
    world.clock += 31_000
    return dead


async def taken_over(world: World, dead: Running, *, handed_over: bool = False) -> OwnedTurn:
    by = dead.begun.writer.epoch if handed_over else None
    taken = await take_over(world.sessions, world.store, VENDOR, dead.sid, handed_over_by=by)
    assert taken is not None
    return taken.owned()


async def bury(dead: Running) -> None:
    dead.task.cancel()
    await asyncio.wait({dead.task})


async def test_who_takes_over_a_turn_during_its_check_makes_only_the_check_again(
    world: World, builder: LineBuilder
):
    dead = await dies_in_its_check(world, builder)
    model = ScriptedModel(asks(MEND), says("Mended."))
    begun = await taken_over(world, dead)
    builder.is_open.set()

    running = await world.start(model=model, begun=begun)
    events = await running.events()
    await bury(dead)

    assert builder.checked == [1, 1, 2]
    assert checks(events) == [(False, ["src/App.tsx:2"]), (True, [])]
    assert "1 error is left" in sent_last(model.requests[0])
    await world.assert_sound(running, events)


async def test_a_check_that_an_invocation_has_no_time_for_is_made_in_the_next(
    world: World, builder: LineBuilder
):
    dead = await dies_in_its_check(world, builder)
    world.seconds_left = 10.0
    leaving = await world.start(begun=await taken_over(world, dead))
    assert (await leaving.events())[-1].type == "turn_handover"
    world.seconds_left = 900.0
    builder.is_open.set()

    running = await world.start(
        asks(MEND), says("Mended."), begun=await taken_over(world, leaving, handed_over=True)
    )
    events = await running.events()
    await bury(dead)

    assert checks(events) == [(False, ["src/App.tsx:2"]), (True, [])]
    await world.assert_sound(running, events)


async def test_a_turn_that_is_closed_during_its_check_keeps_its_answer(world: World, builder: LineBuilder):
    dead = await dies_in_its_check(world, builder)

    await close_abandoned(
        world.sessions, world.store, VENDOR, dead.sid, str, Operators().observer("request-2")
    )
    await bury(dead)

    shown = messages((await world.view(dead.sid)).entries)
    assert "Done." in str(shown)
    assert "This answer was interrupted." in str(shown[-1])


# -- what stays ---------------------------------------------------------------------------------------


async def test_a_replay_from_the_history_tells_the_checks_too(world: World, builder: LineBuilder):
    running, events = await world.turn(asks(BREAK, CHECK), asks(MEND), says("Mended."))

    entries = (await world.view(running.sid)).entries
    told = [data for kind, data in replay(entries) if kind == "check_finished"]

    assert told == [event.data for event in events if event.type == "check_finished"]


async def test_operators_see_how_checks_end(world: World, builder: LineBuilder):
    await world.turn(asks(BREAK), says("Done."), asks(MEND), says("Mended."))

    results = [facts["result"] for what, facts in world.operators.logged if what == "checked"]
    assert results == ["errors", "ok"]
