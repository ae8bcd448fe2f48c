"""How requests are read, what events they become, and which are refused."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from dev.function_url import FunctionURLServer, Request, Route, StaticAnswer
from dev.function_url.exchange import Limits

Make = Callable[..., Any]
Start = Callable[..., Awaitable[FunctionURLServer]]


async def send(server: FunctionURLServer, data: bytes) -> bytes:
    """Everything the server answers to these bytes until it closes the connection."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(data)
    async with asyncio.timeout(30):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def echo(request: Request) -> StaticAnswer:
    return StaticAnswer(200, [("X-Method", request.method)], request.body)


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


async def test_a_head_has_the_length_of_the_body_and_none(
    start: Start, buffered: Any, client: httpx.AsyncClient
) -> None:
    async def page(request: Request) -> StaticAnswer:
        return StaticAnswer(200, [("Content-Type", "text/plain")], b"a page")

    server = await start(buffered, routes=[Route(None, re.compile("/.*"), page)])

    answer = await client.head(server.url)
    after = await client.get(server.url)

    assert (answer.headers["content-length"], answer.content) == ("6", b"")
    assert after.content == b"a page"


async def test_a_client_without_http_1_1_gets_the_stream_until_the_connection_closes(
    start: Start, streaming: Make
) -> None:
    server = await start(streaming())

    answer = await send(server, b"GET /?do=cookies HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")

    assert answer.endswith(b"\r\n\r\nok")
    assert b"transfer-encoding" not in answer.lower()
    assert b"connection: close\r\n" in answer


async def test_a_client_without_http_1_1_may_keep_its_connection_where_a_length_is_known(
    start: Start, buffered: Any
) -> None:
    server = await start(buffered, routes=ECHO)
    first = b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\none"

    answer = await send(server, first + b"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\ntwo")

    assert re.findall(rb"connection: (.+)\r\n\r\n(one|two)", answer) == [
        (b"keep-alive", b"one"),
        (b"close", b"two"),
    ]


async def test_requests_that_are_sent_together_are_answered_in_order(start: Start, buffered: Any) -> None:
    server = await start(buffered, routes=ECHO)

    answer = await send(
        server,
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\none"
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree",
    )

    assert re.findall(rb"\r\n\r\n(one|two|three)", answer) == [b"one", b"two", b"three"]


async def test_a_client_that_waits_for_permission_gets_it(start: Start, buffered: Any) -> None:
    server = await start(buffered, routes=ECHO)
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"

    writer.write(head + b"Connection: close\r\n\r\n")
    permission = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"body")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert permission == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.endswith(b"\r\n\r\nbody")


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
        assert answer.json()["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("status", "request_bytes"),
    [
        (400, b"GET\r\n\r\n"),
        (400, b"GET / / HTTP/1.1\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nspace : x\r\n\r\n"),
        (400, b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        (400, b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        (400, b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        (501, b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"),
        (505, b"GET / HTTP/2.0\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 300_000 + b"\r\n\r\n"),
    ],
)
async def test_a_malformed_request_is_refused(
    start: Start, buffered: Any, status: int, request_bytes: bytes
) -> None:
    server = await start(buffered, routes=ECHO)

    answer = await send(server, request_bytes)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"HTTP/1.1") == 1
    assert {b"cache-control: no-store", b"x-content-type-options: nosniff"} <= set(answer.split(b"\r\n"))


async def test_a_header_that_is_far_too_long_for_its_purpose_is_the_functions_to_refuse(
    start: Start, streaming: Make, client: httpx.AsyncClient
) -> None:
    server = await start(streaming())

    answer = await client.get(server.url, headers={"Authorization": "x" * 200_000})

    assert len(answer.json()["event"]["headers"]["authorization"]) == 200_000


@pytest.mark.parametrize(
    "start_of_request", [b"GET / HT", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"]
)
async def test_a_client_that_stops_in_its_request_is_let_go(
    start: Start, buffered: Any, start_of_request: bytes
) -> None:
    limits = Limits(head_seconds=0.1, body_read_seconds=0.1)
    server = await start(buffered, routes=ECHO, limits=limits)

    answer = await send(server, start_of_request)

    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_says_nothing_is_let_go(start: Start, buffered: Any) -> None:
    server = await start(buffered, routes=ECHO, limits=Limits(idle_seconds=0.1))

    assert await send(server, b"") == b""


@pytest.mark.parametrize("host", ["evil.example", "evil.example:3000", "localhost.evil.example", ""])
async def test_a_name_that_is_not_this_machines_is_refused(
    start: Start, buffered: Any, client: httpx.AsyncClient, host: str
) -> None:
    server = await start(buffered, routes=ECHO)

    answer = await client.get(server.url, headers={"Host": host})

    assert answer.status_code == 403


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
