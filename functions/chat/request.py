"""The body of POST: a message for one app, in a session or for a new one."""

import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aicode.errors import InvalidRequest, NotFound
from aicode.http import Request, json_object, text_field
from aicode.ids import is_id
from aicode.session_manager import NOTHING_THERE

MESSAGE_LIMIT = 10_000
TITLE_LIMIT = 60
ATTACHMENT_LIMIT = 10
_FIELDS = frozenset({"message", "appId", "sessionId", "messageId", "replaces", "attachments", "preview"})


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A valid request to send a message; `attachments` are ids of uploads, of which nothing is known yet.

    `preview` says that the page shows the app's preview, which Claude may ask to see.
    """

    text: str
    app_id: str
    session_id: str | None
    message_id: str
    replaces: str | None = None
    attachments: tuple[str, ...] = ()
    preview: bool = False

    @property
    def title(self) -> str:
        """The message's first words, for a session that has no title yet."""
        return title_line(self.text)


def parse_message(request: Request) -> NewMessage:
    """The message; raises InvalidRequest, and NotFound for an id that cannot be one."""
    body = json_object(request, allowed=_FIELDS)
    text = text_field(body, "message")
    if _is_blank(text) or len(text) > MESSAGE_LIMIT:
        raise InvalidRequest(f"`message` must hold 1 to {MESSAGE_LIMIT} characters and not be blank.")
    app_id = text_field(body, "appId")
    session_id = text_field(body, "sessionId") if "sessionId" in body else None
    message_id = text_field(body, "messageId") if "messageId" in body else uuid.uuid4().hex
    if not is_id(message_id):
        raise InvalidRequest("`messageId` must be 1 to 64 letters, digits, - or _.")
    replaces = text_field(body, "replaces") if "replaces" in body else None
    if replaces is not None and session_id is None:
        raise InvalidRequest("`replaces` names a message of a session: give its `sessionId` too.")
    attachments = _attachments(body)
    preview = body.get("preview", False)
    if not isinstance(preview, bool):
        raise InvalidRequest("`preview` must be true or false.")
    if not is_id(app_id) or not all(each is None or is_id(each) for each in (session_id, replaces)):
        raise NotFound(NOTHING_THERE)
    return NewMessage(text, app_id, session_id, message_id, replaces, attachments, preview)


def _attachments(body: Mapping[str, object]) -> tuple[str, ...]:
    given = body.get("attachments", [])
    if not isinstance(given, list):
        raise InvalidRequest("`attachments` must be a list of upload ids.")
    ids = cast("list[object]", given)
    if len(ids) > ATTACHMENT_LIMIT:
        raise InvalidRequest(f"A message takes at most {ATTACHMENT_LIMIT} attachments.")
    valid = tuple(each for each in ids if isinstance(each, str) and is_id(each))
    if len(valid) < len(ids):
        raise InvalidRequest("`attachments` holds something that is no upload id.")
    if len(set(valid)) < len(valid):
        raise InvalidRequest("`attachments` names an upload twice.")
    return valid


def title_line(text: str) -> str:
    """The text on one line, short enough for a title."""
    words = " ".join("".join(" " if _is_control(c) else c for c in text).split())
    return words if len(words) <= TITLE_LIMIT else f"{words[: TITLE_LIMIT - 1].rstrip()}…"


def _is_blank(text: str) -> bool:
    """True if there is nothing to be seen in it: white space, control and format characters alone."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"
