"""What the session routes do, once it is known who calls."""

from aicode.errors import NotFound, TooLarge
from aicode.http import (
    BODY_LIMIT,
    JSON_HEADERS,
    RequestContext,
    Response,
    Routes,
    json_bytes,
    json_object,
    json_response,
    one_chunk,
)
from aicode.session_manager import OwnerUnknown
from session.dependencies import Dependencies
from session.history import read_session, with_short_texts, without_older_half
from session.inputs import (
    ANSWER_FIELDS,
    existing_id,
    given_answer,
    named_session,
    page_end,
    page_limit,
    session_or_app,
    session_title,
)

# A buffered answer may have 6 MB, headers included, as JSON that holds the body as a string:
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ANSWER_LIMIT = 6_000_000
# Where a single message, such as forty files read at once, would be more than that: characters of each text.
LONGEST_TEXT, SHORTEST_TEXT = 50_000, 100

Context = RequestContext[Dependencies]


async def read_or_list(context: Context) -> Response:
    """The session named, or the sessions of the app named."""
    session_id, app_id = session_or_app(context.request.query)
    answer = await (_read(context, session_id) if session_id is not None else _list(context, app_id or ""))
    return Response(200, JSON_HEADERS, one_chunk(answer))


async def _read(context: Context, session_id: str) -> bytes:
    limit, before = page_limit(context.request.query), page_end(context.request.query)
    sid = existing_id(session_id, "session")
    sessions = context.dependencies.sessions
    session = await read_session(sessions, context.vendor, sid, limit=limit, before=before)
    if session["status"] == "waiting" and await _is_expired(context, sid):
        session = await read_session(sessions, context.vendor, sid, limit=limit, before=before)
    answer = json_bytes({"success": True, "session": session})
    longest = LONGEST_TEXT
    while _size(answer) > ANSWER_LIMIT and longest >= SHORTEST_TEXT:
        if len(session["messages"]) > 1:
            session = without_older_half(session)
        else:
            session, longest = with_short_texts(session, longest), longest // 2
        answer = json_bytes({"success": True, "session": session})
    return answer


async def _is_expired(context: Context, sid: str) -> bool:
    """True if the turn goes on because it has waited long enough: readers need not wait for who wakes it."""
    handover = await context.dependencies.sessions.expire(context.vendor, sid)
    await _go_on(context, sid, handover)
    return handover is not None


async def _go_on(context: Context, sid: str, handover: int | None) -> None:
    if handover is not None:
        await context.dependencies.hand_over(context.vendor, sid, handover, context.observer)


def _size(answer: bytes) -> int:
    """Bytes of the answer as a string in JSON: a quote and a backslash take one more."""
    return len(answer) + answer.count(b'"') + answer.count(b"\\")


async def _list(context: Context, app_id: str) -> bytes:
    app, vendor, needed = existing_id(app_id, "app"), context.vendor, context.dependencies
    found = await needed.sessions.list_sessions(vendor, app)
    if isinstance(found, OwnerUnknown):
        if not await needed.files.owns(vendor, app):
            raise NotFound("There is no such app.")
        found = await needed.sessions.list_sessions(vendor, app, owner_known=True)
    return json_bytes({"success": True, "sessions": found})


async def rename(context: Context) -> Response:
    """Gives the session the vendor's own title, also while a turn runs: Claude's never replaces it."""
    sid = named_session(context.request.query)
    title = session_title(json_object(context.request, allowed=frozenset({"title"})))
    renamed = await context.dependencies.sessions.rename(context.vendor, sid, title)
    return json_response(200, {"success": True, "session": renamed})


async def delete(context: Context) -> Response:
    """Removes the session, once its running turn has been stopped: nothing is written after the answer.

    A turn that cannot be stopped, because its owner does not answer, is fenced off from the app's files.
    """
    sid, needed = named_session(context.request.query), context.dependencies
    # An owner that finds the session gone may have begun a commit of files before it looked.
    await needed.sessions.stop(context.vendor, sid)
    await needed.sessions.delete(context.vendor, sid, fence_off=needed.files.fence_off)
    return json_response(200, {"success": True})


async def cancel(context: Context) -> Response:
    """Asks the session's turn that runs or waits to stop; tells whether there was one."""
    if len(context.request.body()) > BODY_LIMIT:
        raise TooLarge(f"The body is larger than {BODY_LIMIT // 1024} KB.")
    sid = context.parameters["session_id"]
    cancelled = await context.dependencies.sessions.cancel(context.vendor, sid)
    if cancelled is not None:
        context.observer.count("Cancels")
        await _go_on(context, sid, cancelled.handover)
    return json_response(200, {"success": True, "cancelled": cancelled is not None})


async def answer(context: Context) -> Response:
    """Answers what a waiting turn asks for; with the last answer the turn goes on."""
    sid = existing_id(context.parameters["session_id"], "session")
    approval = existing_id(context.parameters["approval_id"], "request")
    given = given_answer(json_object(context.request, allowed=ANSWER_FIELDS))
    needed, vendor = context.dependencies, context.vendor
    answered = await needed.sessions.answer(vendor, sid, approval, given)
    if answered.policy is not None:
        consent = "allow" if answered.approved else "deny"
        await needed.files.set_policy(vendor, answered.app, answered.policy, consent)
    await _go_on(context, sid, answered.handover)
    if answered.waiting:
        await _is_expired(context, sid)
    body = {"success": True, "approved": answered.approved, "waiting": answered.waiting}
    return json_response(200, body)


async def budget(context: Context) -> Response:
    """What the vendor has used of the day's tokens."""
    found = await context.dependencies.sessions.budget(context.vendor)
    return json_response(200, {"success": True, "budget": found})


ROUTES: Routes[Dependencies] = {
    ("GET", ""): read_or_list,
    ("POST", ""): None,  # the chat function's
    ("PUT", ""): rename,
    ("DELETE", ""): delete,
    ("GET", "/budget"): budget,
    ("POST", "/{session_id}/cancel"): cancel,
    ("POST", "/{session_id}/approvals/{approval_id}"): answer,
    ("GET", "/{session_id}/stream"): None,  # the chat function's
}
