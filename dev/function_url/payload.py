"""Payload format 2.0: the event of a Function URL, and what becomes of a function's answer.

Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import binascii
import json
import re
import time
from typing import cast
from urllib.parse import parse_qsl

from dev.function_url.invocation import trace_root
from dev.http import Request

PRELUDE_END = b"\0" * 8
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_TEXT = re.compile(r"text/.*|application/(json|xml|javascript|x-ndjson)|[^;]+\+(json|xml)", re.IGNORECASE)
_CONNECTION = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# What Lambda does not pass on of an answer's and of a request's headers.
_OWN_ANSWER_FIELDS = frozenset({*_CONNECTION, "content-length", "date", "proxy-authenticate"})
_OWN_REQUEST_FIELDS = frozenset({*_CONNECTION, "expect", "cookie", "proxy-authorization"})

FieldList = list[tuple[str, str]]


def url_event(request: Request, source_ip: str, request_id: str) -> bytes:
    """The JSON of the event that a function gets for a request to its URL."""
    now = time.time()
    headers = {name: value for name, value in request.headers.items() if name not in _OWN_REQUEST_FIELDS}
    port = request.headers.get("host", "").removeprefix(request.host).removeprefix(":")
    headers |= {
        "x-amzn-trace-id": trace_root(request_id),
        "x-forwarded-for": source_ip,
        "x-forwarded-port": port or "80",
        "x-forwarded-proto": "http",
    }
    event: dict[str, object] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": request.host,
            "domainPrefix": request.host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.version,
                "sourceIp": source_ip,
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies := _cookies(request):
        event["cookies"] = cookies
    if parameters := _query_parameters(request.query):
        event["queryStringParameters"] = parameters
    if request.body:
        event["body"], event["isBase64Encoded"] = _encode_body(request)
    return json.dumps(event).encode()


def _cookies(request: Request) -> list[str]:
    pieces = request.headers.get("cookie", "").split(";")
    return [piece.strip() for piece in pieces if piece.strip()]


def _query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _encode_body(request: Request) -> tuple[str, bool]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if _TEXT.fullmatch(media_type) and "content-encoding" not in request.headers:
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass  # not the text it claims to be: it travels as bytes
    return base64.b64encode(request.body).decode(), True


class MalformedAnswer(Exception):
    """A function's result is not one that a Function URL can send."""


def buffered_answer(payload: bytes) -> tuple[int, FieldList, bytes]:
    """Status, headers and body of a buffered function's result; raises MalformedAnswer."""
    result = _parse(payload)
    if not isinstance(result, dict) or "statusCode" not in result:
        return 200, [("content-type", "application/json")], payload
    answer = cast("dict[str, object]", result)
    status, fields = _answer_head(answer, "application/json")
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise MalformedAnswer("the body is not a string")
    if answer.get("isBase64Encoded") is not True:
        return status, fields, body.encode(errors="replace")
    try:
        return status, fields, base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedAnswer("the body is not base64") from error


def streamed_answer(prelude: bytes) -> tuple[int, FieldList]:
    """Status and headers that the prelude of a stream stands for; raises MalformedAnswer."""
    result = _parse(prelude)
    if not isinstance(result, dict):
        raise MalformedAnswer("the prelude is not an object")
    answer = {"statusCode": 200} | cast("dict[str, object]", result)
    return _answer_head(answer, "application/octet-stream")


def _parse(document: bytes) -> object:
    try:
        return json.loads(document)
    except ValueError as error:
        raise MalformedAnswer("it is not JSON") from error


def _answer_head(answer: dict[str, object], content_type: str) -> tuple[int, FieldList]:
    status = answer["statusCode"]
    headers = answer.get("headers") or dict[str, object]()
    cookies = answer.get("cookies") or list[object]()
    if not str(status).isdecimal() or not 200 <= int(str(status)) <= 599:
        raise MalformedAnswer("the status is not one of a final answer")
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        raise MalformedAnswer("headers or cookies are malformed")
    fields: FieldList = []
    for name, value in cast("dict[str, object]", headers).items():
        if name.lower() not in _OWN_ANSWER_FIELDS:
            fields.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    fields += [("Set-Cookie", str(cookie)) for cookie in cast("list[object]", cookies)]
    if not all(_is_field(name, value) for name, value in fields):
        raise MalformedAnswer("a header cannot be sent")
    status = int(str(status))
    if status not in {204, 304} and all(name.lower() != "content-type" for name, _ in fields):
        fields.append(("Content-Type", content_type))
    return status, fields


def _is_field(name: str, value: str) -> bool:
    """True if this can be sent as a header without breaking the head in two."""
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value))
