"""A turn that has waited goes on in the chat function, which takes it over as from an earlier invocation."""

from collections.abc import Awaitable, Callable

from aicode.invoke import NotInvoked, send
from aicode.session_manager import SessionManager
from aicode.telemetry import Observer

# The chat function takes the event within moments; the rest of a request's time is for what follows.
SECONDS = 6.0

HandOver = Callable[[str, str, int, Observer], Awaitable[None]]
"""Has the turn of a vendor's session go on that was handed over by the owner with this fencing token."""


def to_chat_function(function: str, sessions: SessionManager) -> HandOver:
    """The way to the chat function of this name.

    If it does not take the turn, nobody has it any more: it shows as interrupted, and the vendor may go on.
    """

    async def hand_over(vendor: str, sid: str, epoch: int, observer: Observer) -> None:
        event = {"handover": {"vendor": vendor, "sessionId": sid, "epoch": epoch}}
        try:
            await send(function, event, seconds=SECONDS)
            observer.count("HandOvers", Result="sent")
        except NotInvoked as error:
            observer.crash(error)
            observer.count("HandOvers", Result="failed")
            await sessions.release(vendor, sid, epoch)

    return hand_over
