"""Upstash's REST protocol (https://upstash.com/docs/redis/features/restapi) over a Valkey."""

import json
from base64 import b64encode
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from dev.http import Answer, Request
from dev.upstash.commands import Scripts
from dev.upstash.valkey import Command, EmbeddedValkey, Failure, Reply

MAX_REQUEST = 1024 * 1024
"""Bytes of a request on the small plans."""
METHODS = ("GET", "HEAD", "POST", "PUT")
JSON = (("Content-Type", "application/json"),)
WRONG_TOKEN = "WRONGPASS invalid or missing auth token"  # noqa: S105 (a message)

Text = Callable[[bytes], str]


class BadRequestError(Exception):
    """The request is not one of the protocol; the text is for the client."""


class Rest:
    """Answers requests whose token was already checked."""

    def __init__(self, store: EmbeddedValkey) -> None:
        self._store = store
        self._scripts = Scripts()

    def answer(self, request: Request) -> Answer:
        """Runs the request's commands and answers as Upstash does."""
        text = _text_of(request)
        try:
            if request.path in ("/pipeline", "/multi-exec"):
                commands = _many(request.body)
                run = self._pipeline if request.path == "/pipeline" else self._multi_exec
                return run(commands, text)
            return self._single(_one(request), text)
        except BadRequestError as error:
            return refusal(HTTPStatus.BAD_REQUEST, str(error))

    def _single(self, command: Command, text: Text) -> Answer:
        prepared = self._scripts.prepare(command)
        reply = prepared
        if not isinstance(prepared, Failure):
            [reply] = self._store.execute([prepared])
            return _answer(_item(reply, text), failed=isinstance(reply, Failure))
        return _answer(_item(prepared, text), failed=True)

    def _pipeline(self, commands: list[Command], text: Text) -> Answer:
        prepared = [self._scripts.prepare(command) for command in commands]
        runnable = [command for command in prepared if not isinstance(command, Failure)]
        replies = iter(self._store.execute(runnable))
        results = [command if isinstance(command, Failure) else next(replies) for command in prepared]
        return _answer([_item(result, text) for result in results])

    def _multi_exec(self, commands: list[Command], text: Text) -> Answer:
        runnable: list[Command] = []
        for command in commands:
            prepared = self._scripts.prepare(command)
            if isinstance(prepared, Failure):
                return _answer(_item(prepared, text), failed=True)
            runnable.append(prepared)
        outcome = self._store.transaction(runnable)
        if isinstance(outcome, Failure):
            return _answer(_item(outcome, text), failed=True)
        return _answer([_item(result, text) for result in outcome])


def authorised(request: Request, token: str) -> bool:
    """True if the request carries the token, as a bearer or as `?_token=`."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given.strip() == token:
        return True
    return "_token=" in request.query and ("_token", token) in parse_qsl(request.query)


def refusal(status: int, message: str) -> Answer:
    """An error answer in Upstash's shape."""
    return Answer(status, JSON, json.dumps({"error": message}).encode())


def too_large(size: int, limit: int) -> Answer:
    """What Upstash says to a request over its limit."""
    return refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"ERR max request size exceeded. Limit: {limit} bytes, Actual: {size} bytes. "
        "See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details",
    )


def _text_of(request: Request) -> Text:
    if request.headers.get("upstash-response-format", "json") != "json":
        raise BadRequestError("ERR only the json response format is served here")
    if request.headers.get("upstash-encoding") == "base64":
        return lambda value: b64encode(value).decode()
    return lambda value: value.decode("utf-8", "replace")


def _one(request: Request) -> Command:
    if request.path == "/":
        return _arguments(_json(request.body))
    command = [unquote_to_bytes(part) for part in request.path.removeprefix("/").split("/")]
    if request.body:
        command.append(request.body)
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name != "_token":
            command += [name.encode(), value.encode()] if value else [name.encode()]
    return command


def _many(body: bytes) -> list[Command]:
    rows = _json(body)
    if not isinstance(rows, list):
        raise BadRequestError("ERR failed to parse the request: an array of commands is expected")
    return [_arguments(row) for row in rows]  # pyright: ignore[reportUnknownVariableType]


def _json(body: bytes) -> Any:
    try:
        # Numbers stay as they were written.
        return json.loads(body, parse_int=str, parse_float=str)
    except ValueError:
        raise BadRequestError("ERR failed to parse the request: it is not valid JSON") from None


def _arguments(row: Any) -> Command:
    if not isinstance(row, list) or not row:
        raise BadRequestError("ERR failed to parse the request: a command is a non-empty array")
    return [_argument(item) for item in row]  # pyright: ignore[reportUnknownVariableType]


def _argument(item: Any) -> bytes:
    match item:
        case str():
            # A lone surrogate can't be UTF-8; it becomes U+FFFD as in any Go program.
            return item.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        case bool():
            return b"true" if item else b"false"
        case None:
            return b"null"
        case _:
            raise BadRequestError("ERR failed to parse the request: arguments are plain values")


def _item(reply: Reply, text: Text) -> dict[str, Any]:
    if isinstance(reply, Failure):
        return {"error": str(reply)}
    return {"result": _result(reply, text)}


def _result(reply: Reply, text: Text) -> Any:
    match reply:
        case b"OK":  # never encoded: clients expect it so of a status, and take it so of a value
            return "OK"
        case bytes():
            return text(reply)
        case list():
            return [_result(item, text) for item in reply]
        case Failure():
            return str(reply)
        case _:
            return reply


def _answer(content: Any, *, failed: bool = False) -> Answer:
    status = HTTPStatus.BAD_REQUEST if failed else HTTPStatus.OK
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(status, JSON, body)
