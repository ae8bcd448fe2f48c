"""Attempts at an answer, with time and chance in the test's hands."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from listening import Ear

from aicode.errors import TurnError
from chat.agent.model.interface import Answer, AnswerListener, FailureKind, ModelFailure, Purpose, Request
from chat.agent.model.retry import OutOfTime, RetryBudget, ask_with_retries
from tests.observing import Operators

ANSWER = Answer(
    content=[{"type": "text", "text": "Hi"}], stop_reason="end_turn", model="claude-test", request_id="req_ok"
)


def failure(
    kind: FailureKind = "failed",
    reason: str = "broken",
    *,
    retryable: bool = True,
    retry_after: float | None = None,
) -> ModelFailure:
    return ModelFailure(kind, reason, retryable=retryable, retry_after=retry_after, request_id="req_1")


OVERLOADED = failure("overloaded", "529 overloaded_error")
STALLED = failure("failed", "stalled")


@dataclass
class World:
    """A model that fails as it is told to, then answers; `for_ever` repeats the last failure.

    `slept` has the whole pause between two attempts. An attempt `takes` so many seconds, the invocation has
    `left` so many, and where there is a `fallback` it is model b.
    """

    failures: Sequence[BaseException]
    chance: float = 1.0
    for_ever: bool = False
    takes: float = 0.0
    left: float = float("inf")
    fallback: bool = False
    now: float = 0.0
    ear: Ear = field(default_factory=Ear)
    slept: list[float] = field(default_factory=list[float])
    slept_after: int = 0
    models: list[object] = field(default_factory=list[object])
    operators: Operators = field(default_factory=Operators)

    @property
    def asked(self) -> int:
        return len(self.models)

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        self.models.append(request["model"])
        self.now += self.takes
        if self.for_ever or self.asked <= len(self.failures):
            listener.text(f"half {self.asked}")
            raise self.failures[min(self.asked, len(self.failures)) - 1]
        listener.text("Hi")
        return ANSWER

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.asked == self.slept_after:
            seconds += self.slept.pop()
        self.slept.append(seconds)
        self.slept_after = self.asked

    async def go(self) -> Answer:
        patience = RetryBudget(
            sleep=self.sleep, chance=lambda: self.chance, clock=lambda: self.now, left=lambda: self.left
        )
        other: Callable[[], Request] | None = (lambda: {"model": "b"}) if self.fallback else None

        observer = self.operators.observer()
        try:
            return await ask_with_retries(self, {"model": "a"}, self.ear, patience, observer, other)
        finally:
            await observer.finish()

    @property
    def logged(self) -> list[dict[str, object]]:
        lines = [dict(facts) for _, facts in self.operators.logged]
        assert {line.pop("request_id") for line in lines} == {"invocation-1"}
        return lines

    async def fail(self) -> TurnError:
        with pytest.raises(TurnError) as caught:
            await self.go()
        return caught.value


async def test_a_first_answer_is_taken_as_it_comes():
    world = World([])

    assert await world.go() is ANSWER
    assert (world.slept, world.ear.resets) == ([], [])


async def test_an_answer_is_asked_for_again_after_growing_pauses():
    world = World([OVERLOADED] * 5)

    assert await world.go() is ANSWER
    assert world.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


async def test_chance_spreads_the_pauses():
    world = World([OVERLOADED] * 3, chance=0.25)

    await world.go()

    assert world.slept == [0.125, 0.25, 0.5]


async def test_what_was_heard_of_a_failed_attempt_is_taken_back_before_the_next():
    world = World([STALLED, failure("failed", "truncated"), OVERLOADED, failure("failed", "ReadError")], 0.1)

    await world.go()

    assert world.ear.heard == [
        ("text", "half 1"),
        ("reset", "stalled"),
        ("text", "half 2"),
        ("reset", "truncated"),
        ("text", "half 3"),
        ("reset", "overloaded"),
        ("text", "half 4"),
        ("reset", "failed"),
        ("text", "Hi"),
    ]


async def test_the_api_says_how_long_to_wait():
    world = World([failure("overloaded", retry_after=7.0), failure("overloaded", retry_after=0.0)])

    await world.go()

    assert world.slept == [7.0, 1.0]


async def test_a_wait_beyond_all_patience_ends_the_turn_at_once():
    world = World([failure("overloaded", retry_after=3600.0)])

    error = await world.fail()

    assert (error.code, error.retryable, error.retry_after_ms) == ("model_overloaded", True, 3_600_000)
    assert (world.asked, world.slept, world.ear.resets) == (1, [], [])


@pytest.mark.parametrize(
    ("told", "code", "retryable"),
    [
        (failure("refused_request", retryable=False), "model_error", False),
        (failure("too_long", retryable=False), "model_error", False),
        (failure("refused_thinking", retryable=False), "model_error", False),
        (failure("failed", "permission_error", retryable=False), "model_error", False),
    ],
)
async def test_what_cannot_get_better_is_not_tried_again(told: ModelFailure, code: str, retryable: bool):
    world = World([told])

    error = await world.fail()

    assert (error.code, error.retryable, world.asked, world.slept) == (code, retryable, 1, [])
    assert world.ear.heard == [("text", "half 1")]


@pytest.mark.parametrize(
    ("told", "code"), [(OVERLOADED, "model_overloaded"), (failure("failed", "500"), "model_error")]
)
@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
async def test_patience_ends(told: ModelFailure, code: str, chance: float):
    world = World([told], for_ever=True, chance=chance)

    error = await world.fail()

    assert (error.code, error.retryable) == (code, True)
    assert sum(world.slept) <= 45
    assert 7 <= world.asked <= 8


async def test_an_answer_that_falls_silent_is_asked_for_four_times():
    world = World([STALLED], for_ever=True)

    await world.fail()

    assert world.asked == 4


async def test_the_last_failure_takes_nothing_back():
    world = World([OVERLOADED], for_ever=True)

    await world.fail()

    assert len(world.ear.resets) == world.asked - 1
    assert world.ear.heard[-1] == ("text", f"half {world.asked}")


@pytest.mark.parametrize(("purpose", "measured"), [("answer", [250, 250]), ("title", []), ("summary", [])])
async def test_attempts_at_a_title_or_a_summary_are_told_apart_and_not_measured_as_a_turns_own(
    purpose: Purpose, measured: list[float]
):
    world = World([OVERLOADED], takes=0.25)
    world.ear.purpose = purpose

    await world.go()

    assert [line["purpose"] for line in world.logged] == [purpose, purpose]
    assert world.operators.metrics().get("AttemptDuration", []) == measured


async def test_each_attempt_is_logged_with_its_requests_id_its_time_and_how_it_ended():
    world = World([OVERLOADED, STALLED], takes=0.25)

    await world.go()

    own = {"purpose": "answer", "model": "a", "ms": 250}
    assert world.logged == [
        {**own, "attempt": 1, "outcome": "529 overloaded_error", "model_request_id": "req_1"},
        {**own, "attempt": 2, "outcome": "stalled", "model_request_id": "req_1"},
        {**own, "attempt": 3, "outcome": "end_turn", "model_request_id": "req_ok"},
    ]


async def test_an_attempt_that_is_stopped_is_logged_too():
    world = World([asyncio.CancelledError()])

    with pytest.raises(asyncio.CancelledError):
        await world.go()

    assert [line["outcome"] for line in world.logged] == ["cancelled"]


async def test_an_attempt_that_may_not_be_made_is_logged_as_such():
    world = World([OVERLOADED, TurnError("budget_exceeded", "Used up.")])

    error = await world.fail()

    assert error.code == "budget_exceeded"
    assert [line["outcome"] for line in world.logged] == ["529 overloaded_error", "budget_exceeded"]


async def test_the_time_that_attempts_take_is_patience_too():
    slow = World([failure("failed", "ReadError")], for_ever=True, chance=0.0, takes=10.0)

    await slow.fail()

    assert slow.asked == 5


async def test_a_long_answer_that_breaks_costs_no_more_than_a_silent_one():
    world = World([failure("failed", "ReadError")] * 3, chance=0.0, takes=600.0)

    assert await world.go() is ANSWER


async def test_a_wait_beyond_patience_is_an_overload_whatever_the_status():
    world = World([failure("failed", "503", retry_after=600.0)])

    error = await world.fail()

    assert (error.code, error.retryable, error.retry_after_ms) == ("model_overloaded", True, 600_000)


async def test_a_wait_that_the_invocation_has_no_time_for_is_left_to_another():
    world = World([failure("overloaded", retry_after=20.0)], left=10.0)

    error = await world.fail()

    assert isinstance(error, OutOfTime)
    assert (error.code, error.retry_after_ms) == ("model_overloaded", 20_000)
    assert (world.slept, world.ear.resets) == ([], [])


async def test_a_model_that_stays_overloaded_is_replaced():
    world = World([OVERLOADED] * 4, fallback=True)

    assert await world.go() is ANSWER
    assert world.models == ["a", "a", "a", "b", "b"]
    assert world.slept == [0.5, 1.0, 0.5]
    assert world.ear.heard[-4:] == [
        ("reset", "overloaded"),
        ("text", "half 4"),
        ("reset", "overloaded"),
        ("text", "Hi"),
    ]


async def test_a_model_is_replaced_at_once_where_it_says_that_waiting_takes_too_long():
    world = World([failure("overloaded", retry_after=3600.0)], fallback=True)

    assert await world.go() is ANSWER
    assert (world.models, world.slept, world.ear.resets) == (["a", "b"], [], ["overloaded"])


async def test_only_overload_is_a_reason_to_ask_another_model():
    world = World([failure("failed", "500"), OVERLOADED, OVERLOADED, STALLED, OVERLOADED], fallback=True)

    await world.go()

    assert set(world.models) == {"a"}


async def test_the_other_model_gives_up_as_the_first_would():
    world = World([OVERLOADED], for_ever=True, fallback=True)

    error = await world.fail()

    assert error.code == "model_overloaded"
    assert (world.models[:3], set(world.models[3:])) == (["a"] * 3, {"b"})


@pytest.mark.parametrize("fallback", [False, True])
async def test_a_step_makes_eight_calls_at_most_whatever_chance_says(fallback: bool):
    world = World([OVERLOADED], for_ever=True, chance=0.0, fallback=fallback)

    await world.fail()

    assert world.asked == 8


def told(world: World) -> list[tuple[int, str]]:
    """What the vendor was told of delays, each with the number of attempts before it."""
    found: list[tuple[int, str]] = []
    attempts = 0
    for kind, text in world.ear.heard:
        attempts += kind == "text"
        found += [(attempts, text)] if kind == "delayed" else []
    return found


async def test_the_vendor_is_told_once_that_claude_is_overloaded_and_how_long_it_will_be_tried():
    world = World([OVERLOADED] * 6)

    await world.go()

    # Five seconds are over in the fourth pause; until then each attempt has cost half a second of patience.
    assert told(world) == [(4, "Claude is overloaded. Trying again for up to 38 s more.")]


async def test_a_delay_is_told_in_the_middle_of_a_long_pause():
    world = World([failure("overloaded", retry_after=30.0)])
    heard_at: list[float] = []

    class Listener(Ear):
        def delayed(self, text: str) -> None:
            heard_at.append(world.now)

    world.ear = Listener()
    await world.go()

    assert (heard_at, world.slept, world.now) == ([5.0], [30.0], 30.0)


async def test_a_short_delay_is_not_told():
    world = World([OVERLOADED] * 3)

    await world.go()

    assert told(world) == []


async def test_attempts_that_fail_slowly_are_a_delay_too():
    world = World([failure("failed", "APITimeoutError")] * 3, chance=0.0, takes=4.0)

    await world.go()

    assert told(world) == [(3, "Claude cannot be reached. Trying again for up to 33 s more.")]


async def test_no_more_time_is_promised_than_the_invocation_has():
    world = World([failure("overloaded", retry_after=10.0)], left=20.0)

    await world.go()

    assert told(world) == [(1, "Claude is overloaded. Trying again for up to 20 s more.")]


async def test_the_delay_of_another_model_is_told_too():
    world = World([OVERLOADED] * 7, fallback=True)

    await world.go()

    assert [attempts for attempts, _ in told(world)] == [7]
