"""What goes back over a connection: answers, streams, and what a handler does wrong on purpose."""

import asyncio
import re

import pytest
from plain_client import Listen, connected, send

from dev.http import ClientGoneError, Exchange, HTTPServer, Limits

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
CLOSING = GET[:-2] + b"Connection: close\r\n\r\n"


async def page(exchange: Exchange) -> None:
    exchange.send(200, [("Content-Type", "text/plain")], b"a page")


async def stream(exchange: Exchange) -> None:
    exchange.start(200, [], b"one")
    exchange.write(b"")
    exchange.write(b"two")
    exchange.end()


async def test_a_stream_comes_in_chunks_and_leaves_the_connection_open(listen: Listen) -> None:
    answer = await send(await listen(stream), GET + CLOSING)

    assert re.findall(rb"(?i)transfer-encoding: (.+)\r\n", answer) == [b"chunked"] * 2
    assert answer.count(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n") == 2


@pytest.mark.parametrize("connection", [b"", b"Connection: keep-alive\r\n"])
async def test_a_client_without_http_1_1_is_answered_until_the_connection_closes(
    listen: Listen, connection: bytes
) -> None:
    request = b"GET / HTTP/1.0\r\n" + connection + b"\r\n"

    streamed = await send(await listen(stream), request)
    whole = await send(await listen(page), request)

    assert streamed.endswith(b"\r\n\r\nonetwo")
    assert b"transfer-encoding" not in streamed.lower()
    assert whole.endswith(b"\r\n\r\na page")
    assert b"connection: close\r\n" in streamed.lower()
    assert b"connection: close\r\n" in whole.lower()


@pytest.mark.parametrize("handler", [page, stream])
async def test_a_head_has_no_body(listen: Listen, handler: object) -> None:
    answer = await send(await listen(handler), GET.replace(b"GET", b"HEAD") + CLOSING)

    first, _, second = answer.partition(b"\r\n\r\n")
    assert second.startswith(b"HTTP/1.1 200 OK\r\n")
    if handler is page:
        assert b"content-length: 6\r\n" in first


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_content_has_no_length(listen: Listen, status: int) -> None:
    async def nothing(exchange: Exchange) -> None:
        exchange.send(status, [], b"never")

    answer = (await send(await listen(nothing), GET + CLOSING)).lower()

    assert answer.count(b"http/1.1 %d " % status) == 2
    assert not re.search(rb"content-length|transfer-encoding|never", answer)


async def test_a_hang_ends_when_the_client_hangs_up(listen: Listen) -> None:
    ended: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
    begun = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        begun.set()
        try:
            await exchange.hang()
        except ClientGoneError:
            ended.set_result(exchange)
            raise

    async with connected(await listen(handler)) as (_, writer):
        writer.write(GET)
        await begun.wait()
        assert not ended.done()
    async with asyncio.timeout(30):
        exchange = await ended

    assert exchange.disconnected.is_set()
    assert exchange.disconnected_at is not None


async def test_a_client_that_leaves_with_its_whole_answer_has_not_hung_up(listen: Listen) -> None:
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    left = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        exchange.watch()
        exchange.send(200, [], b"whole")
        await left.wait()
        await exchange.drain()
        ended.set_result(exchange.disconnected.is_set())

    async with connected(await listen(handler)) as (reader, writer):
        writer.write(GET)
        await reader.readuntil(b"whole")
    left.set()

    async with asyncio.timeout(30):
        assert not await ended


async def test_a_watched_client_may_send_its_next_request_early(listen: Listen) -> None:
    begun, gone_on = asyncio.Event(), asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        exchange.watch()
        begun.set()
        if exchange.request.path == "/first":
            await gone_on.wait()
        exchange.send(200, [], exchange.request.path.encode())

    async with connected(await listen(handler)) as (reader, writer):
        writer.write(GET.replace(b"/ ", b"/first ", 1))
        await begun.wait()
        writer.write("GET /zweité HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        gone_on.set()
        answer = await reader.read()

    assert re.findall(rb"\r\n\r\n(/\S+?)(?:HTTP|$)", answer) == [b"/first", b"/zweit%C3%A9"]


async def test_a_handler_may_reset_the_connection(listen: Listen) -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.start(200, [], b"half")
        await exchange.drain()
        exchange.reset()

    async with connected(await listen(handler)) as (reader, writer):
        writer.write(GET)
        with pytest.raises(ConnectionResetError):
            await reader.read()


@pytest.mark.parametrize(
    ("sent", "seen"), [(b"no HTTP at all", b"no HTTP at all"), (b"a\r\nhalf a", b"one\r\na\r\nhalf a")]
)
async def test_a_handler_may_send_what_is_no_http(listen: Listen, sent: bytes, seen: bytes) -> None:
    async def handler(exchange: Exchange) -> None:
        if sent.startswith(b"a"):
            exchange.start(200, [], b"one")
        exchange.raw(sent)

    answer = await send(await listen(handler), GET + GET)

    assert answer.endswith(seen)
    assert answer.count(b"half a") <= 1


@pytest.mark.parametrize("begun", [False, True])
async def test_a_handler_may_leave_without_its_answer_or_in_the_middle_of_it(
    listen: Listen, begun: bool
) -> None:
    async def handler(exchange: Exchange) -> None:
        if begun:
            exchange.start(200, [], b"half")

    answer = await send(await listen(handler), GET)

    assert answer.endswith(b"\r\n4\r\nhalf\r\n") if begun else answer == b""


async def test_a_client_that_takes_nothing_is_held_up_for_and_then_dropped(listen: Listen) -> None:
    written = 0
    dropped = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        nonlocal written
        exchange.start(200)
        try:
            for _ in range(500):
                exchange.write(b"x" * 65536)
                written += 1
                await exchange.drain()
        finally:
            dropped.set()

    server = await listen(handler, limits=Limits(buffered_bytes=65536, write_seconds=0.1))
    async with connected(server, limit=1) as (_, writer):
        writer.write(GET)
        await dropped.wait()

    assert written < 500


async def test_what_is_written_to_a_client_that_is_gone_is_thrown_away(listen: Listen) -> None:
    left = asyncio.Event()
    ended = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        exchange.start(200, [], b"first")
        await left.wait()
        for _ in range(100):
            exchange.write(b"x" * 65536)
            await asyncio.sleep(0)
        exchange.end()
        ended.set()

    server = await listen(handler)
    async with connected(server) as (reader, writer):
        writer.write(GET)
        await reader.readuntil(b"first")
    left.set()
    async with asyncio.timeout(30):
        await ended.wait()

    assert await send(await listen(page), CLOSING) != b""


async def test_a_server_that_closes_breaks_off_what_is_open() -> None:
    async def handler(exchange: Exchange) -> None:
        exchange.start(200, [], b"half")
        await exchange.hang()

    server = HTTPServer(handler)
    await server.start()
    async with connected(server) as (reader, writer), connected(server) as (idle_reader, _):
        writer.write(GET)
        await reader.readuntil(b"half")
        assert server.open_connections == 2
        await server.close()
        assert await idle_reader.read() == b""
        assert await reader.read() == b"\r\n"

    assert server.open_connections == 0
    await server.close()
    with pytest.raises(OSError, match=r"refused|Connect"):
        await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
