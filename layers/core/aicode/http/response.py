"""Responses: JSON, errors in the contract's shape, and those without a body."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aicode.errors import MethodNotAllowed, RequestError
from aicode.http.safe_headers import API_HEADERS

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
JSON_HEADERS = {"content-type": "application/json", **API_HEADERS}


@dataclass(frozen=True, slots=True)
class Response:
    """What a handler returns to the streaming runtime."""

    status: int
    headers: Mapping[str, str]
    body: AsyncIterator[bytes]
    cookies: tuple[str, ...] = field(default=())


async def in_one_piece(response: Response) -> dict[str, Any]:
    """The response in the shape that Function URLs expect of a function that does not stream."""
    body = b"".join([chunk async for chunk in response.body])
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "cookies": list(response.cookies),
        "body": body.decode("ascii"),
    }


def json_bytes(value: object) -> bytes:
    """JSON as it goes over the wire: compact, ASCII."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")


async def one_chunk(body: bytes) -> AsyncIterator[bytes]:
    """A body that is known as a whole."""
    if body:
        yield body


def json_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(status, {**JSON_HEADERS, **(headers or {})}, one_chunk(json_bytes(value)))


def download_headers(name: str, content_type: str) -> dict[str, str]:
    """The headers of a download: the name in full, and for old clients what ASCII has of it.

    https://www.rfc-editor.org/rfc/rfc6266#section-4.3
    """
    plain = _NOT_PLAIN.sub("_", name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {**API_HEADERS, "content-type": content_type, "content-disposition": disposition}


def no_content(headers: Mapping[str, str] | None = None) -> Response:
    """An answer without a body."""
    return Response(204, {**API_HEADERS, **(headers or {})}, one_chunk(b""))


def error_response(error: RequestError, request_id: str) -> Response:
    """The contract's error: `{success: false, error: {code, message, requestId, ...details}}`.

    `Retry-After` says where waiting helps, `Allow` which methods a path takes.
    """
    body = {"code": error.code, "message": error.message, "requestId": request_id, **error.details}
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, error.retry_after))
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = ", ".join(error.allowed)
    return json_response(error.status, {"success": False, "error": body}, headers)
