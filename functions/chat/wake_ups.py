"""Waits that have their time: a queue wakes the function up when it is over, so that nothing runs meanwhile.

A wake-up says only where to look. One that comes twice, late, or when all is answered finds nothing to do.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from math import ceil
from typing import Any, cast

from aicode.invoke import NotInvoked, send_later
from aicode.telemetry import Observer

SEND_SECONDS = 6.0
# The queue's clock and the session store's may differ a little; too early would be in vain.
MARGIN_SECONDS = 1


def wake_up_later(
    queue_url: str | None, vendor: str, sid: str, observer: Observer
) -> Callable[[float], Awaitable[None]]:
    """What has the session looked at again so many seconds from now.

    Where there is no queue, or it does not take the message, whoever reads the session next finds out.
    """

    async def wake_up(seconds: float) -> None:
        if queue_url is None:
            return
        event = {"wakeUp": {"vendor": vendor, "sessionId": sid}}
        delay = max(0, ceil(seconds)) + MARGIN_SECONDS
        try:
            await send_later(queue_url, event, delay_seconds=delay, seconds=SEND_SECONDS)
        except NotInvoked as error:
            observer.crash(error)

    return wake_up


def is_wake_up(event: Mapping[str, object]) -> bool:
    """True for an event of the queue."""
    return "Records" in event


def sessions_of(event: Mapping[str, object]) -> list[tuple[str, str]]:
    """The vendors and sessions that the queue's event is about."""
    bodies = [json.loads(record["body"]) for record in cast("list[dict[str, Any]]", event["Records"])]
    return [(str(body["wakeUp"]["vendor"]), str(body["wakeUp"]["sessionId"])) for body in bodies]
