"""What a turn does for each reason for which an answer can end."""

import asyncio
import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from anthropic.types.stop_reason import StopReason
from turn_world import VENDOR, Act, Halt, World, asks, fails, halts, message, says

from aicode.history.records import ApiBlock
from aicode.history.vendor_view import messages
from chat.agent.model.answer_endings import NEXT_ACTIONS, NextAction, next_action
from chat.agent.model.interface import Answer, AnswerListener, ModelFailure, Request, ToolCall
from chat.agent.orchestrator import ASKED_AGAIN, DECLINED, NOTHING_SAID
from chat.agent.prompt.conversation import to_api
from chat.agent.prompt.cut_answer import KEPT
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput
from chat.agent.turn.takeover import close_abandoned
from tests.end_to_end.stack import Event, texts
from tests.observing import Operators

CREATE = ("create_file", {"path": "a.txt", "content": "one\n"})


async def shown(world: World, sid: str) -> list[str]:
    """Texts and notices of the session, in order."""
    found: Any = messages((await world.view(sid)).entries)
    return [part["text"] for one in found for part in one["content"] if part["type"] in ("text", "notice")]


def sent(request: Request) -> list[dict[str, Any]]:
    """The blocks of a request's last message."""
    conversation: Any = request["messages"]
    return conversation[-1]["content"]


def listens(act: Act, requests: list[Request]) -> Act:
    """The act, with its request kept."""

    async def kept(request: Request, listener: AnswerListener) -> Answer:
        requests.append(request)
        return await act(request, listener)

    return kept


def cut_call(text: str, *before: tuple[str, dict[str, Any]], stop_reason: str = "max_tokens") -> Act:
    """Complete calls, and one whose input a limit cut off."""

    async def act(request: Request, listener: AnswerListener) -> Answer:
        begun = await asks(*before)(request, listener)
        listener.tool_start("toolu_cut", "create_file")
        block: dict[str, object] = {"type": "tool_use", "id": "toolu_cut", "name": "create_file"}
        return message(*begun.content, {**block, "input": {"INVALID_JSON": text}}, stop_reason=stop_reason)

    return act


def ends(events: list[Event]) -> tuple[str, object]:
    last = events[-1]
    return last.type, last.data.get("code") or last.data.get("stopReason")


def test_every_reason_that_the_sdk_knows_has_its_outcome():
    assert set(NEXT_ACTIONS) == set(get_args(StopReason))


@pytest.mark.parametrize("reason", ["compaction", "unknown", "", "stop_the_world"])
def test_a_reason_that_nobody_knows_ends_the_turn(reason: str):
    assert next_action(reason, has_calls=True) is NextAction.FINISH


def test_asking_for_tools_without_naming_one_ends_the_turn():
    assert next_action("tool_use", has_calls=False) is NextAction.FINISH


async def test_a_stop_sequence_is_an_end(world: World):
    _, events = await world.turn(says("As far as here.", stop_reason="stop_sequence"))

    assert ends(events) == ("message_complete", "stop_sequence")


@pytest.mark.parametrize("reason", ["end_turn", "refusal", "unknown", "stop_the_world", "pause_turn"])
async def test_a_call_is_run_for_no_other_reason_than_tool_use(world: World, reason: str):
    await world.turn(asks(CREATE, stop_reason=reason), says("Well."))

    assert await world.files() == {}


async def test_text_that_met_the_output_limit_goes_on_in_another_call(world: World):
    requests: list[Request] = []
    running, events = await world.turn(
        says("Once upon ", stop_reason="max_tokens"), listens(says("a time."), requests)
    )

    assert ends(events) == ("message_complete", "end_turn")
    assert texts(events) == "Once upon a time."
    assert "Go on exactly where it stopped" in sent(requests[0])[-1]["text"]
    assert await shown(world, running.sid) == ["Hi", "Once upon ", "a time."]
    await world.assert_sound(running, events)


@pytest.mark.parametrize("content", [[], [{"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}]])
async def test_thinking_that_used_the_output_limit_up_is_told_of(
    world: World, content: list[dict[str, object]]
):
    requests: list[Request] = []

    async def thinks(_: Request, listener: AnswerListener) -> Answer:
        listener.thinking("Hm.")
        return message(*content, stop_reason="max_tokens")

    running, events = await world.turn(thinks, listens(says("In short: yes."), requests))

    assert ends(events) == ("message_complete", "end_turn")
    assert "before any of it was written" in sent(requests[0])[-1]["text"]
    await world.assert_sound(running, events)


async def test_a_call_that_met_the_output_limit_is_never_run_and_claude_goes_on_from_what_came(world: World):
    requests: list[Request] = []
    half = '{"path": "a.txt", "content": "' + "half of it\\n" * 300

    running, events = await world.turn(cut_call(half), listens(says("In parts, then."), requests))

    assert ends(events) == ("message_complete", "end_turn")
    assert await world.files() == {}
    told = sent(requests[0])[-1]["text"]
    assert "none of the calls in it was run: create_file." in told
    assert told.endswith(f"<cut_call>\n{half}\n</cut_call>")
    await world.assert_sound(running, events)


async def test_the_calls_before_a_cut_one_are_not_run_either_and_claude_knows(world: World):
    requests: list[Request] = []

    await world.turn(cut_call('{"path": "b.t', CREATE), listens(says("Again, then."), requests))

    assert await world.files() == {}
    assert "none of the calls in it was run: create_file, create_file." in sent(requests[0])[-1]["text"]


async def test_of_a_very_long_cut_call_its_beginning_and_its_end_are_kept(world: World):
    requests: list[Request] = []
    long = '{"path": "a.txt", "content": "</cut_call>' + "x" * 100_000 + " the end"

    await world.turn(cut_call(long), listens(says("In parts, then."), requests))

    told = sent(requests[0])[-1]["text"]
    assert len(told) < KEPT + 500
    assert '<cut_call>\n{"path": "a.txt"' in told
    assert told.endswith("x the end\n</cut_call>")
    assert told.count("</cut_call>") == 1


async def test_a_call_that_filled_the_window_is_told_of_too(world: World):
    running, _ = await world.turn(asks(CREATE), says("Written."))
    requests: list[Request] = []
    full = cut_call('{"path": "b.t', stop_reason="model_context_window_exceeded")

    await world.turn(full, says("A summary."), listens(says("Smaller."), requests), sid=running.sid)

    assert "none of the calls in it was run: create_file." in json.dumps(requests[0]["messages"])


class Nothing(ToolInput):
    """No input."""


async def test_a_look_that_had_begun_is_over_before_a_cut_answer_is_final(world: World):
    halt, requests, ended, ended_then = Halt(), list[Request](), list[str](), list[str]()

    async def look(_: Nothing, _call: str) -> ToolOutput:
        try:
            await halt.stand()
        finally:
            ended.append("look")
        return ToolOutput(content="seen", summary="seen")

    async def cut(request: Request, listener: AnswerListener) -> Answer:
        answer = await asks(("look", {}), stop_reason="max_tokens")(request, listener)
        await halt.reached()
        return answer

    async def goes_on(request: Request, listener: AnswerListener) -> Answer:
        ended_then.extend(ended)
        return await listens(says("On."), requests)(request, listener)

    world.tools = [Tool(name="look", description="Looks.", input_type=Nothing, run=look, effect="read")]
    running, events = await world.turn(cut, goes_on)

    assert ended_then == ["look"]
    told = [event.data["status"] for event in events if event.type == "tool_use_progress"]
    assert told == ["running", "cancelled"]
    assert "look" in sent(requests[0])[-1]["text"]
    await world.assert_sound(running, events)


async def test_a_pause_which_no_tool_of_ours_can_cause_goes_on_in_another_call(world: World):
    seen: list[Request] = []
    running, events = await world.turn(
        says("Let me look", stop_reason="pause_turn"), listens(says(" further."), seen)
    )

    assert ends(events) == ("message_complete", "end_turn")
    assert texts(events) == "Let me look further."
    conversation: Any = seen[0]["messages"]
    assert [one["role"] for one in conversation] == ["user", "assistant", "user"]
    assert conversation[1]["content"] == [{"type": "text", "text": "Let me look"}]
    await world.assert_sound(running, events)


async def pauses_in_a_call(_: Request, listener: AnswerListener) -> Answer:
    address = {"url": "https://a.example"}
    call = ToolCall("srvtoolu_1", "web_fetch", dict(address))
    listener.tool_start(call.id, call.name)
    listener.server_call(call)
    block: ApiBlock = {"type": "server_tool_use", "id": call.id, "name": call.name, "input": address}
    return message(block, stop_reason="pause_turn")


@pytest.mark.parametrize("end", ["cancelled", "failed", "interrupted"])
async def test_a_call_in_which_the_api_paused_stays_shown_when_the_turn_ends_early(world: World, end: str):
    broken, halt = ModelFailure("failed", "500", retryable=False), Halt()
    goes_on = fails(broken) if end == "failed" else halts(halt)
    running = await world.start(pauses_in_a_call, goes_on)
    if end != "failed":
        await halt.reached()
    if end == "cancelled":
        await world.sessions.cancel(VENDOR, running.sid)
    if end == "interrupted":
        world.clock += 31_000
        observer = Operators().observer()
        await close_abandoned(world.sessions, world.store, VENDOR, running.sid, str, observer)
        running.task.cancel()
    await asyncio.wait({running.task})
    view = await world.view(running.sid)

    content: Any = [block for one in messages(view.entries) for block in one["content"]]
    assert [block["type"] for block in content] == ["text", "tool_use", "tool_result", "notice"]
    assert (content[1]["toolName"], content[2]["status"]) == ("web_fetch", "cancelled")


async def test_a_model_that_only_pauses_is_given_up(world: World):
    steps = 3
    acts = [says("Hm. ", stop_reason="pause_turn")] * steps

    running, events = await world.turn(*acts, settings=replace(world.settings, max_steps=steps))

    assert ends(events) == ("error", "step_limit")
    await world.assert_sound(running, events)


async def test_a_refusal_is_shown_and_leaves_the_conversation(world: World):
    running, events = await world.turn(says("I can't", stop_reason="refusal"))
    view = await world.view(running.sid)

    assert ends(events) == ("error", "model_refused")
    assert events[-1].data["message"] == DECLINED
    assert await shown(world, running.sid) == ["Hi", "I can't", DECLINED]
    assert to_api(view.entries) == []
    await world.assert_sound(running, events)


async def test_a_full_window_is_made_room_in_once(world: World):
    long = asks(*[("create_file", {"path": f"{n}.txt", "content": "x" * 3000}) for n in range(3)])
    running, _ = await world.turn(long, says("Written."))
    requests: list[Request] = []

    full = says("As I ", stop_reason="model_context_window_exceeded")
    again, events = await world.turn(
        full,
        says("They asked for files."),
        listens(says("said."), requests),
        sid=running.sid,
    )

    assert ends(events) == ("message_complete", "end_turn")
    assert texts(events) == "As I said."
    assert "xxx" not in str(requests[0]["messages"])
    assert [event.data["kind"] for event in events if event.type == "notice"] == ["compacted"]
    await world.assert_sound(again, events)


async def test_a_window_that_stays_full_ends_in_a_clear_error(world: World):
    running, _ = await world.turn(asks(CREATE), says("Written."))
    full = says("Oh. ", stop_reason="model_context_window_exceeded")

    again, events = await world.turn(full, says("A summary."), full, sid=running.sid)

    assert ends(events) == ("error", "model_error")
    assert "too long" in events[-1].data["message"]
    await world.assert_sound(again, events)


async def test_a_conversation_that_the_api_finds_too_long_is_shortened_and_sent_again(world: World):
    running, _ = await world.turn(asks(CREATE), says("Written."))
    too_long = fails(ModelFailure("too_long", "400", retryable=False))

    again, events = await world.turn(too_long, says("A summary."), says("Here I am."), sid=running.sid)

    assert ends(events) == ("message_complete", "end_turn")
    assert texts(events) == "Here I am."
    await world.assert_sound(again, events)


def says_nothing() -> Act:
    """Ends its answer without a word."""

    async def act(_: Request, __: AnswerListener) -> Answer:
        return message()

    return act


async def test_an_answer_without_content_is_asked_for_once_more(world: World):
    requests: list[Request] = []
    running, events = await world.turn(asks(CREATE), says_nothing(), listens(says("Made."), requests))

    assert ends(events) == ("message_complete", "end_turn")
    assert await shown(world, running.sid) == ["Hi", "Made."]
    assert sent(requests[0])[-1]["text"] == ASKED_AGAIN
    assert [event.data["step"] for event in events if event.type == "step_complete"] == [1, 2]
    await world.assert_sound(running, events)


async def test_an_answer_of_thinking_alone_is_asked_for_once_more_and_taken_back(world: World):
    async def only_thinks(_: Request, listener: AnswerListener) -> Answer:
        listener.thinking("Hm.")
        return message({"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"})

    running, events = await world.turn(only_thinks, says("Made."))

    assert ends(events) == ("message_complete", "end_turn")
    assert [event.data["reason"] for event in events if event.type == "step_reset"] == ["empty"]
    assert await shown(world, running.sid) == ["Hi", "Made."]
    await world.assert_sound(running, events)


async def test_a_second_answer_without_content_ends_the_turn_with_a_notice(world: World):
    running, events = await world.turn(asks(CREATE), says_nothing(), says_nothing())

    assert ends(events) == ("message_complete", "end_turn")
    assert await world.files() == {"a.txt": "one\n"}
    assert [event.data["text"] for event in events if event.type == "notice"] == [NOTHING_SAID]
    assert await shown(world, running.sid) == ["Hi", NOTHING_SAID]
    await world.assert_sound(running, events)
