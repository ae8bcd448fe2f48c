"""The one wait for a turn's work that also ends when the turn is stopped from outside."""

import asyncio
from typing import Any

from chat.event_log import EventLog


async def is_stopped_first(work: "asyncio.Task[Any]", events: EventLog) -> bool:
    """True if the turn is stopped before `work` has ended: by its vendor, by DELETE, or by a new owner.

    The event log finds out with each flush; the result of `events.flushing()` says which of the three it
    was. The work is still running then: cancelling it is up to the caller.
    """
    flushing = events.flushing()
    await asyncio.wait({work, flushing}, return_when=asyncio.FIRST_COMPLETED)
    return flushing.done()
