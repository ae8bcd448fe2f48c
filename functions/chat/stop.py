"""Waiting for a turn's work, or for whatever stops the turn from outside, whichever comes first."""

import asyncio
from typing import Any

from chat.event_log import EventLog


async def is_stopped_first(work: "asyncio.Task[Any]", events: EventLog) -> bool:
    """True if the turn is stopped before `work` has ended: by its vendor, by DELETE, or by a new owner.

    The event log learns of it with each flush; `events.flushing()` tells which of them it was. The work goes
    on: cancelling it is the caller's to do.
    """
    flushing = events.flushing()
    await asyncio.wait({work, flushing}, return_when=asyncio.FIRST_COMPLETED)
    return flushing.done()
