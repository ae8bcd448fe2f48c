"""The state of sessions, kept in Upstash Redis: history, event log, lease and fencing token (epoch).

`manager` opens, claims, stops and deletes turns and sessions; `turn_writer` writes for the owner of a running
turn; `answer_taker` lets waiting turns go on; `reader` reads. Each write is one Lua script, which refuses an
owner whose epoch is not the latest.
"""

from aicode.session_manager.admission import (
    DAY_MS,
    NOTHING_THERE,
    Abandoned,
    Asked,
    Duplicate,
    NewTurn,
    OwnedTurn,
)
from aicode.session_manager.answering import Answered, Cancelled, GivenAnswer
from aicode.session_manager.manager import OwnerUnknown, SessionManager, SessionView
from aicode.session_manager.reader import EVENT_PAGE, LoggedEvents, Page, SessionReader
from aicode.session_manager.sent_forms import SentForms
from aicode.session_manager.state import SessionState
from aicode.session_manager.turn_writer import Batch, Signals, TurnWriter

__all__ = [
    "DAY_MS",
    "EVENT_PAGE",
    "NOTHING_THERE",
    "Abandoned",
    "Answered",
    "Asked",
    "Batch",
    "Cancelled",
    "Duplicate",
    "GivenAnswer",
    "LoggedEvents",
    "NewTurn",
    "OwnedTurn",
    "OwnerUnknown",
    "Page",
    "SentForms",
    "SessionManager",
    "SessionReader",
    "SessionState",
    "SessionView",
    "Signals",
    "TurnWriter",
]
