"""A client that holds every answer of the API to docs/openapi.json: status, media type and body."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx
from jsonschema import Draft202012Validator

from aicode.ids import ID_PATTERN
from dev.openapi.routes import APPS, BYTES, CHAT, STREAM
from tests.waiting import PATIENCE

JSON = "application/json"
_DOCUMENT: Any = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
_PATHS: dict[re.Pattern[str], dict[str, Any]] = {
    re.compile(re.sub(r"\{\w+\}", ID_PATTERN, path.replace(".", r"\."))): operations
    # A path of its own goes before one with a parameter in the same place.
    for path, operations in sorted(_DOCUMENT["paths"].items(), key=lambda each: "{" in each[0])
}
_SCHEMAS = "#/components/schemas/"
_EVENTS: dict[str, str] = _DOCUMENT["components"]["schemas"]["StreamEvent"]["discriminator"]["mapping"]
_FRAME = re.compile(rb":.*|id: [1-9]\d*-[1-9]\d*\ndata: ([ -~]+)")


def documented_client(
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    base: str = CHAT,
    network: httpx.AsyncBaseTransport | None = None,
    functions_die: bool = False,
) -> httpx.AsyncClient:
    """A client of a running product whose chat is mounted at `base`.

    Whoever gets an answer that the document does not name, or that has another shape, fails. Lambda's own 413
    is taken too, and where `functions_die` its 502, in place of the functions' answers.
    """
    return httpx.AsyncClient(
        base_url=url.replace("localhost", "127.0.0.1"),
        timeout=PATIENCE,
        headers=headers,
        transport=_DocumentedTransport(
            network or httpx.AsyncHTTPTransport(), base, functions_die=functions_die
        ),
    )


class _DocumentedTransport(httpx.AsyncBaseTransport):
    def __init__(self, network: httpx.AsyncBaseTransport, base: str, *, functions_die: bool) -> None:
        self._network = network
        self._base = base
        self._functions_die = functions_die

    async def aclose(self) -> None:
        await self._network.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._network.handle_async_request(request)
        path = _documented_path(request.url.raw_path.partition(b"?")[0].decode("ascii"), self._base)
        lambdas_own = self._functions_die and response.status_code == 502
        lambdas_own |= response.headers.get("x-amzn-errortype") == "RequestEntityTooLargeException"
        if path is not None and not lambdas_own:
            documented = _documented_answer(request.method, path, response)
            media_type = response.headers.get("content-type", "").partition(";")[0]
            content = documented.get("content", [""])
            assert media_type in content or BYTES in content, (request.method, path, media_type)
            stream = cast("httpx.AsyncByteStream", response.stream)
            response.stream = _CheckedStream(stream, media_type, documented)
        return response


class _CheckedStream(httpx.AsyncByteStream):
    """A body that is checked while it passes by: events one by one, JSON at its end."""

    def __init__(self, stream: httpx.AsyncByteStream, media_type: str, documented: Any) -> None:
        self._stream = stream
        self._media_type = media_type
        self._documented = documented

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = b""
        async for chunk in self._stream:
            body += chunk
            if self._media_type == STREAM:
                *frames, body = body.split(b"\n\n")
                for frame in frames:
                    _check_frame(frame)
            yield chunk
        if self._media_type == JSON and body:  # HEAD has none
            _check_json(json.loads(body), self._documented)

    async def aclose(self) -> None:
        await self._stream.aclose()


def _documented_path(path: str, base: str) -> str | None:
    """The path as it is in the document; None where it is none of the API's."""
    if re.fullmatch(f"{APPS}(/.*)?", path):  # first: the chat's base may be a folder above
        return path
    return path.replace(base, CHAT, 1) if re.fullmatch(f"{base}(/.*)?", path) else None


def _documented_answer(method: str, path: str, response: httpx.Response) -> Any:
    """What the document says of such an answer; paths and methods that it does not name are 404 and 405.

    A query or an event id that is malformed is 400 on any path.
    """
    found = [operations for known, operations in _PATHS.items() if known.fullmatch(path)]
    operations = found[0] if found else {}
    answers: dict[str, Any] = {"404": _error("not_found"), "400": _error("invalid_request")}
    if method.lower() in operations:
        answers = operations[method.lower()]["responses"]
    elif method == "OPTIONS":
        answers = {"204": {}}
    elif operations:
        answers = {"405": _error("method_not_allowed")}
    assert str(response.status_code) in answers, (method, path, response.status_code)
    if response.status_code == 405:
        assert set(response.headers["allow"].lower().split(", ")) == operations.keys(), (method, path)
    answer = answers[str(response.status_code)]
    return (
        _DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        if "$ref" in answer
        else answer
    )


def _error(code: str) -> Any:
    return {"description": f"`{code}`", "content": {JSON: {"schema": {"$ref": f"{_SCHEMAS}ErrorAnswer"}}}}


def _check_json(body: Any, documented: Any) -> None:
    _validator(json.dumps(documented["content"][JSON]["schema"])).validate(body)
    if not body["success"]:
        assert f"`{body['error']['code']}`" in documented["description"], body


def _check_frame(frame: bytes) -> None:
    found = _FRAME.fullmatch(frame)
    assert found, frame
    if found[1]:
        event = json.loads(found[1])
        _validator(json.dumps({"$ref": _EVENTS[event["type"]]})).validate(event)


@cache
def _validator(schema: str) -> Any:
    return Draft202012Validator({**json.loads(schema), "components": _DOCUMENT["components"]})
