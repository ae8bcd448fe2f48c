"""HTTP/1.1 on the wire: heads, chunked bodies and answers, without any I/O (RFC 9112)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(r"[!-~\x80-\xff]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_LINE_LIMIT = 64 * 1024

Fields = Iterable[tuple[str, str]]


class WireError(Exception):
    """What the peer sent is not HTTP that this server accepts; `status` is the answer to it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Head:
    """The start line and headers of a request.

    Header names are lower-case; a header sent several times is one value, joined by `,`
    (`; ` for cookies). `path` and `query` are as sent, still percent-encoded; what was sent as UTF-8
    is percent-encoded too.
    """

    method: str
    path: str
    query: str
    version: str
    headers: dict[str, str]

    @property
    def host(self) -> str:
        """The name by which the client calls the server, lower-case and without a port.

        Empty for a client of HTTP/1.0 that knows of no names.
        """
        return re.sub(r":\d*$", "", self.headers.get("host", "")).lower()

    @property
    def content_length(self) -> int | None:
        """The announced size of the body in bytes; None where none is announced or it is chunked."""
        if self.chunked:
            return None
        value = self.headers.get("content-length")
        return None if value is None else int(value)

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return "transfer-encoding" in self.headers

    @property
    def keep_alive(self) -> bool:
        """Whether the client allows another request on the same connection."""
        options = self.headers.get("connection", "").lower()
        return "keep-alive" in options if self.version == "HTTP/1.0" else "close" not in options


def parse_head(data: bytes) -> Head:
    """Parses everything up to and including the empty line; raises WireError (400, 501, 505)."""
    start, *lines = data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    parts = start.split(" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not _TARGET.fullmatch(parts[1]):
        raise WireError(400, "The request line is malformed.")
    method, target, version = parts
    if version not in {"HTTP/1.1", "HTTP/1.0"}:
        raise WireError(505, "This version of HTTP is not spoken here.")
    headers = _parse_fields(lines)
    _check_framing(headers, version)
    if (version == "HTTP/1.1" and "host" not in headers) or "," in headers.get("host", ""):
        raise WireError(400, "A request names its host once.")
    target = re.sub("[^!-~]", lambda char: f"%{ord(char[0]):02X}", target)
    path, _, query = _origin_form(target).partition("#")[0].partition("?")
    return Head(method, path, query, version, headers)


def _origin_form(target: str) -> str:
    if target.startswith("/"):
        return target
    absolute = re.match(r"(?i)https?://[^/?#]*", target)
    if absolute is None:
        if target == "*":
            return "/"
        raise WireError(400, "The request target is malformed.")
    rest = target[absolute.end() :]
    return rest if rest.startswith("/") else "/" + rest


def _parse_fields(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        value = value.strip(" \t")
        if not colon or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise WireError(400, "A header is malformed.")
        name = name.lower()
        if name in headers:
            value = headers[name] + ("; " if name == "cookie" else ",") + value
        headers[name] = value
    return headers


def _check_framing(headers: dict[str, str], version: str) -> None:
    """Refuses every body whose end two readers could see in different places."""
    length = headers.get("content-length")
    coding = headers.get("transfer-encoding")
    if length is not None and (coding is not None or not re.fullmatch(r"[0-9]{1,15}", length)):
        raise WireError(400, "The length of the body is ambiguous.")
    if coding is not None and (coding.lower() != "chunked" or version == "HTTP/1.0"):
        raise WireError(501, "The only transfer coding understood is chunked.")


class ChunkedDecoder:
    """Takes the bytes of a chunked body as they arrive and gives back what they carry."""

    def __init__(self) -> None:
        self._buffer = b""  # a line of which the end has not come yet
        self._left = 0  # bytes still to come of the current chunk, its closing CRLF included
        self._in_trailers = False
        self.done = False
        self.trailers: dict[str, str] = {}
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """Returns the content that `data` brought, in one piece; raises WireError(400).

        After the last chunk and its trailers `done` is true, and `rest` what follows the body.
        """
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        pieces: list[bytes] = []
        position = 0
        while position < len(data) and not self._in_trailers:
            if self._left > 2:
                piece = data[position : position + self._left - 2]
                pieces.append(piece)
                position += len(piece)
                self._left -= len(piece)
            elif self._left:
                position = self._end_chunk(data, position)
            else:
                position = self._begin_chunk(data, position)
        if self._in_trailers:
            self._read_trailers(data[position:])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _begin_chunk(self, data: bytes, position: int) -> int:
        line_end = data.find(b"\r\n", position)
        if line_end < 0:
            self._buffer = data[position:]
            if len(self._buffer) > _LINE_LIMIT:
                raise WireError(400, "A chunk size is malformed.")
            return len(data)
        digits = data[position:line_end].partition(b";")[0].strip()
        if not _CHUNK_SIZE.fullmatch(digits):
            raise WireError(400, "A chunk size is malformed.")
        size = int(digits, 16)
        if size == 0:
            self._in_trailers = True
            return line_end  # so that the trailers always begin with a line end
        self._left = size + 2
        return line_end + 2

    def _end_chunk(self, data: bytes, position: int) -> int:
        expected = b"\r\n"[2 - self._left :][: len(data) - position]
        if not data.startswith(expected, position):
            raise WireError(400, "A chunk is longer than announced.")
        self._left -= len(expected)
        return position + len(expected)

    def _read_trailers(self, data: bytes) -> None:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._buffer = data
            if len(data) > _LINE_LIMIT:
                raise WireError(400, "The trailers are too long.")
            return
        lines = data[2:end].decode("latin-1")
        self.trailers = _parse_fields(lines.split("\r\n")) if lines else {}
        self.rest = data[end + 4 :]
        self.done = True


def encode_chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; `data` must not be empty, an empty chunk ends the body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def is_field(name: str, value: str) -> bool:
    """Whether this can be sent as a header without breaking the head in two."""
    return bool(_TOKEN.fullmatch(name) and _VALUE.fullmatch(value))


def encode_head(status: int, fields: Fields) -> bytes:
    """The head of an answer; raises ValueError for what is not a header."""
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    lines = [f"HTTP/1.1 {status} {reason}"]
    for name, value in fields:
        if not is_field(name, value):
            raise ValueError(f"the header {name!r} cannot be sent")
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
