"""How requests are read, what events they become, and which are refused."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from dev.function_url import FunctionURLServer, Route
from dev.http import Answer, Request

Make = Callable[..., Any]
Start = Callable[..., Awaitable[FunctionURLServer]]


async def echo(request: Request) -> Answer:
    return Answer(200, [("X-Method", request.method)], request.body)


ECHO = [Route(None, re.compile("/.*"), echo)]


async def test_a_request_becomes_an_event_of_payload_format_2(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answer = await client.post(
        server.url + "/a%20b/%C3%A9?x=1&y=%C3%A9+z&x=2&empty=",
        headers=[
            ("Cookie", "a=1; b=2"),
            ("X-Twice", "1"),
            ("X-Twice", "2"),
            ("User-Agent", "test"),
            ("Content-Type", "application/json"),
            ("X-Forwarded-For", "1.2.3.4"),
            ("X-Amzn-Trace-Id", "Root=1-2-3"),
        ],
        content='{"text": "é"}',
    )
    event = answer.json()["event"]
    context = event["requestContext"]

    assert event["version"] == "2.0"
    assert event["routeKey"] == "$default"
    assert event["rawPath"] == "/a%20b/%C3%A9"
    assert event["rawQueryString"] == "x=1&y=%C3%A9+z&x=2&empty="
    assert event["queryStringParameters"] == {"x": "1,2", "y": "é z", "empty": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-twice"] == "1,2"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", event["headers"]["x-amzn-trace-id"])
    assert (event["body"], event["isBase64Encoded"]) == ('{"text": "é"}', False)
    assert context["http"] == {
        "method": "POST",
        "path": "/a%20b/%C3%A9",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "test",
    }
    assert context["requestId"] == answer.headers["x-amzn-requestid"]
    assert context["accountId"] == "anonymous"
    assert context["domainName"] == "127.0.0.1"
    assert re.fullmatch(r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000", context["time"])
    assert context["timeEpoch"] > 1_700_000_000_000


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"of no kind"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=1"),
        ({"Content-Type": "application/octet-stream"}, b"plain"),
        ({"Content-Type": "application/json"}, b"\xff\xfe"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"{}"),
    ],
)
async def test_a_body_that_is_not_text_travels_as_base64(
    start: Start, streaming: Make, client: httpx.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    server = await start(streaming())

    event = (await client.post(server.url, headers=headers, content=body)).json()["event"]

    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


async def test_a_chunked_body_arrives_whole(start: Start, streaming: Make, client: httpx.AsyncClient) -> None:
    server = await start(streaming())

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"one ", b"two ", b"three"):
            yield piece

    answer = await client.post(server.url, content=pieces(), headers={"Content-Type": "text/plain"})

    assert answer.json()["event"]["body"] == "one two three"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH"])
async def test_every_method_goes_to_the_function(
    start: Start, streaming: Make, client: httpx.AsyncClient, method: str
) -> None:
    server = await start(streaming())

    answer = await client.request(method, server.url, params={"do": "cookies"})
    after = await client.get(server.url)

    assert answer.status_code == 201
    assert answer.content == (b"" if method == "HEAD" else b"ok")
    assert after.json()["calls"] == 2


async def test_six_megabytes_pass_and_one_byte_more_does_not(
    start: Start, buffered: Any, client: httpx.AsyncClient
) -> None:
    server = await start(buffered, routes=ECHO)
    size = 6 * 1024 * 1024

    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * size
        yield b"x"

    largest = await client.post(server.url, content=b"x" * size)
    announced = await client.post(server.url, content=b"x" * (size + 1))
    chunked = await client.post(server.url, content=pieces())

    assert largest.status_code == 200
    assert len(largest.content) == size
    for answer in (announced, chunked):
        assert answer.status_code == 413
        assert answer.headers["x-amzn-errortype"] == "RequestEntityTooLargeException"
        assert answer.json() == {
            "Message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
        }


async def test_the_limit_is_one_of_the_event_not_of_the_body(
    start: Start, buffered: Any, client: httpx.AsyncClient
) -> None:
    server = await start(buffered)

    text = await client.post(server.url, content=b"x" * 5_000_000, headers={"Content-Type": "text/plain"})
    in_base64 = await client.post(server.url, content=b"x" * 5_000_000)

    assert text.status_code == 201
    assert in_base64.status_code == 413
    assert in_base64.headers["x-amzn-errortype"] == "RequestEntityTooLargeException"


async def test_what_is_no_request_is_refused_in_the_contracts_shape(start: Start, buffered: Any) -> None:
    server = await start(buffered, routes=ECHO)
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 ")
    assert {b"cache-control: no-store", b"x-content-type-options: nosniff"} <= set(head.split(b"\r\n"))
    assert json.loads(body)["error"]["code"] == "invalid_request"


async def test_a_header_that_is_far_too_long_for_its_purpose_is_the_functions_to_refuse(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answer = await client.get(server.url, headers={"Authorization": "x" * 200_000})

    assert len(answer.json()["event"]["headers"]["authorization"]) == 200_000


async def test_a_name_that_is_not_this_machines_is_refused(
    start: Start, buffered: Any, client: httpx.AsyncClient
) -> None:
    server = await start(buffered, routes=ECHO)

    answer = await client.get(server.url, headers={"Host": "evil.example"})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "forbidden_origin"


async def test_routes_are_tried_in_order_and_by_method(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    routes = [
        Route(frozenset({"POST"}), re.compile(r"/api/[^/]+"), "stream"),
        Route(None, re.compile(r"/api/.*"), echo),
    ]
    server = await start(streaming(), routes=routes)

    to_the_function = await client.post(server.url + "/api/x")
    other_method = await client.get(server.url + "/api/x")
    deeper = await client.post(server.url + "/api/x/y")
    nowhere = await client.get(server.url + "/other")

    assert to_the_function.json()["event"]["rawPath"] == "/api/x"
    assert other_method.headers["x-method"] == "GET"
    assert deeper.headers["x-method"] == "POST"
    assert nowhere.status_code == 404
    assert json.loads(nowhere.text)["error"]["code"] == "not_found"
