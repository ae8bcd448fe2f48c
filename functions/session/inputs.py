"""Path and query values of the session routes; a value of another shape raises InvalidRequest."""

import re
from collections.abc import Mapping
from typing import cast

from aicode.errors import InvalidRequest, NotFound
from aicode.history import Answer, vendor_view
from aicode.http import one_line, text_field
from aicode.ids import is_id
from aicode.session_manager import GivenAnswer
from aicode.surrogates import has_surrogates

PAGE_LIMIT = 200
TITLE_LENGTH = 100
REASON_LENGTH = 2_000
# More than Claude asks, and what a console shows at a glance.
MOST_ANSWERS, LONGEST_ANSWER = 20, 500
MOST_LINES, LONGEST_LINE = 100, 2_000
# In characters: the history keeps what Claude is shown of the console, for as long as the session lives.
KEPT_OF_CONSOLE = 8_000
ANSWER_FIELDS = frozenset({"approved", "reason", "remember", "answers", "picture", "console"})
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


def given_answer(body: Mapping[str, object]) -> GivenAnswer:
    """The answer to what a waiting turn asks for; whether it fits that is known elsewhere."""
    approved, remember = body.get("approved"), body.get("remember")
    if not isinstance(approved, bool):
        raise InvalidRequest("`approved` must be true or false.")
    if remember not in (None, "session", "app"):
        raise InvalidRequest("`remember` must be `session` or `app`.")
    answer: Answer = {"approved": approved}
    if reason := _reason(body):
        answer["reason"] = reason
    if "answers" in body:
        answer["answers"] = _answers(body["answers"])
    if "picture" in body:
        answer["picture"] = _picture(body)
    if "console" in body:
        answer["console"] = _latest(_texts(body["console"], "console", MOST_LINES, LONGEST_LINE))
    return GivenAnswer(answer=answer, remember=remember)


def _latest(lines: list[str]) -> list[str]:
    """The last lines, as many as are kept."""
    kept, room = list[str](), KEPT_OF_CONSOLE
    for line in reversed(lines):
        room -= len(line)
        if room < 0:
            break
        kept.insert(0, line)
    return kept


def _reason(body: Mapping[str, object]) -> str:
    reason = text_field(body, "reason").strip() if "reason" in body else ""
    if len(reason) > REASON_LENGTH:
        raise InvalidRequest(f"`reason` may have {REASON_LENGTH} characters.")
    return reason


def _picture(body: Mapping[str, object]) -> str:
    picture = text_field(body, "picture")
    if not is_id(picture):
        raise InvalidRequest("`picture` must be the id of an upload.")
    return picture


def _answers(given: object) -> list[list[str]]:
    if not isinstance(given, list) or len(cast("list[object]", given)) > MOST_ANSWERS:
        raise InvalidRequest(f"`answers` must be a list of at most {MOST_ANSWERS} lists of labels.")
    chosen = cast("list[object]", given)
    return [_texts(labels, "answers", MOST_ANSWERS, LONGEST_ANSWER) for labels in chosen]


def _texts(given: object, name: str, most: int, longest: int) -> list[str]:
    texts = cast("list[object]", given) if isinstance(given, list) else None
    if texts is None or len(texts) > most:
        raise InvalidRequest(f"`{name}` must hold lists of at most {most} texts.")
    valid = [text for text in texts if isinstance(text, str) and len(text) <= longest]
    if len(valid) < len(texts) or any(map(has_surrogates, valid)):
        raise InvalidRequest(f"`{name}` must hold texts of at most {longest} characters.")
    return valid
