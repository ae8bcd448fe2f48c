"""What the session routes do, once it is known who calls."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import MappingProxyType

from aicode.errors import InvalidRequest, NotFound, TooLarge
from aicode.http import BODY_LIMIT, Request, json_bytes
from aicode.session_manager.manager import OwnerUnknown, SessionManager
from session.app_files import AppFiles
from session.history import read_session, with_short_texts, without_older_half
from session.inputs import existing_id, page_end, page_limit, session_or_app

# A buffered answer may have 6 MB, headers included, as JSON that holds the body as a string:
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ANSWER_LIMIT = 6_000_000
# Where a single message, such as forty files read at once, would be more than that: characters of each text.
LONGEST_TEXT, SHORTEST_TEXT = 50_000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a verified vendor; `session_id` is the path's, empty where it has none."""

    request: Request
    vendor: str
    session_id: str
    sessions: SessionManager
    files: AppFiles


async def read_or_list(call: Call) -> bytes:
    """The session named, or the sessions of the app named."""
    session_id, app_id = session_or_app(call.request.query)
    return await (_read(call, session_id) if session_id is not None else _list(call, app_id or ""))


async def _read(call: Call, session_id: str) -> bytes:
    limit, before = page_limit(call.request.query), page_end(call.request.query)
    sid = existing_id(session_id, "session")
    session = await read_session(call.sessions, call.vendor, sid, limit=limit, before=before)
    answer = json_bytes({"success": True, "session": session})
    longest = LONGEST_TEXT
    while _size(answer) > ANSWER_LIMIT and longest >= SHORTEST_TEXT:
        if len(session["messages"]) > 1:
            session = without_older_half(session)
        else:
            session, longest = with_short_texts(session, longest), longest // 2
        answer = json_bytes({"success": True, "session": session})
    return answer


def _size(answer: bytes) -> int:
    """Bytes of the answer as a string in JSON: a quote and a backslash take one more."""
    return len(answer) + answer.count(b'"') + answer.count(b"\\")


async def _list(call: Call, app_id: str) -> bytes:
    app = existing_id(app_id, "app")
    found = await call.sessions.list_sessions(call.vendor, app)
    if isinstance(found, OwnerUnknown):
        if not await call.files.owns(call.vendor, app):
            raise NotFound("There is no such app.")
        found = await call.sessions.list_sessions(call.vendor, app, owner_known=True)
    return json_bytes({"success": True, "sessions": found})


async def delete(call: Call) -> bytes:
    """Removes the session, once its running turn has been stopped: nothing is written after the answer.

    A turn that cannot be stopped, because its owner does not answer, is fenced off from the app's files.
    """
    session_id = call.request.query.get("sessionId")
    if not session_id or "appId" in call.request.query:
        raise InvalidRequest("Name one session by the query parameter `sessionId`.")
    sid = existing_id(session_id, "session")
    # An owner that finds the session gone may have begun a commit of files before it looked.
    await call.sessions.stop(call.vendor, sid)
    await call.sessions.delete(call.vendor, sid, fence_off=call.files.fence_off)
    return json_bytes({"success": True})


async def cancel(call: Call) -> bytes:
    """Asks the session's running turn to stop; tells whether one was running."""
    if len(call.request.body) > BODY_LIMIT:
        raise TooLarge(f"The body is larger than {BODY_LIMIT // 1024} KB.")
    cancelled = await call.sessions.cancel(call.vendor, existing_id(call.session_id, "session"))
    return json_bytes({"success": True, "cancelled": cancelled})


Endpoint = Callable[[Call], Awaitable[bytes]]

# Below the base path, placeholders as Powertools writes them.
ROUTES = MappingProxyType[tuple[str, str], Endpoint](
    {
        ("GET", ""): read_or_list,
        ("DELETE", ""): delete,
        ("POST", "/<session_id>/cancel"): cancel,
    }
)
