"""The values that all parts of a running turn share."""

from collections.abc import Callable
from dataclasses import dataclass

from aicode.history import Entry
from aicode.session_manager import TurnWriter
from aicode.settings import Settings
from aicode.telemetry import Observer
from chat.event_log import EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnContext:
    """One running turn: whose it is, its history so far, and where its events go.

    `message` is the text of the vendor's message. `entries` is the part of the session's history that the
    turn needs, with the turn's own entries, to which the journal adds. `model_name` is the session's model.
    """

    settings: Settings
    writer: TurnWriter
    events: EventLog
    entries: list[Entry]
    message: str
    model_name: str
    now_ms: Callable[[], int]
    observer: Observer
