"""The turns of a page of messages, each told on its last message."""

from collections.abc import Sequence
from itertools import groupby

from aicode.api_types import Message
from aicode.history import Entry, Unfinished, end_of, turn_of, vendor_view
from aicode.session_manager import SessionManager, SessionView


async def tell_turns(
    sessions: SessionManager,
    view: SessionView,
    entries: Sequence[Entry],
    messages: Sequence[Message],
    *,
    is_latest: bool,
) -> None:
    """Gives the last message of each turn in a page its turn; a page that `is_latest` has the end of all."""
    state, undone = view.state, vendor_view.undone_turns(view.files)
    unfinished: Unfinished = state.status if state.status in ("interrupted", "waiting") else "running"
    entries_of = {turn: [*group] for turn, group in groupby(entries, lambda entry: entry["turn"])}
    for turn, message in {message["turnId"]: message for message in messages}.items():
        own = entries_of[turn]
        is_open = is_latest and turn == state.turn and state.status == unfinished
        if not is_open and end_of(entry["record"] for entry in own) is None:
            continue  # it goes on behind this page
        if own[0]["n"] > 1:
            own = [*await sessions.turn_before(state.sid, turn, own[0]["n"]), *own]
        message["turn"] = turn_of(own, unfinished=unfinished, undone=turn in undone)
