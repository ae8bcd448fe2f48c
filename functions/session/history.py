"""A session as its vendor reads it: the latest messages, or a page of earlier ones."""

from typing import cast

from aicode.api_types import Message, PendingApproval, Session
from aicode.errors import InvalidRequest
from aicode.history import EntryId, WaitingRequest, cut_texts, entry_id, vendor_view
from aicode.session_manager import Page, SessionManager, SessionView
from session.turns import tell_turns

# Bytes of records: a page is read in one go, however long the session is.
PAGE_BYTES = 2_000_000


async def read_session(
    sessions: SessionManager, vendor: str, sid: str, *, limit: int, before: EntryId | str | None
) -> Session:
    """The session with the latest messages before a message's place, or before a vendor's own id.

    They are `limit` at most, and fewer where they are long. Raises NotFound, SessionExpired, InvalidRequest
    where `before` names no message of this session.
    """
    end = await _place(sessions, vendor, sid, before) if isinstance(before, str) else before
    page = Page(messages=limit + 1, size=PAGE_BYTES)
    view = read = await sessions.read(vendor, sid, before=end, page=page)
    entries, messages = [*read.entries], vendor_view.messages(read.entries)
    # Now and then an entry shows nothing that was counted as a message.
    while len(messages) <= limit and _has_earlier(read) and not (read.is_full and messages):
        read = await sessions.read(vendor, sid, before=entry_id(read.entries[0]), page=page)
        entries, messages = [*read.entries, *entries], vendor_view.messages(read.entries) + messages
    messages, has_more = messages[-limit:], len(messages) > limit or _has_earlier(read)
    messages = await _with_branches(sessions, view, messages)
    await tell_turns(sessions, view, entries, messages, is_latest=end is None)
    return _session(view, messages, has_more=has_more)


async def _with_branches(
    sessions: SessionManager, view: SessionView, messages: list[Message]
) -> list[Message]:
    """The messages; those of the vendor that have alternatives name these, themselves included."""
    turns = {message["turnId"] for message in messages if message["role"] == "user"}
    alternatives = view.state.branches.alternatives(turns)
    ids = await sessions.message_ids(
        view.state.sid, {turn for found in alternatives.values() for turn in found}
    )
    for message in messages:
        if ids.get(message["turnId"]) == message["id"]:
            found = alternatives[message["turnId"]]
            message["branches"] = [ids[turn] for turn in found if turn in ids]
    return messages


async def _place(sessions: SessionManager, vendor: str, sid: str, message_id: str) -> EntryId:
    state = await sessions.state(vendor, sid)
    place = await sessions.entry_of_message(vendor, state.app, sid, message_id)
    if place is None:
        raise InvalidRequest("`before` names no message of this session.")
    return place


def _has_earlier(view: SessionView) -> bool:
    """True if messages come before these entries: the first entry of a conversation is its first message."""
    return bool(view.entries) and entry_id(view.entries[0]) > (view.state.branches.first_turn, 1)


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
        "pendingApprovals": [_pending(request) for request in state.waiting],
        "metadata": state.metadata,
        "hasMore": has_more,
    }


def _pending(request: WaitingRequest) -> PendingApproval:
    return {
        "approvalId": request["approvalId"],
        "toolId": request["toolId"],
        "toolName": request["toolName"],
        "summary": request["summary"],
        "input": request["input"],
        "createdAt": request["createdAt"],
    }


def without_older_half(session: Session) -> Session:
    """The same with the later half of its messages, at least one."""
    messages = session["messages"]
    return {**session, "messages": messages[len(messages) // 2 :], "hasMore": True}


def with_short_texts(session: Session, limit: int) -> Session:
    """The same with no text of more than `limit` characters in its messages: the rest is left out."""
    messages = [
        {**message, "content": cut_texts(message["content"], limit)} for message in session["messages"]
    ]
    return {**session, "messages": cast("list[Message]", messages)}
