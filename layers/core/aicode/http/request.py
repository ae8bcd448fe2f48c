"""Function URL events as requests: strict in what they may hold, so that no function has to be."""

import base64
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl

from aicode.errors import InvalidRequest, TooLarge, UnsupportedMediaType
from aicode.surrogates import has_surrogates

BODY_LIMIT = 256 * 1024
FILE_BODY_LIMIT = 6 * 1024 * 1024
_NOT_IN_A_LINE = frozenset({"Cc", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names in lower case, `path` as it was sent."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    sent_body: str
    is_base64: bool
    id: str

    def body(self) -> bytes:
        """The body, made from what was sent; raises InvalidRequest for what is no base64.

        Only what reads it pays for it: megabytes from somebody who is not let in are never decoded.
        """
        if not self.is_base64:
            return self.sent_body.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.sent_body, validate=True)
        except ValueError as error:
            raise InvalidRequest("The body is not valid base64.") from error


def parse_event(event: Mapping[str, object]) -> Request:
    """The request in a Function URL event, payload format 2.0; raises InvalidRequest if malformed."""
    context = _mapping(event.get("requestContext"))
    http = _mapping(context.get("http"))
    cookies = event.get("cookies")
    return Request(
        method=str(http.get("method", "GET")).upper(),
        path=str(event.get("rawPath") or http.get("path") or "/"),
        query=_query(str(event.get("rawQueryString") or "")),
        headers=headers_of(event),
        cookies=_cookies(cast("list[object]", cookies) if isinstance(cookies, list) else []),
        sent_body=str(event.get("body") or ""),
        is_base64=bool(event.get("isBase64Encoded")),
        id=str(context.get("requestId", "")),
    )


def headers_of(event: Mapping[str, object]) -> dict[str, str]:
    """The headers in a Function URL event, names in lower case: also where the rest of it is malformed."""
    return {name.lower(): str(value) for name, value in _mapping(event.get("headers")).items()}


def _mapping(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _query(raw: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise InvalidRequest("The query string is malformed.") from error
    query = dict(pairs)
    if len(query) != len(pairs):
        raise InvalidRequest("A query parameter is given twice.")
    return query


def _cookies(items: list[object]) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for item in items:
        name, _, value = str(item).partition("=")
        cookies.setdefault(name.strip(), value.strip().strip('"'))
    return cookies


def json_object(request: Request, *, allowed: frozenset[str], limit: int = BODY_LIMIT) -> dict[str, object]:
    """The body as a JSON object with no other members than `allowed`.

    Strict where `json.loads` is not: no duplicate keys, NaN, Infinity or lone surrogates, and what is
    nested too deep is refused. Raises UnsupportedMediaType, TooLarge (`limit` in bytes) or InvalidRequest.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")
    body = request.body()
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit // 1024} KB.")
    try:
        value: object = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    members = cast("dict[str, object]", value)
    unknown = sorted(members.keys() - allowed)
    if unknown:
        raise InvalidRequest("The body has a field that is not known here.")
    return members


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def text_field(members: Mapping[str, object], name: str) -> str:
    """The member as a string; raises InvalidRequest where it is missing, no string or no valid Unicode."""
    value = members.get(name)
    if not isinstance(value, str):
        raise InvalidRequest(f"`{name}` must be a string.")
    if has_surrogates(value):
        raise InvalidRequest(f"`{name}` holds half of a surrogate pair.")
    return value


def one_line(text: str, name: str, limit: int) -> str:
    """The text of a member; raises InvalidRequest unless it is one line of 1 to `limit` code points."""
    if not text.strip() or len(text) > limit:
        raise InvalidRequest(f"`{name}` must have 1 to {limit} characters and not be blank.")
    if any(unicodedata.category(char) in _NOT_IN_A_LINE for char in text):
        raise InvalidRequest(f"`{name}` holds a control character.")
    return text


def integer_field(members: Mapping[str, object], name: str) -> int:
    """The member as a whole number from 0 up; raises InvalidRequest otherwise."""
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise InvalidRequest(f"`{name}` must be a whole number from 0 up.")
    return value
