"""Requests as handlers see them, answers in one piece, the error for what is no request, and the limits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import h11

_TARGET = re.compile(r"(?i:https?://[^/?#]*)?(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?")


class RequestError(Exception):
    """What the client sent is no request that this server accepts; `status` is the answer to it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much, and for how long, a client may occupy a connection (bytes; seconds, None: for ever).

    `arrival_seconds` is for a head, and again for a body; `write_seconds` for taking any of what is sent.
    """

    head_bytes: int = 256 * 1024
    buffered_bytes: int = 1024 * 1024
    idle_seconds: float | None = None
    arrival_seconds: float | None = None
    write_seconds: float | None = None


@dataclass(slots=True)
class Request:
    """A request; its `body` is empty until `Exchange.read_body` has read it.

    `path` and `query` are as sent, still percent-encoded; what was sent as UTF-8 is percent-encoded too.
    Header names are lower-case; a header sent several times is one value, joined by `,` (`; ` for cookies).
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    version: str = "HTTP/1.1"

    @property
    def host(self) -> str:
        """The name by which the client calls the server, lower-case and without a port; empty if none."""
        return re.sub(r":\d*$", "", self.headers.get("host", "")).lower()

    @property
    def content_length(self) -> int:
        """The announced size of the body in bytes; 0 where there is none, and for one in chunks."""
        return int(self.headers.get("content-length", "0"))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in one piece; Content-Length is added to its headers."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


def request_from(head: h11.Request) -> Request:
    """The request that h11 has read; raises RequestError (400, 501, 505) for what h11 alone would accept."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        if name in headers:
            value = headers[name] + ("; " if name == "cookie" else ",") + value
        headers[name] = value
    if head.http_version not in {b"1.0", b"1.1"}:
        raise RequestError(505, "This version of HTTP is not spoken here.")
    if head.method == b"CONNECT":
        raise RequestError(501, "This server is no proxy.")
    if "transfer-encoding" in headers and ("content-length" in headers or head.http_version == b"1.0"):
        # Two readers could see the end of the body in different places.
        raise RequestError(400, "The length of the body is ambiguous.")
    target = _TARGET.fullmatch(head.target.decode("ascii"))
    if target is None:
        raise RequestError(400, "The request target is malformed.")
    version = f"HTTP/{head.http_version.decode('ascii')}"
    return Request(head.method.decode("ascii"), target[1] or "/", target[2] or "", headers, version=version)
