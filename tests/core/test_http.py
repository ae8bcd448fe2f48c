"""The one door for requests: strict in what it takes, the same in all it says."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aicode.errors import (
    InvalidRequest,
    NotFound,
    RateLimited,
    RequestError,
    SessionBusy,
    TooLarge,
    UnsupportedMediaType,
)
from aicode.http import (
    BODY_LIMIT,
    FILE_BODY_LIMIT,
    JSON_HEADERS,
    Request,
    integer_field,
    json_bytes,
    json_object,
    json_response,
    one_chunk,
    text_field,
)
from aicode.http.cors import cors_headers, preflight_headers
from aicode.http.request import parse_event
from aicode.http.response import error_response

FIELDS = frozenset({"a", "b"})
ORIGIN = "https://code.example.com"
ALLOWED = frozenset({ORIGIN})


def event(**members: Any) -> dict[str, object]:
    """https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads"""
    return {
        "version": "2.0",
        "rawPath": "/api/x",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/api/x"}, "requestId": "request-1"},
        "isBase64Encoded": False,
        **members,
    }


def posted(body: str | bytes, content_type: str = "application/json") -> Request:
    given = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    headers = {"content-type": content_type}
    return Request("POST", "/", {}, headers, {}, given, isinstance(body, bytes), "request-1")


def test_an_event_is_read_as_the_request_it_stands_for():
    request = parse_event(
        event(
            rawQueryString="appId=a%20b&empty=&plus=1%2B1",
            headers={"Content-Type": "text/plain", "X-Number": 3},
            cookies=["vendor_session=abc", 'quoted="x y"', "vendor_session=second", "bare"],
            body="hé",
        )
    )

    assert (request.method, request.path, request.id) == ("POST", "/api/x", "request-1")
    assert request.query == {"appId": "a b", "empty": "", "plus": "1+1"}
    assert request.headers == {"content-type": "text/plain", "x-number": "3"}
    assert request.cookies == {"vendor_session": "abc", "quoted": "x y", "bare": ""}
    assert request.body() == "hé".encode()


def test_a_body_in_base64_is_unpacked():
    body = base64.b64encode(b"\x00\xff").decode()

    assert parse_event(event(body=body, isBase64Encoded=True)).body() == b"\x00\xff"


@pytest.mark.parametrize(
    "members", [{}, {"requestContext": None, "headers": None, "cookies": None}, {"body": None}]
)
def test_an_event_that_lacks_almost_everything_is_still_a_request(members: dict[str, Any]):
    assert parse_event(members).body() == b""


@pytest.mark.parametrize(
    "members",
    [
        {"rawQueryString": "a=1&a=2"},
        {"rawQueryString": "a=%ff"},
        {"rawQueryString": "&".join(f"a{n}=1" for n in range(60))},
    ],
)
def test_a_malformed_event_is_a_bad_request(members: dict[str, Any]):
    with pytest.raises(InvalidRequest):
        parse_event(event(**members))


@pytest.mark.parametrize("body", ["not base64!", "é", "YQ"])
def test_a_body_that_is_no_base64_is_a_bad_request_for_who_reads_it(body: str):
    request = parse_event(event(body=body, isBase64Encoded=True))

    with pytest.raises(InvalidRequest):
        request.body()


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", " application/json "]
)
def test_a_json_object_is_taken(kind: str):
    assert json_object(posted('{"a": "é😀", "b": [1]}', kind), allowed=FIELDS) == {"a": "é😀", "b": [1]}


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_another_media_type_is_refused(kind: str):
    with pytest.raises(UnsupportedMediaType):
        json_object(posted("{}", kind), allowed=FIELDS)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"a"',
        "1",
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": 1} {}',
        '{"a": 1, "a": 2}',
        '{"b": {"x": 1, "x": 1}}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": ' + "1" * 5000 + "}",
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a": ' * 20_000 + "1" + "}" * 20_000,
        '\ufeff{"a": 1}',
        '{"a": "\n"}',
        b'{"a": "\xff"}',
        '{"a": "\ud800"}',
        '{"a": 1}'.encode("utf-16"),
        '{"c": 1}',
        '{"__proto__": {}}',
        '{"A": 1}',
    ],
)
def test_any_other_body_is_a_bad_request(body: str | bytes):
    with pytest.raises(InvalidRequest):
        json_object(posted(body), allowed=FIELDS)


def test_what_is_refused_is_not_repeated():
    with pytest.raises(InvalidRequest) as caught:
        json_object(posted('{"<script>secret</script>": 1}'), allowed=FIELDS)

    assert "secret" not in caught.value.message


def test_a_body_has_a_limit_in_bytes():
    fits = json.dumps({"a": "x" * (BODY_LIMIT - 9)})

    assert len(fits) == BODY_LIMIT
    assert json_object(posted(fits), allowed=FIELDS)
    with pytest.raises(TooLarge, match="256 KB"):
        json_object(posted(fits + " "), allowed=FIELDS)
    assert json_object(posted(fits + " "), allowed=FIELDS, limit=FILE_BODY_LIMIT)


@pytest.mark.parametrize("value", [None, 1, True, ["a"], {"a": "b"}, "half \ud83d"])
def test_a_text_field_holds_a_text(value: object):
    with pytest.raises(InvalidRequest, match="`a`"):
        text_field({"a": value}, "a")


def test_a_field_that_is_missing_is_named():
    with pytest.raises(InvalidRequest, match="`a`"):
        text_field({}, "a")
    with pytest.raises(InvalidRequest, match="`a`"):
        integer_field({}, "a")


@pytest.mark.parametrize("value", [-1, 1.0, True, "1", 2**53, None])
def test_a_whole_number_is_one(value: object):
    with pytest.raises(InvalidRequest, match="`a`"):
        integer_field({"a": value}, "a")


def test_fields_that_fit_are_given():
    assert text_field({"a": "é😀\u2028\x00"}, "a") == "é😀\u2028\x00"
    assert integer_field({"a": 0}, "a") == 0
    assert integer_field({"a": 2**53 - 1}, "a") == 2**53 - 1


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example.com",
        f"{ORIGIN}.evil.example.com",
        ORIGIN.upper(),
        f"{ORIGIN}/",
        "http://code.example.com",
    ],
)
def test_a_foreign_origin_is_granted_nothing(origin: str):
    assert cors_headers(origin, ALLOWED) == {"vary": "Origin"}
    granted = preflight_headers(origin, ALLOWED)
    assert not [name for name in granted if name.startswith("access-control-")]
    assert granted["vary"] == "Origin"


def test_an_allowed_origin_is_echoed_exactly_with_credentials():
    headers = cors_headers(ORIGIN, ALLOWED)

    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["vary"] == "Origin"


def test_a_preflight_grants_what_the_api_needs():
    headers = preflight_headers(ORIGIN, ALLOWED)

    assert headers["access-control-allow-methods"] == "GET, POST, PUT, DELETE"
    assert {"authorization", "content-type", "last-event-id"} == set(
        headers["access-control-allow-headers"].split(", ")
    )


async def _text(error: RequestError) -> tuple[int, dict[str, str], dict[str, Any]]:
    response = error_response(error, "request-1")
    body = b"".join([chunk async for chunk in response.body])
    return response.status, dict(response.headers), json.loads(body)


async def test_an_error_has_the_contracts_shape():
    busy = SessionBusy("Claude is still answering.", retry_after=2, details={"turnId": 7})

    status, headers, body = await _text(busy)

    assert status == 409
    assert body == {
        "success": False,
        "error": {
            "code": "session_busy",
            "message": "Claude is still answering.",
            "requestId": "request-1",
            "turnId": 7,
        },
    }
    assert headers == {**JSON_HEADERS, "retry-after": "2"}


async def test_waiting_is_advised_only_where_it_helps_and_never_for_no_time():
    assert "retry-after" not in (await _text(NotFound("No.")))[1]
    assert (await _text(RateLimited("Wait.", retry_after=0)))[1]["retry-after"] == "1"


async def test_json_goes_out_compact_and_in_ascii():
    response = json_response(201, {"a": "é\u2028"}, {"x-more": "1"})

    assert b"".join([chunk async for chunk in response.body]) == b'{"a":"\\u00e9\\u2028"}'
    assert response.headers["x-more"] == "1"
    assert json_bytes([1, None]) == b"[1,null]"
    with pytest.raises(ValueError, match="JSON"):
        json_bytes(float("nan"))


async def test_an_empty_body_is_no_chunk():
    assert [chunk async for chunk in one_chunk(b"")] == []


def test_every_code_of_the_contract_has_its_status():
    found: dict[str, int] = {}
    kinds = list(RequestError.__subclasses__())
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found[kind.code] = kind.status

    assert found == {
        "invalid_request": 400,
        "unauthenticated": 401,
        "forbidden_origin": 403,
        "not_found": 404,
        "method_not_allowed": 405,
        "session_busy": 409,
        "already_answered": 409,
        "build_failed": 409,
        "remote_failed": 502,
        "message_id_reused": 409,
        "version_conflict": 409,
        "path_conflict": 409,
        "session_expired": 410,
        "too_large": 413,
        "unsupported_media_type": 415,
        "rate_limited": 429,
        "too_many_turns": 429,
        "too_many_streams": 429,
        "budget_exceeded": 429,
        "store_unavailable": 503,
    }


@given(
    st.dictionaries(
        st.sampled_from(
            ["rawPath", "rawQueryString", "headers", "cookies", "body", "isBase64Encoded", "requestContext"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(st.characters()),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ),
    ),
    st.binary() | st.text(st.characters()).map(lambda text: json.dumps({"a": text}).encode()),
)
@example({"cookies": [None]}, b"")
@example({"cookies": [3]}, b"")
def test_whatever_comes_in_is_a_request_or_refused_as_a_bad_one(members: dict[str, Any], body: bytes):
    with suppress(RequestError):
        parse_event(members)
    with suppress(RequestError):
        json_object(parse_event(event(**members)), allowed=FIELDS)
    with suppress(InvalidRequest):
        text_field(json_object(posted(body), allowed=FIELDS), "a")
