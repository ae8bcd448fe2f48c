"""How a turn outlives the time limit of one invocation: when it leaves, and the invocation that goes on.

The function invokes itself, asynchronously. The event has no `requestContext`, which every request through
the Function URL has: there it cannot be forged. Lambda may deliver it more than once, and an answer of its
API may be lost, so the same event must be harmless a second time. While no instance is free Lambda tries
again for as long as the template lets it:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import asyncio
import importlib
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aicode.errors import AICodeError

LONGEST_RESERVE_SHARE = 1 / 3
LONGEST_HANDOVER_SECONDS = 6.0
HANDOVER_SHARE = 2 / 3
REFUSED = "The function could not invoke itself."


class NotInvoked(AICodeError):
    """Lambda did not take the event, or did not say so in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The invocation that a turn runs in; `limit` is its whole time in seconds."""

    limit: float
    seconds_left: Callable[[], float]
    on_crash: Callable[[BaseException], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a turn leaves its invocation: with less than `reserve` seconds left it is handed over.

    `prepare` loads what `hand_over` needs, which starts the invocation that goes on. Both raise NotInvoked.
    """

    seconds_left: Callable[[], float]
    reserve: float
    prepare: Callable[[], Awaitable[None]]
    hand_over: Callable[[], Awaitable[None]]

    def until_left(self, seconds: float) -> float:
        """How long until only so many seconds are left."""
        return max(0.0, self.seconds_left() - seconds)


def deadline_of(invocation: Invocation, wanted_reserve: float, handover: Mapping[str, object]) -> Deadline:
    """The deadline of a turn in this invocation; `handover` tells the next one which turn it goes on with."""

    async def hand_over() -> None:
        await invoke_self({"handover": handover}, seconds=handover_seconds(invocation.seconds_left()))

    return Deadline(
        seconds_left=invocation.seconds_left,
        reserve=reserve_of(invocation.limit, wanted_reserve),
        prepare=prepare,
        hand_over=hand_over,
    )


def reserve_of(limit_seconds: float, wanted: float) -> float:
    """The reserve as wanted, but never more than a third of the invocation's limit."""
    return min(wanted, limit_seconds * LONGEST_RESERVE_SHARE)


def handover_seconds(seconds_left: float) -> float:
    """How long to try to hand the turn over; the rest is for releasing its lease where nobody takes it."""
    return max(0.0, min(LONGEST_HANDOVER_SECONDS, seconds_left * HANDOVER_SHARE))


async def prepare() -> None:
    """Loads what `invoke_self` needs, so that it does not cost the last seconds. Raises NotInvoked."""
    await asyncio.to_thread(_asking_lambda, _client)


async def invoke_self(event: Mapping[str, object], *, seconds: float) -> None:
    """Starts another invocation of this function with this event; it runs whether or not anybody waits.

    Raises NotInvoked after some tries, within so many seconds. Lambda may take the last of them after that.
    """
    name, payload = os.environ["AWS_LAMBDA_FUNCTION_NAME"], json.dumps(event).encode()

    def invoke() -> None:
        _client().invoke(FunctionName=name, InvocationType="Event", Payload=payload)

    try:
        async with asyncio.timeout(seconds):
            await asyncio.to_thread(_asking_lambda, invoke)
    except TimeoutError as error:
        raise NotInvoked(REFUSED) from error


def _asking_lambda(work: Callable[[], object]) -> None:
    try:
        work()
    except (ImportError, OSError, ValueError) as error:  # the SDK is not there, not whole, or set up wrong
        raise NotInvoked(REFUSED) from error
    except _sdk_errors() as error:
        raise NotInvoked(REFUSED) from error


def _sdk_errors() -> tuple[type[Exception], ...]:
    exceptions: Any = importlib.import_module("botocore.exceptions")
    return exceptions.ClientError, exceptions.BotoCoreError


@cache
def _client() -> Any:
    # Loaded by name: a third of a second that most turns never need, of a package without types.
    boto3: Any = importlib.import_module("boto3")
    config: Any = importlib.import_module("botocore.config")
    retries = {"total_max_attempts": 3, "mode": "standard"}  # throttled calls are tried again too
    limits = config.Config(connect_timeout=1, read_timeout=2, retries=retries)
    return boto3.client("lambda", config=limits)
