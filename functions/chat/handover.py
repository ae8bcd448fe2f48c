"""How a turn outlives the time limit of one invocation: it is handed over to another one in time.

The function invokes itself asynchronously. The hand-over event has no `requestContext`. Every request through
the Function URL has one, so nobody can forge a hand-over from outside. Lambda may deliver the event more than
once, and its answer to the caller may be lost, so the same event must be harmless a second time. While no
instance is free, Lambda tries again for as long as the template allows:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aicode.errors import AICodeError
from aicode.telemetry import Observer

LONGEST_RESERVE_SHARE = 1 / 3
LONGEST_HANDOVER_SECONDS = 6.0
HANDOVER_SHARE = 2 / 3
REFUSED = "The function could not invoke itself."


class NotInvoked(AICodeError):
    """Lambda did not take the event, or did not say so in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The invocation that a turn runs in; `limit` is its whole time in seconds.

    `function` is what was invoked, with its alias. The next invocation is of the same: it has the alias's
    settings, and is what the function's role allows.
    """

    function: str
    limit: float
    seconds_left: Callable[[], float]
    observer: Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When and how a turn leaves its invocation: it is handed over with less than `reserve` seconds left.

    `hand_over` starts the invocation that continues the turn; `prepare` loads the SDK that it needs for that.
    Both raise NotInvoked.
    """

    seconds_left: Callable[[], float]
    reserve: float
    prepare: Callable[[], Awaitable[None]]
    hand_over: Callable[[], Awaitable[None]]

    def until_left(self, seconds: float) -> float:
        """Seconds from now until only this many are left; 0 if fewer are left already."""
        return max(0.0, self.seconds_left() - seconds)


def deadline_of(invocation: Invocation, wanted_reserve: float, handover: Mapping[str, object]) -> Deadline:
    """The deadline of a turn in this invocation; `handover` names the turn for the next one."""

    async def hand_over() -> None:
        seconds = handover_seconds(invocation.seconds_left())
        await invoke(invocation.function, {"handover": handover}, seconds=seconds)

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
    """Seconds to try to hand the turn over; the rest is kept for releasing its lease if that fails."""
    return max(0.0, min(LONGEST_HANDOVER_SECONDS, seconds_left * HANDOVER_SHARE))


async def prepare() -> None:
    """Loads what `invoke` needs, so that it does not cost the last seconds. Raises NotInvoked."""
    await asyncio.to_thread(_asking_lambda, _client)


async def invoke(function: str, event: Mapping[str, object], *, seconds: float) -> None:
    """Starts an invocation of the function with this event; it runs whether or not anybody waits.

    Raises NotInvoked if no try succeeded within `seconds`. Lambda may still accept the last try later.
    """
    payload = json.dumps(event).encode()

    def invoke_once() -> None:
        _client().invoke(FunctionName=function, InvocationType="Event", Payload=payload)

    try:
        async with asyncio.timeout(seconds):
            await asyncio.to_thread(_asking_lambda, invoke_once)
    except TimeoutError as error:
        raise NotInvoked(REFUSED) from error


def _asking_lambda(work: Callable[[], object]) -> None:
    try:
        work()
    except (ImportError, OSError, ValueError) as error:  # the SDK is missing, damaged or set up wrong
        raise NotInvoked(REFUSED) from error
    except _sdk_errors() as error:
        raise NotInvoked(REFUSED) from error


def _sdk_errors() -> tuple[type[Exception], ...]:
    exceptions: Any = importlib.import_module("botocore.exceptions")
    return exceptions.ClientError, exceptions.BotoCoreError


@cache
def _client() -> Any:
    # Imported by name: it takes a third of a second, most turns never need it, and boto3 has no types.
    boto3: Any = importlib.import_module("boto3")
    config: Any = importlib.import_module("botocore.config")
    retries = {"total_max_attempts": 3, "mode": "standard"}  # throttled calls are tried again too
    limits = config.Config(connect_timeout=1, read_timeout=2, retries=retries)
    return boto3.client("lambda", config=limits)
