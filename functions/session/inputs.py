"""Path and query values of the session routes; a value of another shape raises InvalidRequest."""

import re
from collections.abc import Mapping

from aicode.errors import InvalidRequest, NotFound
from aicode.history import vendor_view
from aicode.http import one_line, text_field
from aicode.ids import is_id

PAGE_LIMIT = 200
TITLE_LENGTH = 100
_LIMIT = re.compile(r"[0-9]{1,9}")


def session_title(body: Mapping[str, object]) -> str:
    """`title`: 1 to 100 code points on one line, without the blanks around it."""
    return one_line(text_field(body, "title").strip(), "title", TITLE_LENGTH)


def named_session(query: Mapping[str, str]) -> str:
    """`sessionId`, given alone. Raises NotFound for what cannot be one."""
    session_id = query.get("sessionId")
    if not session_id or "appId" in query:
        raise InvalidRequest("Name one session by the query parameter `sessionId`.")
    return existing_id(session_id, "session")


def session_or_app(query: Mapping[str, str]) -> tuple[str | None, str | None]:
    """`(sessionId, appId)`, exactly one of them given."""
    session_id, app_id = query.get("sessionId"), query.get("appId")
    if bool(session_id) == bool(app_id) or (session_id is not None and app_id is not None):
        raise InvalidRequest("Give either the query parameter `sessionId` or `appId`.")
    return session_id or None, app_id or None


def existing_id(value: str, kind: str) -> str:
    """An id that can be one: the server makes no other, so that others are absent. Raises NotFound."""
    if not is_id(value):
        raise NotFound(f"There is no such {kind}.")
    return value


def page_limit(query: Mapping[str, str]) -> int:
    """`limit`: how many messages; 200 if it is not given or larger."""
    value = query.get("limit", str(PAGE_LIMIT))
    if not _LIMIT.fullmatch(value) or int(value) < 1:
        raise InvalidRequest("`limit` must be a whole number from 1 up.")
    return min(int(value), PAGE_LIMIT)


def page_end(query: Mapping[str, str]) -> tuple[int, int] | str | None:
    """`before`: a place in the history, or a vendor's own message id, or None if it is not given."""
    value = query.get("before")
    if value is None:
        return None
    place = vendor_view.entry_place(value)
    if place is None and is_id(value):
        return value
    if place is None or min(place) < 1:
        raise InvalidRequest("`before` must be the id of a message.")
    return place
