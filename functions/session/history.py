"""A session as its vendor reads it: the latest messages, or a page of earlier ones."""

from collections.abc import Sequence
from typing import cast

from aicode.api_types import Message, Session
from aicode.errors import InvalidRequest
from aicode.history import vendor_view
from aicode.history.records import Entry
from aicode.session_manager.manager import SessionManager, SessionView

Place = tuple[int, int]


async def read_session(
    sessions: SessionManager, vendor: str, sid: str, *, limit: int, before: Place | str | None
) -> Session:
    """The session with the latest `limit` messages before a message's place, or before a vendor's own id.

    Raises NotFound, SessionExpired, InvalidRequest where `before` names no message of this session.
    """
    end = await _place(sessions, vendor, sid, before) if isinstance(before, str) else before
    # A turn has a message at least, and two entries that show none: context and end.
    page = 3 * limit + 3
    view = await sessions.read(vendor, sid, before=end, count=page)
    messages, entries = vendor_view.messages(view.entries), view.entries
    while len(messages) <= limit and len(entries) == page:
        entries = await _earlier(sessions, vendor, sid, entries, page)
        messages = vendor_view.messages(entries) + messages
    return _session(view, messages[-limit:], has_more=len(messages) > limit)


async def _place(sessions: SessionManager, vendor: str, sid: str, message_id: str) -> Place:
    state = await sessions.state(vendor, sid)
    place = await sessions.entry_of_message(vendor, state.app, sid, message_id)
    if place is None:
        raise InvalidRequest("`before` names no message of this session.")
    return place


async def _earlier(
    sessions: SessionManager, vendor: str, sid: str, entries: Sequence[Entry], page: int
) -> Sequence[Entry]:
    oldest = (entries[0]["turn"], entries[0]["n"])
    return (await sessions.read(vendor, sid, before=oldest, count=page)).entries


def _session(view: SessionView, messages: list[Message], *, has_more: bool) -> Session:
    state = view.state
    return {
        "sessionId": state.sid,
        "appId": state.app,
        "title": state.title,
        "status": state.status,
        "messages": messages,
        "fileModifications": vendor_view.file_modifications(view.files),
        "pendingTools": state.pending,
        "metadata": state.metadata,
        "hasMore": has_more,
    }


def without_older_half(session: Session) -> Session:
    """The same with the later half of its messages, at least one."""
    messages = session["messages"]
    return {**session, "messages": messages[len(messages) // 2 :], "hasMore": True}


def with_short_texts(session: Session, limit: int) -> Session:
    """The same with no text of more than `limit` characters in its messages: the rest is left out."""
    messages = [
        {**message, "content": [_cut(block, limit) for block in message["content"]]}
        for message in session["messages"]
    ]
    return {**session, "messages": cast("list[Message]", messages)}


def _cut(value: object, limit: int) -> object:
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[:limit]}\n[{len(value) - limit} characters more]"
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {name: _cut(part, limit) for name, part in items}
    if isinstance(value, list):
        return [_cut(part, limit) for part in cast("list[object]", value)]
    return value
