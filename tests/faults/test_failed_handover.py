"""A hand-over that Lambda refuses, delivers twice, or never confirms: the turn goes on, and once."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from crash_world import FaultWorld, a_fault_world, a_session, assert_history, assert_nothing_refused, joined

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import Event, assert_well_formed, session_of, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

Fate = Literal["refused", "throttled once", "twice", "unconfirmed"]
LONG = 120.0
STEPS = 12
THROTTLED = b'{"message":"Rate Exceeded.","Type":"User"}'


class InvokeApi:
    """The way from the functions to the Invoke API, with a fate for each vendor's hand-overs."""

    def __init__(self) -> None:
        self.url = ""
        self.behind = ""
        self.fates: dict[str, Fate] = {}
        self.asked: dict[str, int] = {}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection with one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:-1])
            body = await reader.readexactly(int(lines[b"content-length"]))
            vendor = json.loads(body)["handover"]["vendor"]
            self.asked[vendor] = self.asked.get(vendor, 0) + 1
            writer.write(await self._fate(self.fates[vendor], self.asked[vendor], head + body))
        finally:
            writer.close()

    async def _fate(self, fate: Fate, number: int, request: bytes) -> bytes:
        if fate == "refused" or (fate == "throttled once" and number == 1):
            length = f"Content-Length: {len(THROTTLED)}\r\n".encode()
            kind = b"x-amzn-ErrorType: TooManyRequestsException\r\nConnection: close\r\n"
            return b"HTTP/1.1 429 Too Many Requests\r\n" + kind + length + b"\r\n" + THROTTLED
        answer = await self._passed_on(request)
        if fate == "twice":
            await self._passed_on(request)
        return b"" if fate == "unconfirmed" else answer

    async def _passed_on(self, request: bytes) -> bytes:
        there = urlsplit(self.behind)
        reader, writer = await asyncio.open_connection(there.hostname, there.port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return head


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api() -> AsyncGenerator[InvokeApi]:
    """The way to the Invoke API."""
    api = InvokeApi()
    server = await asyncio.start_server(api.answer, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield api
    server.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def short_lived(api: InvokeApi, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FaultWorld]:
    """A product whose chat function may run for twelve seconds, with a lease that no test waits for."""
    async with _short_lived(tmp_path_factory.mktemp("failed"), api) as world:
        api.behind = world.stack.server.invoke_url
        yield world


@asynccontextmanager
async def _short_lived(folder: Path, api: InvokeApi) -> AsyncGenerator[FaultWorld]:
    own = {"AWS_ENDPOINT_URL_LAMBDA": api.url, "TURN_LEASE_SECONDS": "300"}
    async with a_fault_world(folder, FUNCTION_TIMEOUT_SECONDS="12", **own) as world:
        vendor = await world.vendor()
        await asyncio.gather(*(a_session(vendor) for _ in range(3)))
        yield world


async def test_a_turn_goes_on_whatever_becomes_of_its_hand_over(api: InvokeApi, short_lived: FaultWorld):
    fates: list[Fate] = ["refused", "throttled once", "twice", "unconfirmed"]
    async with asyncio.timeout(LONG):
        await asyncio.gather(*(_a_turn(api, short_lived, fate) for fate in fates))
    assert_nothing_refused(short_lived)


async def _a_turn(api: InvokeApi, world: FaultWorld, fate: Fate) -> None:
    vendor = await world.vendor()
    api.fates[vendor.name] = fate
    steps = [
        Reply(Text(f"Step {n}. "), ToolUse("create_file", {"path": f"{n}.txt", "content": "x"}), delay=0.8)
        for n in range(STEPS)
    ]
    message = vendor.says(*steps, Reply(Text("The end.")))
    async with vendor.post(message) as stream:
        page = await stream.rest()
    assert page[-1].type == "turn_handover", fate
    if fate == "refused":
        # Its lease is still long: it was given up.
        await vendor.until_status(session_of(page), "interrupted")
    # Of an unconfirmed one the owner cannot know whether it will be followed.
    page = await _to_its_end(vendor, page, take_up=fate in ("refused", "unconfirmed"))

    assert_well_formed(page)
    assert page[-1].type == "message_complete", fate
    whole = await vendor.missed(session_of(page), "1-0")
    assert_well_formed(whole)
    assert [e.id for e in whole] == [e.id for e in page]
    assert texts(whole) == texts(page)
    assert texts(page).endswith("The end.")
    await assert_history(vendor, session_of(page), [message])
    if fate != "twice":
        assert api.asked[vendor.name] > 1, "it was tried again"


async def _to_its_end(vendor: Vendor, page: list[Event], *, take_up: bool) -> list[Event]:
    while page[-1].type != "message_complete":
        query = {"continue": "1"} if take_up else {}
        async with vendor.resume(session_of(page), page[-1].id, **query) as stream:
            assert stream.response.status_code == 200
            page = joined(page, await stream.rest())
    return page
