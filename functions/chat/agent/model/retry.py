"""Retries of one answer: which failures are tried again, how long to wait, and when to give up.

The limits are eight calls an answer, a budget of seconds for waiting, and the end of the invocation. The
back-off is exponential with full jitter, so that callers who failed together do not come back together: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aicode.errors import TurnError
from aicode.telemetry import Observer
from chat.agent.model.interface import Answer, AnswerListener, Model, ModelFailure, Request
from chat.agent.model.refused_blocks import RefusedBlock

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 16.0
MOST_CALLS = 8
ATTEMPT_COST = 0.5
STALL_COST = 12.0
OVERLOADS_BEFORE_FALLBACK = 3
TOLD_AFTER = 5.0
STILL_TRYING = "{problem}. Trying again for up to {seconds} s more."
NOT_ACCEPTED = "Claude did not accept the request."
TOO_LONG = "This conversation has become too long for Claude. Start a new session to go on."


class OutOfTime(TurnError):
    """The budget allows another attempt, but this invocation ends before it could begin."""


class TooLong(TurnError):
    """The conversation is too long for the model's window."""


class ThinkingRefused(TurnError):
    """The API refuses thinking in the conversation, as another model's or as altered."""


class BlockRefused(TurnError):
    """The API refuses the whole conversation for the blocks that are `refused`."""

    def __init__(self, refused: RefusedBlock) -> None:
        super().__init__("model_error", NOT_ACCEPTED)
        self.refused = refused


class ToolRefused(TurnError):
    """The API refuses the request, maybe for a tool that it offers: only some endpoints run tools."""


@dataclass(slots=True, kw_only=True)
class RetryBudget:
    """How many `seconds` an answer may spend on waiting and failed attempts; time and chance are passed in.

    `left` gives the seconds that this invocation may still wait.
    """

    seconds: float = 45.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = field(default=random.random)
    clock: Callable[[], float] = time.monotonic
    left: Callable[[], float] = lambda: float("inf")


async def ask_with_retries(  # noqa: PLR0913, PLR0917 - whom to ask what, who listens, and how patiently
    model: Model,
    request: Request,
    listener: AnswerListener,
    retry_budget: RetryBudget,
    observer: Observer,
    fall_back: Callable[[], Request] | None = None,
) -> Answer:
    """A complete answer, after as many attempts as the budget allows; logs one line for each attempt.

    The listener's `reset` is called before each further attempt, and its `delayed` after five seconds of
    trying again, once for each model. If the model stays overloaded, `fall_back` is called once, for the
    request to send to another model. Raises TurnError, of which OutOfTime says that another invocation could
    go on waiting, or its kinds TooLong, ThinkingRefused, BlockRefused and ToolRefused.
    """
    attempts = _Attempts(model, listener, retry_budget, observer, MOST_CALLS)
    while True:
        try:
            return await attempts.next(request)
        except ModelFailure as failure:
            delay, error = attempts.judge(failure)
            other = fall_back if attempts.overload_lasts(failure, error) else None
            if error is not None and other is None:
                raise error from failure
            listener.reset(_reset_reason(failure))
        if other is not None:
            request, fall_back = other(), None
            attempts = _Attempts(model, listener, retry_budget, observer, attempts.calls_left)
        else:
            await attempts.pause(delay)


class _Attempts:
    """The attempts at one answer of one model: what they have cost, and how many calls are left."""

    def __init__(
        self,
        model: Model,
        listener: AnswerListener,
        retry_budget: RetryBudget,
        observer: Observer,
        calls: int,
    ) -> None:
        self._model = model
        self._listener = listener
        self._retry_budget = retry_budget
        self._observer = observer
        self._number = 0
        self.calls_left = calls
        self._waited = 0.0
        self._pause = FIRST_PAUSE
        self._overloads = 0
        self._failing_since: float | None = None
        self._is_told = False

    async def next(self, request: Request) -> Answer:
        """One attempt."""
        self._number += 1
        self.calls_left -= 1
        began = self._retry_budget.clock()
        outcome = reason = "cancelled"
        request_id = None
        try:
            answer = await self._model.ask(request, self._listener)
        except ModelFailure as failure:
            outcome, request_id = failure.reason, failure.request_id
            reason = _reset_reason(failure)
            spent = STALL_COST if failure.reason == "stalled" else self._retry_budget.clock() - began
            self._waited += min(STALL_COST, max(ATTEMPT_COST, spent))
            if self._failing_since is None:
                self._failing_since = self._retry_budget.clock()
            raise
        except TurnError as error:  # the budget of tokens allowed no call
            outcome = reason = error.code
            raise
        else:
            outcome, reason, request_id = answer.stop_reason, "answered", answer.request_id
            return answer
        finally:
            seconds, model_name = self._retry_budget.clock() - began, str(request.get("model"))
            purpose = self._listener.purpose
            if purpose == "answer":  # the log alone tells of titles and summaries
                self._observer.measured("Attempt", seconds, Reason=reason, Model=model_name)
            self._observer.info(
                "attempt",
                purpose=purpose,
                attempt=self._number,
                model=model_name,
                outcome=outcome,
                model_request_id=request_id,
                ms=round(seconds * 1000),
            )

    def judge(self, failure: ModelFailure) -> tuple[float, TurnError | None]:
        """Seconds to wait before the next attempt, and the error to raise if there should be none."""
        delay = self._pause * self._retry_budget.chance()
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._overloads = self._overloads + 1 if failure.kind == "overloaded" else 0
        if failure.retry_after is not None:
            delay = max(delay, failure.retry_after)
        given_up = self.calls_left == 0 or self._waited + delay > self._retry_budget.seconds
        if not failure.retryable or given_up:
            return delay, _given_up(failure)
        if delay > self._retry_budget.left():
            return delay, _given_up(failure, OutOfTime)
        self._waited += delay
        return delay, None

    async def pause(self, seconds: float) -> None:
        """Waits until the next attempt; tells the listener on the way, if it is time for that."""
        budget = self._retry_budget
        told_at = (self._failing_since or 0.0) + TOLD_AFTER
        before = max(0.0, told_at - budget.clock())
        if self._is_told or before > seconds:
            await budget.sleep(seconds)
            return
        if before:
            await budget.sleep(before)
        self._is_told = True
        left = min(budget.seconds - self._waited + seconds - before, budget.left())
        problem = "Claude is overloaded" if self._overloads else "Claude cannot be reached"
        self._listener.delayed(STILL_TRYING.format(problem=problem, seconds=max(1, round(left))))
        await budget.sleep(seconds - before)

    def overload_lasts(self, failure: ModelFailure, error: TurnError | None) -> bool:
        """True if another model should be asked: after three overloads, or if waiting would take too long."""
        lasting = self._overloads >= OVERLOADS_BEFORE_FALLBACK or error is not None
        return failure.kind == "overloaded" and failure.retryable and lasting and self.calls_left > 0


def _reset_reason(failure: ModelFailure) -> str:
    return failure.reason if failure.reason in ("stalled", "truncated") else failure.kind


def _given_up(failure: ModelFailure, kind: type[TurnError] = TurnError) -> TurnError:
    wait = round(failure.retry_after * 1000) if failure.retry_after is not None else None
    if failure.kind == "overloaded" or (failure.retryable and wait is not None):
        return kind(
            "model_overloaded",
            "Claude is overloaded right now. Try again in a moment.",
            retryable=failure.retryable,
            retry_after_ms=wait,
        )
    if failure.kind == "too_long":
        return TooLong("model_error", TOO_LONG)
    if failure.refused is not None:
        return BlockRefused(failure.refused)
    if failure.kind == "refused_thinking":
        kind = ThinkingRefused
    if failure.may_be_tool:
        kind = ToolRefused
    if not failure.retryable:
        return kind("model_error", NOT_ACCEPTED)
    return kind("model_error", "Claude cannot be reached right now.", retryable=True)
