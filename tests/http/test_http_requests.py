"""How requests are read off a connection, and which are refused."""

import asyncio
import re
from dataclasses import replace

import pytest
from plain_client import Listen, connected, send

from dev.http import Exchange, Limits, Request, RequestError

HOST = b"Host: localhost\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


class Echo:
    """A handler that answers with the body, and keeps what it was asked."""

    def __init__(self, limit: int = 1024) -> None:
        self.requests: list[Request] = []
        self.trailers: list[dict[str, str]] = []
        self._limit = limit

    async def __call__(self, exchange: Exchange) -> None:
        await exchange.read_body(self._limit)
        self.requests.append(replace(exchange.request))
        self.trailers.append(exchange.trailers)
        exchange.send(200, [("content-type", "text/plain")], exchange.request.body)


BODY = b"5\r\nhello\r\n1;note=x\r\n \r\nB\r\nwonderful\r\n\r\n0\r\nX-Error: Boom\r\nX-Body: e30=\r\n\r\n"
WHOLE = "POST /é?path=日本.txt HTTP/1.1\r\n".encode() + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + BODY


@pytest.mark.parametrize("size", [*range(1, 20), len(WHOLE), 0])
async def test_requests_may_be_cut_anywhere_on_their_way(listen: Listen, size: int) -> None:
    echo = Echo()

    answer = await send(await listen(echo), WHOLE + WHOLE + LAST, size)

    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 3
    for request, trailers in zip(echo.requests[:2], echo.trailers, strict=False):
        assert (request.path, request.query) == ("/%C3%A9", "path=%E6%97%A5%E6%9C%AC.txt")
        assert request.body == b"hello wonderful\r\n"
        assert trailers == {"x-error": "Boom", "x-body": "e30="}
    assert (echo.requests[2].path, echo.trailers[2]) == ("/last", {})


async def test_requests_that_are_sent_together_are_answered_in_order(listen: Listen) -> None:
    answer = await send(
        await listen(Echo()),
        POST + b"Content-Length: 3\r\n\r\none" + CHUNKED + b"3\r\ntwo\r\n0\r\n\r\n"
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree",
    )

    assert re.findall(rb"\r\n\r\n(one|two|three)", answer) == [b"one", b"two", b"three"]
    assert re.findall(rb"(?i)connection: (.+)\r\n", answer) == [b"keep-alive", b"keep-alive", b"close"]


async def test_a_client_that_would_change_the_protocol_is_answered_in_this_one(listen: Listen) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    answer = await send(await listen(Echo()), LAST.replace(b"Connection: close\r\n\r\n", upgrade) + LAST)

    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2


async def test_what_has_arrived_of_a_chunk_is_handed_on(listen: Listen) -> None:
    pieces: asyncio.Queue[bytes] = asyncio.Queue()

    async def handler(exchange: Exchange) -> None:
        async for piece in exchange.stream_body():
            pieces.put_nowait(piece)
        exchange.send(204)

    async with connected(await listen(handler)) as (reader, writer):
        writer.write(CHUNKED + b"a\r\nfirst")
        assert await pieces.get() == b"first"
        writer.write(b" half\r\n0\r\n\r\n")
        assert await pieces.get() == b" half"
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize(
    "body", [b"x\r\n", b"-1\r\n", b"\r\n", b"3\r\nabcd\r\n", b"1" * 30 + b"\r\n", b"0\r\nno colon\r\n\r\n"]
)
async def test_a_malformed_chunk_is_refused(listen: Listen, body: bytes) -> None:
    answer = await send(await listen(Echo()), CHUNKED + body)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close\r\n" in answer


@pytest.mark.parametrize(
    ("status", "request_bytes"),
    [
        (400, b"GET\r\n\r\n"),
        (400, b"GET / / HTTP/1.1\r\n" + HOST + b"\r\n"),
        (400, b"GET nowhere HTTP/1.1\r\n" + HOST + b"\r\n"),
        (400, b"GET / HTTP/1.1\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n"),
        (400, b"GET / HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\n" + HOST + b"space : x\r\n\r\n"),
        (400, POST + b"Content-Length: many\r\n\r\n"),
        (400, POST + b"Content-Length: -1\r\n\r\n"),
        (400, POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        (400, POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 300_000 + b"\r\n\r\n"),
        (431, b"GET /" + b"x" * 300_000),
        (501, POST + b"Transfer-Encoding: gzip\r\n\r\n"),
        (501, b"CONNECT localhost:1 HTTP/1.1\r\n" + HOST + b"\r\n"),
        (505, b"GET / HTTP/2.0\r\n" + HOST + b"\r\n"),
    ],
)
async def test_a_malformed_request_is_refused(listen: Listen, status: int, request_bytes: bytes) -> None:
    echo = Echo()

    answer = await send(await listen(echo), request_bytes)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"HTTP/1.1") == 1
    assert echo.requests == []


async def test_how_a_request_is_refused_is_the_servers_to_say(listen: Listen) -> None:
    def refuse(exchange: Exchange, error: RequestError) -> None:
        exchange.send_json(error.status, {"refused": error.message})

    server = await listen(Echo(), on_error=refuse)

    assert b'{"refused":"The request is malformed."}' in await send(server, b"nonsense\r\n\r\n")
    assert b'{"refused":"The request body is too large."}' in await send(
        server, POST + b"Content-Length: 2000\r\nConnection: close\r\n\r\n" + b"x" * 2000
    )


async def test_a_header_up_to_the_limit_is_the_handlers_to_judge(listen: Listen) -> None:
    echo = Echo()

    await send(await listen(echo), LAST[:-2] + b"X: " + b"x" * 250_000 + b"\r\n\r\n")

    assert len(echo.requests[0].headers["x"]) == 250_000


@pytest.mark.parametrize("framing", ["announced", "chunked"])
async def test_a_body_beyond_the_limit_is_refused_and_the_rest_of_it_thrown_away(
    listen: Listen, framing: str
) -> None:
    size = 5_000_000  # more than the buffers of both sides hold
    head = CHUNKED + b"%x\r\n" % size if framing == "chunked" else POST + b"Content-Length: %d\r\n\r\n" % size

    answer = await send(await listen(Echo(limit=size - 1)), head + b"x" * size)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in answer


async def test_a_body_of_just_the_limit_is_taken(listen: Listen) -> None:
    answer = await send(await listen(Echo(limit=4)), POST + b"Content-Length: 4\r\n\r\nbody" + LAST)

    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("start_of_request", [b"GET / HT", POST + b"Content-Length: 9\r\n\r\nabc"])
async def test_a_client_that_stops_in_its_request_is_let_go(listen: Listen, start_of_request: bytes) -> None:
    server = await listen(Echo(), limits=Limits(arrival_seconds=0.1))

    assert (await send(server, start_of_request)).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("earlier", [b"", POST + b"Content-Length: 3\r\n\r\none"])
async def test_a_client_that_says_nothing_more_is_let_go(listen: Listen, earlier: bytes) -> None:
    server = await listen(Echo(), limits=Limits(idle_seconds=0.1))

    assert (await send(server, earlier)).endswith(earlier[-3:])


@pytest.mark.parametrize("start_of_request", [b"GET / HT", POST + b"Content-Length: 9\r\n\r\nabc"])
async def test_a_request_that_is_cut_short_is_no_request(listen: Listen, start_of_request: bytes) -> None:
    echo = Echo()

    async with connected(await listen(echo)) as (reader, writer):
        writer.write(start_of_request)
        writer.write_eof()
        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert echo.requests == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:3000", 200),
        ("Code.Example.com:8443", 200),
        ("evil.example", 403),
        ("evil.example:3000", 403),
        ("localhost.evil.example", 403),
        ("", 403),
    ],
)
async def test_a_name_that_is_not_this_machines_is_refused(listen: Listen, host: str, status: int) -> None:
    server = await listen(Echo(), hosts=["code.example.com"])

    answer = await send(server, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"http://localhost:1/a?b", "/a", "b"),
        (b"HTTPS://localhost", "/", ""),
        (b"/a?b?c#d", "/a", "b?c"),
        ("/é".encode(), "/%C3%A9", ""),
    ],
)
async def test_a_target_is_read_as_path_and_query(
    listen: Listen, target: bytes, path: str, query: str
) -> None:
    echo = Echo()

    await send(await listen(echo), b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")

    assert (echo.requests[0].path, echo.requests[0].query) == (path, query)


async def test_a_header_that_is_sent_twice_is_one_value(listen: Listen) -> None:
    echo = Echo()
    twice = b"X: 1\r\nx: 2\r\nCookie: a=1\r\nCookie: b=2\r\n"

    await send(await listen(echo), LAST[:-2] + twice + b"\r\n")

    assert echo.requests[0].headers["x"] == "1,2"
    assert echo.requests[0].headers["cookie"] == "a=1; b=2"


async def test_a_client_that_waits_for_permission_gets_it(listen: Listen) -> None:
    async with connected(await listen(Echo())) as (reader, writer):
        writer.write(POST + b"Content-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        permission = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"body")
        answer = await reader.read()

    assert permission == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.endswith(b"\r\n\r\nbody")
