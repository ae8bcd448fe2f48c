"""What Claude writes into a file is shown while it is written, as long as the turn's events are kept."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from turn_world import MODEL, VENDOR, Act, Halt, World, message, says

from aicode.history.records import ApiBlock
from chat.agent.model.interface import Answer, AnswerListener, ModelFailure, Request
from chat.event_reader import EventReader, LastEvent
from tests.end_to_end.stack import Event, events_of

LONG = "".join(f'line {n}: é \U0001f600 \\ "quoted"\n' for n in range(2_000))


def writes(world: World, name: str, given: dict[str, Any], *, size: int = 20, call: str = "toolu_1") -> Act:
    """Asks for one tool; its input comes in pieces of `size` characters, one every 50 milliseconds."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        block: ApiBlock = {"type": "tool_use", "id": call, "name": name, "input": given}
        answer = message(block, stop_reason="tool_use")
        listener.tool_start(call, name)
        written = json.dumps(given)
        for start in range(0, len(written), size):
            listener.tool_input(call, written[start : start + size])
            world.clock += 50
        listener.tool_ready(answer.calls[0])
        return answer

    return act


def inputs(events: Sequence[Event], call: str = "toolu_1") -> list[Event]:
    return [e for e in events if e.type == "tool_use_input" and e.data["toolId"] == call]


def written(events: Sequence[Event], call: str = "toolu_1") -> str:
    return "".join(event.data["delta"] for event in inputs(events, call))


def paths(events: Sequence[Event]) -> list[str]:
    return [event.data["path"] for event in inputs(events) if "path" in event.data]


async def test_a_new_file_is_shown_while_it_is_written(world: World):
    content = 'one\ntwo "three"\n' * 30
    creating = writes(world, "create_file", {"path": "src/a.txt", "content": content})
    running, events = await world.turn(creating, says("Done."))

    shown = inputs(events)
    assert written(events) == content
    assert paths(events) == ["src/a.txt"]
    assert "path" in shown[0].data
    assert [e.type for e in events[1:3]] == ["tool_use_start", "tool_use_input"]
    assert events[2 + len(shown)].type == "tool_use_progress"
    # Not the last one: what is left at the end is shown at once.
    assert all(later.timestamp - one.timestamp == 100 for one, later in pairwise(shown[:-1]))
    await world.assert_sound(running, events)


async def test_the_texts_that_an_edit_puts_in_place_of_others_are_shown(world: World):
    creating = writes(world, "create_file", {"path": "a.txt", "content": "one\ntwo\nthree\n"}, call="toolu_0")
    edits = [{"old": "one", "new": "1\n1"}, {"new": "2", "old": "two"}, {"old": "three\n", "new": ""}]
    editing = writes(world, "edit_file", {"edits": edits, "path": "a.txt"})
    _, events = await world.turn(creating, editing, says("Done."))

    assert await world.files() == {"a.txt": "1\n1\n2\n"}
    assert written(events) == "1\n1\n2\n"
    assert paths(events) == ["a.txt"]


async def test_the_inputs_of_other_tools_are_not_shown(world: World):
    listing = writes(world, "search_files", {"pattern": "content"}, call="toolu_0")
    unknown = writes(world, "format_disk", {"path": "a", "content": "b"})
    _, events = await world.turn(listing, unknown, says("Done."))

    assert "tool_use_input" not in {event.type for event in events}


async def test_a_long_file_that_comes_at_once_is_shown_in_events_of_a_bounded_size(world: World):
    size = 2 * len(LONG)
    _, events = await world.turn(
        writes(world, "create_file", {"path": "a.txt", "content": LONG}, size=size), says("Done.")
    )

    assert written(events) == LONG
    assert max(len(event.data["delta"]) for event in inputs(events)) == 8_000
    assert max(len(json.dumps(event.data)) for event in inputs(events)) < 100_000


async def test_a_clock_that_is_set_back_does_not_stop_what_is_shown(world: World):
    async def set_back(_: Request, listener: AnswerListener) -> Answer:
        listener.tool_start("toolu_1", "create_file")
        listener.tool_input("toolu_1", '{"content": "one')
        world.clock -= 3_600_000
        listener.tool_input("toolu_1", " two")
        raise ModelFailure("refused_request", "400", retryable=False)

    _, events = await world.turn(set_back)
    assert written(events) == "one two"


async def test_a_path_that_no_file_can_have_is_not_shown(world: World):
    creating = writes(world, "create_file", {"path": "a" * 200_000, "content": "text"})
    _, events = await world.turn(creating, says("Sorry."))

    assert (written(events), paths(events)) == ("text", [])


async def test_what_an_answer_had_written_is_taken_back_with_it(world: World):
    async def breaks(_: Request, listener: AnswerListener) -> Answer:
        listener.tool_start("toolu_0", "create_file")
        listener.tool_input("toolu_0", '{"path": "a.txt", "content": "half of')
        listener.tool_input("toolu_0", " it")
        raise ModelFailure("failed", "truncated", retryable=True)

    again = writes(world, "create_file", {"path": "a.txt", "content": "all of it"})
    running, events = await world.turn(breaks, again, says("Done."))

    reset = [event.type for event in events].index("step_reset")
    assert written(events[:reset], "toolu_0") == "half of"
    assert written(events[reset:]) == "all of it"
    await world.assert_sound(running, events)


async def test_a_file_is_not_shown_in_a_call_that_was_cut(world: World):
    async def cut(_: Request, listener: AnswerListener) -> Answer:
        given = '{"path": "a.txt", "content": "half of'
        listener.tool_start("toolu_1", "create_file")
        listener.tool_input("toolu_1", given)
        written_so_far = {"INVALID_JSON": given}
        block: ApiBlock = {
            "type": "tool_use",
            "id": "toolu_1",
            "name": "create_file",
            "input": written_so_far,
        }
        return Answer(content=[block], stop_reason="max_tokens", model=MODEL)

    running, events = await world.turn(cut, says("In parts, then."))

    assert written(events) == "half of"
    assert await world.files() == {}
    await world.assert_sound(running, events)


@pytest.mark.parametrize("is_kept", [True, False], ids=["from the log", "from the history"])
async def test_it_is_replayed_as_long_as_the_events_are_kept(world: World, is_kept: bool):
    content = "text\n" * 100
    creating = writes(world, "create_file", {"path": "a.txt", "content": content})
    running, events = await world.turn(creating, says("Done."))
    if not is_kept:
        await world.forget_events(running.sid)

    missed = await EventReader(world.sessions, VENDOR, running.sid).first(LastEvent(1, 0))

    assert missed is not None
    replayed = events_of(missed)
    assert replayed == events if is_kept else not inputs(replayed)
    records = json.dumps([entry["record"] for entry in (await world.view(running.sid)).entries])
    assert "tool_use_input" not in records


async def test_a_reader_that_comes_while_a_file_is_written_gets_what_was_written(world: World):
    halt = Halt()

    async def act(_: Request, listener: AnswerListener) -> Answer:
        listener.tool_start("toolu_1", "create_file")
        listener.tool_input("toolu_1", '{"path": "a.txt", "content": "one')
        await halt.stand()
        return message({"type": "text", "text": "Never mind."})

    running = await world.start(act, says("Done."))
    await halt.reached()
    await running.log.flush()
    missed = await EventReader(world.sessions, VENDOR, running.sid).first(None)
    halt.open.set()

    assert missed is not None
    assert (written(events_of(missed)), paths(events_of(missed))) == ("one", ["a.txt"])
    await running.events()
