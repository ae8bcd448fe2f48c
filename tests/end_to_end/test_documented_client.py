"""The client of these tests: what the document does not name fails whoever asked."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from jsonschema import ValidationError

from tests.end_to_end.documented_client import documented_client
from tests.end_to_end.stack import APPS, BASE

ERROR = {"success": False, "error": {"code": "not_found", "message": "No.", "requestId": "r"}}
NO_METHOD = {"success": False, "error": {"code": "method_not_allowed", "message": "No.", "requestId": "r"}}
EVENT = 'id: 1-1\ndata: {"type":"text_delta","data":{"text":"Hi"},"timestamp":1}\n\n'


class Canned(httpx.AsyncBaseTransport):
    """A network with one answer."""

    def __init__(self, status: int, body: str = "", **headers: str) -> None:
        self._status = status
        self._body = body
        self._headers = headers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async def body() -> AsyncIterator[bytes]:
            yield self._body.encode()

        headers = {name.replace("_", "-"): value for name, value in self._headers.items()}
        return httpx.Response(self._status, headers=headers, content=body())


def said(body: object, status: int = 200, **headers: str) -> Canned:
    return Canned(status, json.dumps(body), content_type="application/json", **headers)


def streamed(*frames: str) -> Canned:
    return Canned(200, "".join(frames), content_type="text/event-stream")


async def ask(method: str, path: str, answer: Canned, base: str = BASE) -> None:
    async with documented_client("http://127.0.0.1", base=base, network=answer) as client:
        await client.request(method, path)


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", APPS, said({"success": True, "apps": []})),
        ("GET", f"{APPS}/a/files", said(ERROR, 404)),
        ("GET", f"{APPS}/a/nothing", said(ERROR, 404)),
        ("GET", f"{APPS}/a.b/files", said(ERROR, 404)),
        ("PATCH", APPS, said(NO_METHOD, 405, allow="GET, POST")),
        ("OPTIONS", f"{APPS}/a/nothing", Canned(204)),
        ("GET", f"{APPS}/a/export.zip", Canned(200, "PK", content_type="application/zip")),
        ("POST", BASE, streamed(EVENT, ": keep-alive\n\n", EVENT)),
        ("GET", f"{BASE}/s/stream", Canned(204)),
        ("GET", "/config.json", said({"anything": 1})),
    ],
)
async def test_what_the_document_names_passes(method: str, path: str, answer: Canned):
    await ask(method, path, answer)


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", APPS, said({"success": True, "apps": []}, 201)),
        ("GET", APPS, said({"success": True, "apps": []}, 500)),
        ("GET", APPS, said(ERROR, 404)),
        ("GET", APPS, Canned(204)),
        ("GET", APPS, Canned(200, "{}", content_type="text/plain")),
        ("GET", f"{APPS}/a/files", said(NO_METHOD, 404)),
        ("GET", f"{APPS}/a/nothing", said({"success": True})),
        ("GET", f"{APPS}/a/nothing", said(NO_METHOD, 405, allow="GET")),
        ("PATCH", APPS, said(ERROR, 404)),
        ("PATCH", APPS, said(NO_METHOD, 405, allow="GET")),
        ("POST", BASE, said({"success": True})),
        ("GET", f"{BASE}/s/stream", streamed("id: 1-0\n" + EVENT.partition("\n")[2])),
        ("GET", f"{BASE}/s/stream", streamed("event: text\n" + EVENT)),
    ],
)
async def test_what_the_document_does_not_name_fails(method: str, path: str, answer: Canned):
    with pytest.raises(AssertionError):
        await ask(method, path, answer)


@pytest.mark.parametrize(
    "body",
    [
        {"success": True},
        {"success": True, "apps": [{"appId": "a"}]},
        {"success": False, "apps": []},
        {"success": True, "apps": [{"appId": 1, "name": "", "createdAt": 1, "updatedAt": 1}]},
    ],
)
async def test_a_body_of_another_shape_fails(body: Any):
    with pytest.raises(ValidationError):
        await ask("GET", APPS, said(body))


@pytest.mark.parametrize(
    "event",
    [
        {"type": "text_delta", "data": {"text": 1}, "timestamp": 1},
        {"type": "text_delta", "data": {"text": "Hi"}},
        {"type": "message_complete", "data": {}, "timestamp": 1},
    ],
)
async def test_an_event_of_another_shape_fails(event: Any):
    with pytest.raises(ValidationError):
        await ask("POST", BASE, streamed(f"id: 1-1\ndata: {json.dumps(event)}\n\n"))


async def test_the_chat_may_be_mounted_above_the_apps():
    await ask("GET", f"{APPS}/a/files", said(ERROR, 404), base="/api/vendor")
    await ask("GET", "/api/vendor/s/stream", Canned(204), base="/api/vendor")
    with pytest.raises(AssertionError):
        await ask("GET", "/api/vendor/s/cancel", Canned(204), base="/api/vendor")
