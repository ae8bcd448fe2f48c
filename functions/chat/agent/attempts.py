"""Attempts at one answer: which failures are tried again, how long to wait, and when to give up."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aicode.errors import TurnError
from chat.agent.model import Message, Model, ModelFailure, Request, StepListener

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 6.0
ATTEMPT_COST = 0.5
STALL_COST = 15.0

Log = Callable[[str, dict[str, object]], None]


@dataclass(slots=True, kw_only=True)
class Patience:
    """How long a step may wait for the model to come back, in seconds; time and chance are passed in."""

    seconds: float = 25.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = field(default=random.random)


async def answer(
    model: Model, request: Request, listener: StepListener, patience: Patience, log: Log
) -> Message:
    """A complete answer, after as many attempts as patience allows.

    The listener's `reset` comes before whatever replaces an answer that had begun. Raises TurnError.
    """
    waited, pause = 0.0, FIRST_PAUSE
    while True:
        try:
            return await model.answer(request, listener)
        except ModelFailure as failure:
            log("attempt failed", {"reason": failure.reason, "model_request_id": failure.request_id})
            delay = pause * patience.chance()
            if failure.retry_after is not None:
                delay = max(delay, failure.retry_after)
            if not failure.retryable or waited + delay > patience.seconds:
                raise _given_up(failure) from failure
            listener.reset(failure.reason if failure.reason in ("stalled", "truncated") else failure.kind)
            # Attempts cost patience of their own, so that failures without a pause come to an end, and
            # much where the answer fell silent: nobody waits for four long silences in a row.
            waited += delay + (STALL_COST if failure.reason == "stalled" else ATTEMPT_COST)
        await patience.sleep(delay)
        pause = min(pause * 2, LONGEST_PAUSE)


def _given_up(failure: ModelFailure) -> TurnError:
    wait = round(failure.retry_after * 1000) if failure.retry_after is not None else None
    if failure.kind == "overloaded":
        return TurnError(
            "model_overloaded",
            "Claude is overloaded right now. Try again in a moment.",
            retryable=failure.retryable,
            retry_after_ms=wait,
        )
    if failure.kind == "too_long":
        return TurnError("model_error", "This conversation has become too long for Claude.")
    if not failure.retryable:
        return TurnError("model_error", "Claude did not accept the request.")
    return TurnError(
        "model_error", "Claude cannot be reached right now.", retryable=True, retry_after_ms=wait
    )
