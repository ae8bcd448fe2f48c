"""Attempts at an answer, with time and chance in the test's hands."""

from dataclasses import dataclass, field

import pytest
from listening import Ear

from aicode.errors import TurnError
from chat.agent.attempts import Patience, answer
from chat.agent.model import FailureKind, Message, ModelFailure, Request, StepListener

ANSWER = Message(content=[{"type": "text", "text": "Hi"}], stop_reason="end_turn", model="claude-test")


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
    """A model that fails as it is told to, then answers; `for_ever` repeats the last failure."""

    failures: list[ModelFailure]
    chance: float = 1.0
    for_ever: bool = False
    ear: Ear = field(default_factory=Ear)
    slept: list[float] = field(default_factory=list[float])
    logged: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    asked: int = 0

    async def answer(self, request: Request, listener: StepListener) -> Message:
        self.asked += 1
        if self.for_ever or self.asked <= len(self.failures):
            listener.text(f"half {self.asked}")
            raise self.failures[min(self.asked, len(self.failures)) - 1]
        listener.text("Hi")
        return ANSWER

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def go(self) -> Message:
        patience = Patience(sleep=self.sleep, chance=lambda: self.chance)
        return await answer(self, {}, self.ear, patience, lambda _, facts: self.logged.append(facts))

    async def fail(self) -> TurnError:
        with pytest.raises(TurnError) as caught:
            await self.go()
        return caught.value


async def test_a_first_answer_is_taken_as_it_comes():
    world = World([])

    assert await world.go() is ANSWER
    assert (world.slept, world.ear.resets, world.logged) == ([], [], [])


async def test_an_answer_is_asked_for_again_after_growing_pauses():
    world = World([OVERLOADED] * 5)

    assert await world.go() is ANSWER
    assert world.slept == [0.5, 1.0, 2.0, 4.0, 6.0]


async def test_chance_spreads_the_pauses():
    world = World([OVERLOADED] * 3, chance=0.25)

    await world.go()

    assert world.slept == [0.125, 0.25, 0.5]


async def test_what_was_heard_of_a_failed_attempt_is_taken_back_before_the_next():
    world = World([STALLED, failure("failed", "truncated"), OVERLOADED, failure("failed", "ReadError")])

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
    assert sum(world.slept) <= 25
    assert 5 <= world.asked <= 60


async def test_an_answer_that_falls_silent_is_asked_for_three_times():
    world = World([STALLED], for_ever=True)

    await world.fail()

    assert world.asked == 3


async def test_the_last_failure_takes_nothing_back():
    world = World([OVERLOADED], for_ever=True)

    await world.fail()

    assert len(world.ear.resets) == world.asked - 1
    assert world.ear.heard[-1] == ("text", f"half {world.asked}")


async def test_each_failure_is_logged_with_the_requests_id():
    world = World([OVERLOADED, STALLED])

    await world.go()

    assert world.logged == [
        {"reason": "529 overloaded_error", "model_request_id": "req_1"},
        {"reason": "stalled", "model_request_id": "req_1"},
    ]
