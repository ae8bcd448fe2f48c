"""Turns that would burn tokens: beyond the day's budget, round in circles, step after step."""

from dataclasses import replace
from typing import Any

import pytest
from turn_world import MODEL, VENDOR, Act, Halt, ScriptedModel, Titled, World, asks, halts, says

from aicode.api_types import Usage
from aicode.history.usage import no_usage
from aicode.settings import Settings
from chat.agent.model.catalogue import cost_usd
from chat.agent.model.interface import Answer, AnswerListener, ModelFailure, Request
from chat.agent.turn.takeover import take_over
from dev.claude.cache import count_tokens
from tests.end_to_end.stack import Event

LIST: tuple[str, dict[str, Any]] = ("list_files", {})
FAILING = ("read_file", {"path": "absent.txt"})
CREATE = ("create_file", {"path": "a.txt", "content": "one\n"})


def limited(world: World, tokens: int) -> Settings:
    return replace(world.settings, daily_token_budget=tokens)


def ends(events: list[Event]) -> tuple[str, object]:
    last = events[-1]
    return last.type, last.data.get("code") or last.data.get("stopReason")


async def used_today(world: World) -> int:
    return (await world.sessions.budget(VENDOR))["usedTokens"]


def notices(events: list[Event]) -> list[str]:
    return [event.data["kind"] for event in events if event.type == "notice"]


def uses(usage: Usage, *calls: tuple[str, dict[str, Any]]) -> Act:
    """Answers, or asks for these tools, and tells this usage."""
    act = asks(*calls) if calls else says("Done.")

    async def told(request: Request, listener: AnswerListener) -> Answer:
        answer = await act(request, listener)
        answer.usage = usage
        return answer

    return told


class HaltedTitle:
    """Answers the message, and never the call for a title."""

    def __init__(self, halt: Halt) -> None:
        self._halt = halt

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        return await (says("Hello") if request["model"] == MODEL else halts(self._halt))(request, listener)


# -- the budget ---------------------------------------------------------------------------------------


async def test_a_turn_ends_after_the_step_that_crossed_the_budget(world: World):
    running, events = await world.turn(
        asks(CREATE, tokens=60), asks(LIST, tokens=60), says("Never asked for."), settings=limited(world, 100)
    )

    assert ends(events) == ("error", "budget_exceeded")
    assert events[-1].data["retryable"] is False
    assert [event.data["step"] for event in events if event.type == "step_complete"] == [1, 2]
    assert await world.files() == {"a.txt": "one\n"}
    assert (await world.view(running.sid)).state.metadata["usage"]["inputTokens"] == 120


async def test_a_turn_stops_for_what_another_one_spent_meanwhile(world: World):
    others = limited(world, 100_000)

    async def meanwhile(request: Request, listener: AnswerListener) -> Answer:
        await world.turn(says("Quick.", tokens=95), settings=others)
        return await asks(LIST, tokens=10)(request, listener)

    _, events = await world.turn(meanwhile, says("Never asked for."), settings=limited(world, 100))

    assert ends(events) == ("error", "budget_exceeded")


async def test_an_answer_that_broke_off_is_not_asked_for_again_beyond_the_budget(world: World):
    async def breaks(_: Request, listener: AnswerListener) -> Answer:
        listener.text("Half")
        listener.spent("claude-sonnet-5-5", {**no_usage(), "inputTokens": 90, "outputTokens": 10})
        raise ModelFailure("failed", "truncated", retryable=True)

    running, events = await world.turn(breaks, says("Never asked for."), settings=limited(world, 100))

    assert ends(events) == ("error", "budget_exceeded")
    assert await used_today(world) == 100
    await world.assert_sound(running, events)


async def test_no_answer_is_asked_for_where_the_summary_used_the_budget_up(world: World):
    settings = replace(limited(world, 1_700), compact_at_tokens=1_000)
    sid = (await world.turn(says("Long.", tokens=1_000), settings=settings))[0].sid

    running, events = await world.turn(
        says("They said hi.", tokens=700), says("Never asked for."), sid=sid, settings=settings
    )

    assert ends(events) == ("error", "budget_exceeded")
    assert notices(events) == ["compacted"]
    await world.assert_sound(running, events)


async def test_no_summary_is_made_beyond_the_budget(world: World):
    settings = replace(limited(world, 1_000), compact_at_tokens=2_000)
    sid = (await world.turn(says("Short.", tokens=10), settings=settings))[0].sid

    running, events = await world.turn(
        says("Oh.", stop_reason="model_context_window_exceeded", tokens=990),
        says("Never asked for."),
        sid=sid,
        settings=settings,
    )

    assert ends(events) == ("error", "budget_exceeded")
    assert notices(events) == []
    await world.assert_sound(running, events)


async def test_an_answer_stopped_before_a_word_of_its_usage_counts_what_it_was_given(world: World):
    halt = Halt()
    model = ScriptedModel(halts(halt))
    running = await world.start(model=model)
    await halt.reached()

    await world.sessions.cancel(VENDOR, running.sid)

    events = await running.events()
    assert (events[-1].type, events[-1].data["usage"]) == ("turn_cancelled", no_usage())
    assert count_tokens(model.requests[0]) <= await used_today(world) < 2 * count_tokens(model.requests[0])


async def test_a_stopped_answer_late_in_a_conversation_counts_only_what_is_new_in_full(world: World):
    large: Any = {**no_usage(), "cacheWriteTokens": 100_000, "outputTokens": 500}
    running, _ = await world.turn(uses(large))
    assert await used_today(world) == 100_500

    for pause, counts in ((60_000, range(11_500, 14_000)), (600_000, range(101_500, 104_000))):
        world.clock += pause
        before, halt = await used_today(world), Halt()
        stopped = await world.start(halts(halt), sid=running.sid)
        await halt.reached()
        await world.sessions.cancel(VENDOR, stopped.sid)
        await stopped.events()

        assert await used_today(world) - before in counts


async def test_a_stopped_title_keeps_its_estimate_and_one_that_comes_counts_what_it_used(world: World):
    halt = Halt()
    running = await world.start(model=HaltedTitle(halt), wants_title=True)
    await running.events()
    stopped = await used_today(world) - 10
    other = await world.start(model=Titled("Title"), wants_title=True)
    await other.events()

    assert 1_000 < stopped < 2_000
    assert await used_today(world) == 10 + stopped + 10 + 10


async def test_what_comes_from_the_cache_counts_a_tenth_and_is_told_in_full(world: World):
    usage: Any = {**no_usage(), "inputTokens": 10, "outputTokens": 5, "cacheReadTokens": 1_001}

    _, events = await world.turn(uses(usage, LIST), uses(usage), settings=limited(world, 300))

    assert ends(events) == ("message_complete", "end_turn")
    assert events[-1].data["usage"]["cacheReadTokens"] == 2_002
    assert await used_today(world) == 2 * (10 + 5 + 101)


async def test_what_a_turn_reserved_yesterday_is_not_taken_from_what_today_has_used(world: World):
    begun, before = await world.begin(), world.clock

    async def overnight(request: Request, listener: AnswerListener) -> Answer:
        world.clock += 86_400_000
        return await asks(LIST, tokens=7)(request, listener)

    running = await world.start(overnight, says("Done.", tokens=5), begun=begun)
    assert ends(await running.events()) == ("message_complete", "end_turn")
    today = await used_today(world)
    world.clock = before

    assert today == 12
    assert await used_today(world) > 1_000


async def test_no_budget_is_no_limit(world: World):
    _, events = await world.turn(asks(LIST, tokens=10**9), says("Done."), settings=limited(world, 0))

    assert ends(events) == ("message_complete", "end_turn")


async def test_the_vendor_is_told_once_that_the_budget_is_low(world: World):
    settings = limited(world, 1000)
    running, events = await world.turn(
        asks(LIST, tokens=900), asks(LIST, tokens=10), says("Done.", tokens=10), settings=settings
    )
    _, later = await world.turn(says("Again.", tokens=10), sid=running.sid, settings=settings)

    assert notices(events) == ["budget_low"]
    told = next(event for event in events if event.type == "notice")
    assert told.data["text"] == "90 % of today's token budget are used."
    assert notices(later) == []
    assert ends(later) == ("message_complete", "end_turn")
    kinds = [entry["record"]["kind"] for entry in (await world.view(running.sid)).entries]
    assert kinds.count("notice") == 1


async def test_a_turn_knows_from_its_first_step_what_the_day_has_cost(world: World):
    settings = limited(world, 100)
    await world.turn(says("Long.", tokens=95), settings=settings)

    _, events = await world.turn(says("Short.", tokens=1), settings=settings)

    assert notices(events) == ["budget_low"]


async def test_who_takes_a_turn_over_finds_out_what_the_day_has_cost(world: World):
    begun = await world.begin()
    await world.turn(says("Long.", tokens=120), settings=limited(world, 1000))
    world.clock += 60_000
    taken = await take_over(world.sessions, world.store, VENDOR, begun.writer.sid)
    assert taken is not None
    again = replace(begun, writer=taken.writer, history=taken.view.entries)

    running = await world.start(says("Never asked for."), begun=again, settings=limited(world, 100))

    assert ends(await running.events()) == ("error", "budget_exceeded")


# -- round in circles ---------------------------------------------------------------------------------


async def test_the_same_call_failing_three_times_ends_the_turn_in_plain_words(world: World):
    acts: list[Act] = [asks(FAILING) for _ in range(3)]

    running, events = await world.turn(asks(CREATE), *acts, says("Never asked for."))

    assert ends(events) == ("message_complete", "stuck")
    assert notices(events) == ["other"]
    told = next(event for event in events if event.type == "notice").data["text"]
    assert "same call three times" in told
    assert [event.data["path"] for event in events if event.type == "file_change"] == ["a.txt"]
    await world.assert_sound(running, events)


async def test_a_look_around_between_the_tries_is_no_way_out(world: World):
    acts: list[Act] = [act for _ in range(3) for act in (asks(FAILING), asks(LIST))]

    _, events = await world.turn(*acts, says("Never asked for."))

    assert ends(events) == ("message_complete", "stuck")


async def test_a_call_that_fails_twice_may_still_come_right(world: World):
    _, events = await world.turn(asks(FAILING), asks(FAILING), says("I see."))

    assert ends(events) == ("message_complete", "end_turn")


async def test_a_change_between_the_tries_makes_the_next_a_new_one(world: World):
    acts: list[Act] = []
    for n in range(4):
        acts += [asks(FAILING), asks(("create_file", {"path": f"{n}.txt", "content": "x\n"}))]

    _, events = await world.turn(*acts, says("Done."))

    assert ends(events) == ("message_complete", "end_turn")


async def test_other_words_are_another_call(world: World):
    acts = [asks(("read_file", {"path": f"absent-{n}.txt"})) for n in range(4)]

    _, events = await world.turn(*acts, says("None of them."))

    assert ends(events) == ("message_complete", "end_turn")


async def test_the_same_call_twice_in_a_batch_is_one_try(world: World):
    _, events = await world.turn(asks(FAILING, FAILING), asks(FAILING, FAILING), says("I see."))

    assert ends(events) == ("message_complete", "end_turn")


async def test_a_turn_has_so_many_steps_and_no_more(world: World):
    running, events = await world.turn(
        *[asks(LIST) for _ in range(4)], settings=replace(world.settings, max_steps=3)
    )

    assert ends(events) == ("error", "step_limit")
    assert len([event for event in events if event.type == "step_complete"]) == 3
    await world.assert_sound(running, events)


# -- a wait that is longer than the invocation --------------------------------------------------------


def overloaded(world: World, seconds_left: float) -> Act:
    """Wants ten seconds of patience when the invocation has so many left."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        world.seconds_left = seconds_left
        listener.spent("claude-sonnet-5-5", no_usage())
        raise ModelFailure("overloaded", "529", retryable=True, retry_after=10.0)

    return act


async def test_a_turn_that_gets_somewhere_is_passed_on_to_wait_in_another_invocation(world: World):
    _, events = await world.turn(asks(CREATE), overloaded(world, 25.0))

    assert events[-1].type == "turn_handover"
    assert world.handed_over == 1


async def test_a_turn_that_gets_nowhere_ends_rather_than_being_passed_on_for_ever(world: World):
    _, events = await world.turn(overloaded(world, 25.0))

    assert ends(events) == ("error", "model_overloaded")
    assert events[-1].data["retryAfterMs"] == 10_000
    assert world.handed_over == 0


async def test_a_wait_that_fits_is_waited_for(world: World):
    _, events = await world.turn(asks(CREATE), overloaded(world, 31.0), says("Here."))

    assert ends(events) == ("message_complete", "end_turn")


def breaks_off(world: World, tokens: int, seconds_left: float) -> Act:
    """An answer that breaks off after so many tokens, when the invocation has no time for another."""
    wait = overloaded(world, seconds_left)

    async def act(request: Request, listener: AnswerListener) -> Answer:
        listener.spent("claude-sonnet-5-5", {**no_usage(), "inputTokens": tokens, "costUsd": tokens / 1000})
        return await wait(request, listener)

    return act


async def test_what_a_turn_has_spent_is_known_wherever_it_goes_on(world: World):
    first = await world.start(
        breaks_off(world, 7, 500.0), asks(CREATE, tokens=100), breaks_off(world, 30, 25.0)
    )
    assert (await first.events())[-1].type == "turn_handover"
    epoch, world.seconds_left = first.begun.writer.epoch, 900.0
    taken = await take_over(world.sessions, world.store, VENDOR, first.sid, handed_over_by=epoch)
    assert taken is not None

    again = replace(first.begun, writer=taken.writer, history=taken.view.entries)
    running = await world.start(says("Done.", tokens=200), begun=again)
    usage = (await running.events())[-1].data["usage"]

    assert (usage["inputTokens"], usage["costUsd"]) == (337, 0.337)
    assert (await world.view(first.sid)).state.metadata["usage"]["inputTokens"] == 337
    assert await used_today(world) == 337


# -- prices -------------------------------------------------------------------------------------------

USAGE: Any = {
    "inputTokens": 1_000_000,
    "outputTokens": 100_000,
    "cacheReadTokens": 2_000_000,
    "cacheWriteTokens": 10_000,
    "costUsd": 0.0,
}


def test_tokens_have_their_models_price():
    assert cost_usd("claude-sonnet-5-5", USAGE) == 2.0 + 1.0 + 0.4 + 0.025
    assert cost_usd("claude-opus-5-5", USAGE) == 4.0 + 2.0 + 0.4 + 0.05


def test_what_the_cache_keeps_for_an_hour_costs_twice_the_input():
    assert cost_usd("claude-sonnet-5-5", USAGE, hour_writes=10_000) == 2.0 + 1.0 + 0.4 + 0.04
    assert cost_usd("claude-opus-5-5", USAGE, hour_writes=5_000) == pytest.approx(6.4 + 0.04 + 0.025)


def test_a_setting_comes_before_the_table():
    assert cost_usd("claude-sonnet-5-5", USAGE, [("claude-sonnet-5-5", (1.0, 0.0, 0.0, 0.0))]) == 1.0
    assert cost_usd("new-model", USAGE, [("new-model", (0.0, 10.0, 0.0, 0.0))]) == 1.0


def test_a_price_that_nobody_knows_is_none():
    assert cost_usd("new-model", USAGE) == 0.0


async def test_a_turns_price_is_that_of_its_steps_and_the_sessions_that_of_its_turns(world: World):
    running, first = await world.turn(asks(LIST, tokens=100), says("Done.", tokens=200))
    _, second = await world.turn(says("Yes.", tokens=50), sid=running.sid)

    assert first[-1].data["usage"]["costUsd"] == 0.3
    assert second[-1].data["usage"]["costUsd"] == 0.05
    assert (await world.view(running.sid)).state.metadata["usage"]["costUsd"] == pytest.approx(0.35)
