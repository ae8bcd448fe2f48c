"""The transport reads every answer as the SDK's own does: the same bytes, or the same kind of failure."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import httpx2
import pytest

from chat.agent.model.network import AsyncioTransport

LIMITS = httpx2.Limits(max_connections=10, max_keepalive_connections=5, keepalive_expiry=60)
HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
CLOSED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
TWO = b"6\r\nHello \r\n5\r\nworld\r\n"
LAST = b"0\r\n\r\n"
ANSWERS = {
    "plain chunks": HEAD + TWO + LAST,
    "nothing but the last chunk": HEAD + LAST,
    "sizes in any spelling": HEAD + b"00b\r\nHello world\r\nA\r\n0123456789\r\n" + b"00000\r\n\r\n",
    "line ends in the chunks": HEAD + b"a\r\n0\r\n\r\nab\r\n\n\r\n" + LAST,
    "an extension": HEAD + b"6\r\nHello \r\n5;name=value\r\nworld\r\n3\r\nend\r\n" + LAST,
    "trailers": HEAD + TWO + b"0\r\nexpires: never\r\n\r\n",
    "a head with other line ends": HEAD.replace(b"\r\n", b"\n") + TWO + LAST,
    "another head before it": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + TWO + LAST,
    "a length": b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nHello world",
    "another status": HEAD.replace(b"200 OK", b"529 Busy") + TWO + LAST,
    "no body": b"HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n",
    "the end of the connection as its end": b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nHello",
    "a size that is none": HEAD + TWO + b"xyz\r\nHello\r\n" + LAST,
    "a size with a sign": HEAD + TWO + b"+5\r\nHello\r\n" + LAST,
    "a size with an underscore": HEAD + TWO + b"1_0\r\n0123456789abcdef\r\n" + LAST,
    "a size without end": HEAD + TWO + b"1" * 30 + b"\r\n" + LAST,
    "a chunk longer than it says": HEAD + TWO + b"3\r\nHello\r\n" + LAST,
    "an end in the head": HEAD[:30],
    "an end in a size": CLOSED + TWO + b"5",
    "an end in a chunk": CLOSED + TWO + b"5\r\nHel",
    "an end behind a chunk": CLOSED + TWO + b"5\r\nHello",
    "an end before the last chunk": CLOSED + TWO,
    "an end in the last chunk": CLOSED + TWO + b"0\r\n",
    "more than the end": CLOSED + TWO + LAST + b"HTTP/1.1 200 OK\r\n\r\n",
}
PASSES = 4
"""So often the loop goes round between two pieces: the reader has taken the first when the second comes."""
Heard = tuple[bytes, type[Exception] | None]


class Wire:
    """A server that answers every request with `pieces`, one write each, and hangs up unless it `stays`."""

    def __init__(self, *, stays: bool = False) -> None:
        self.pieces: Sequence[bytes] = []
        self.url = ""
        self._stays = stays
        self._open: set[asyncio.Task[None]] = set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n{}")
                for piece in self.pieces:
                    writer.write(piece)
                    await writer.drain()
                    for _ in range(PASSES):
                        await asyncio.sleep(0)
                if not self._stays:
                    break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        async with await asyncio.start_server(self.connected, "127.0.0.1", 0) as server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            yield
            await asyncio.gather(*self._open)


async def heard(client: httpx2.AsyncClient, url: str) -> Heard:
    """What comes of an answer, and how it fails where it does."""
    found = b""
    try:
        async with client.stream("POST", url, content=b"{}") as response:
            async for part in response.aiter_bytes():
                found += part
    except httpx2.HTTPError as error:
        return found, type(error)
    return found, None


async def assert_the_same(*answers: Sequence[bytes]) -> Heard:
    """Reads answers, in these pieces, in both ways; gives what was heard of the last."""
    wire, ours = Wire(), (b"", None)
    async with (
        asyncio.timeout(60),
        wire.listening(),
        httpx2.AsyncClient(transport=AsyncioTransport(LIMITS), timeout=None) as product,
        httpx2.AsyncClient(timeout=None) as standard,
    ):
        for wire.pieces in answers:
            ours = await heard(product, wire.url)

            assert ours == await heard(standard, wire.url), wire.pieces
    return ours


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_read_as_the_sdk_reads_it_wherever_it_is_cut_into_packets(name: str):
    answer = ANSWERS[name]
    cuts = [[answer[:at], answer[at:]] for at in range(1, len(answer))]

    await assert_the_same([answer], [answer[at : at + 1] for at in range(len(answer))], *cuts)


async def test_what_was_heard_is_what_was_sent():
    assert await assert_the_same([ANSWERS["plain chunks"]]) == (b"Hello world", None)
    assert await assert_the_same([ANSWERS["an end in a chunk"]]) == (
        b"Hello worldHel",
        httpx2.RemoteProtocolError,
    )


@pytest.mark.parametrize("size", [65_536, 0xFFFFF, 0x100000, 3_000_000])
async def test_a_long_chunk_comes_whole(size: int):
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    found, error = await assert_the_same([HEAD + b"%x\r\n" % size + content + b"\r\n" + LAST])

    assert (found == content, error) == (True, None)


async def test_a_connection_serves_one_answer_after_the_other():
    wire = Wire(stays=True)
    wire.pieces = [HEAD + TWO, LAST]
    transport = AsyncioTransport(LIMITS)
    async with wire.listening(), httpx2.AsyncClient(transport=transport, timeout=None) as client:
        answers = [await client.post(wire.url, content=b"{}") for _ in range(3)]
        ports = {answer.extensions["network_stream"].get_extra_info("client_addr") for answer in answers}

    assert [answer.content for answer in answers] == [b"Hello world"] * 3
    assert len(ports) == 1


@pytest.mark.parametrize("name", ["a size that is none", "a size without end", "a chunk longer than it says"])
async def test_nonsense_is_noticed_though_the_connection_stays(name: str):
    wire, transport = Wire(stays=True), AsyncioTransport(LIMITS)
    wire.pieces = [ANSWERS[name]]
    async with wire.listening(), httpx2.AsyncClient(transport=transport, timeout=None) as client:
        async with asyncio.timeout(30):
            content, error = await heard(client, wire.url)

    assert content.startswith(b"Hello world")
    assert error is httpx2.RemoteProtocolError


async def test_a_time_limit_for_reading_holds():
    wire = Wire(stays=True)
    wire.pieces = [HEAD + TWO]
    transport = AsyncioTransport(LIMITS)
    async with wire.listening(), httpx2.AsyncClient(transport=transport, timeout=0.2) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post(wire.url, content=b"{}")


async def test_a_chunk_is_passed_on_before_the_next_one_comes():
    wire = Wire(stays=True)
    wire.pieces = [HEAD + b"6\r\nHello \r\n5\r\nwor"]
    parts: list[bytes] = []
    async with (
        asyncio.timeout(30),
        wire.listening(),
        httpx2.AsyncClient(transport=AsyncioTransport(LIMITS), timeout=None) as client,
        client.stream("POST", wire.url, content=b"{}") as response,
        contextlib.aclosing(response.aiter_bytes()) as coming,
    ):
        async for part in coming:
            parts.append(part)
            break

    assert parts == [b"Hello "]
