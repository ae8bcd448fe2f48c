"""What a turn costs at the session store: round trips, and commands as Upstash bills them.

A turn of sixty seconds: three steps, each two seconds of silence and eighteen of text at sixty deltas a
second, two of them with a tool that changes a file. In virtual time, so the flushes come as in real life.
"""

import asyncio
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sim_store import Process
from sim_world import VENDOR, World
from test_readers_end import a_running_turn
from virtual_time import VirtualTimeLoop

from aicode import sse
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.history.records import ApiBlock
from chat.agent.model.interface import Answer, AnswerListener, Model, Request, ToolCall
from chat.event_reader import EventReader, LastEvent
from dev.upstash.valkey import EmbeddedValkey

STEPS, SILENCE, SECONDS, RATE = 3, 2.0, 18, 60


class SteadyModel:
    """Always the same turn; `writes_code` lets each turn make files of its own, which are checked."""

    def __init__(self, *, writes_code: bool) -> None:
        self.steps = 0
        self._writes_code = writes_code

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One step."""
        self.steps += 1
        await asyncio.sleep(SILENCE)
        for _ in range(SECONDS * RATE):
            listener.text("word ")
            await asyncio.sleep(1 / RATE)
        content: list[ApiBlock] = [{"type": "text", "text": "word " * SECONDS * RATE}]
        if self.steps == STEPS:
            return Answer(content=content, stop_reason="end_turn", model="claude-sonnet-5-5")
        messages: Any = request["messages"]
        path = f"{len(messages)}.ts" if self._writes_code else f"{self.steps}.txt"
        given: dict[str, object] = {"path": path, "content": "x"}
        call = ToolCall(f"toolu_{self.steps}", "create_file", given)
        listener.tool_start(call.id, call.name)
        content.append({"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments})
        return Answer(content=content, stop_reason="tool_use", model="claude-sonnet-5-5", calls=[call])


class SteadyWorld(World):
    """Nothing fails here."""

    writes_code = False

    def model(self, process: Process) -> Model:
        """The model of the measured turn."""
        return SteadyModel(writes_code=self.writes_code)


class Measured:
    """A turn of a session that had one before, and what it took."""

    def __init__(self, folder: Path, valkey: EmbeddedValkey, *, writes_code: bool = False) -> None:
        self.valkey = valkey
        self._writes_code = writes_code
        self.loop = VirtualTimeLoop()
        self.files = SqliteFileStore(folder / "files.sqlite")
        self.sent: Counter[str] = Counter()
        self.billed = 0
        self.seconds = 0.0
        self.polls = 0
        self.loop.run_until_complete(self._run())
        self.files.close()
        self.loop.close()

    async def _run(self) -> None:
        app = await self.files.create_app(VENDOR, "App")
        # The file store is quick with this seed, so that the turn takes a minute and no more.
        world = SteadyWorld(9, self.valkey, self.files, app["appId"])
        world.writes_code = self._writes_code
        world.limit = 900.0
        world.network.unreliable = False
        world.patience = [10_000]
        await world.converse("First")
        world.network.sent.clear()
        began, billed = self.loop.time(), self.valkey.commands_run()
        await world.converse("Second")
        self.seconds = self.loop.time() - began
        self.billed = self.valkey.commands_run() - billed
        self.sent = Counter(world.network.sent)
        turn = asyncio.ensure_future(world.converse("Third"))
        await asyncio.sleep(10)
        await self._read_along(world)
        await turn

    async def _read_along(self, world: World) -> None:
        """What a reader who follows for ten seconds adds, by the round trips it makes."""
        sessions = world.sessions(Process())
        reader = EventReader(sessions, VENDOR, str(world.sid))
        world.network.sent.clear()
        first = await reader.first(LastEvent(3, 0))
        assert world.network.sent == ["pipeline"]
        assert first is not None
        following = asyncio.create_task(_take_all(reader, first))
        await asyncio.sleep(10)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        # Of these the writer's own flushes are at most forty.
        self.polls = len(world.network.sent) - 1 - 40


async def _take_all(reader: EventReader, first: bytes) -> None:
    async for _ in reader.follow(first, lambda: 1000.0):
        pass


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, valkey: EmbeddedValkey) -> Measured:
    """The turn, run once."""
    return Measured(tmp_path_factory.mktemp("cost"), valkey)


def test_a_turn_takes_one_round_trip_to_begin_two_a_step_with_tools_and_one_to_end(measured: Measured):
    flushes = measured.sent.pop("pipeline")

    assert measured.sent == {
        "Admits a message and opens its turn, or says why not": 1,
        "Records part of a turn": 2 * (STEPS - 1),
        "Ends a turn": 1,
    }
    assert flushes <= measured.seconds * 4


def test_a_turn_that_is_checked_takes_one_round_trip_more(tmp_path: Path, valkey: EmbeddedValkey):
    measured = Measured(tmp_path, valkey, writes_code=True)

    assert measured.sent["Records part of a turn"] == 2 * (STEPS - 1) + 1
    assert measured.sent["Ends a turn"] == 1


def test_a_turn_of_a_minute_is_billed_at_most_550_commands(measured: Measured):
    assert 59 < measured.seconds < 63
    assert measured.billed <= 550, (measured.billed, measured.sent)


def test_a_reader_polls_five_times_a_second_while_events_flow(measured: Measured):
    assert 40 <= measured.polls <= 55


async def test_a_poll_is_billed_two_commands(tmp_path: Path, valkey: EmbeddedValkey):
    files = SqliteFileStore(tmp_path / "files.sqlite")
    app = await files.create_app(VENDOR, "App")
    world = World(0, valkey, files, app["appId"])
    world.network.unreliable = False
    await world.converse("Hi")
    before = valkey.commands_run()

    await EventReader(world.sessions(Process()), VENDOR, str(world.sid)).first(LastEvent(1, 1))

    assert valkey.commands_run() - before == 2
    files.close()


async def test_a_reader_takes_one_round_trip_and_six_commands_to_attach_and_one_to_leave(
    tmp_path: Path, valkey: EmbeddedValkey
):
    async with a_running_turn(tmp_path, valkey) as (world, sessions, sid):
        reader, billed = EventReader(sessions, VENDOR, sid), [valkey.commands_run()]
        world.network.sent.clear()

        await reader.attach(LastEvent(1, 0))
        billed.append(valkey.commands_run())
        stream = reader.follow(sse.KEEP_ALIVE, lambda: 900.0)
        await anext(stream)
        await stream.aclose()
        billed.append(valkey.commands_run())

    assert world.network.sent == ["Attaches a reader", "ZREM"]
    assert [after - before for before, after in pairwise(billed)] == [6, 1]


async def test_what_needs_no_live_stream_is_billed_three_commands(tmp_path: Path, valkey: EmbeddedValkey):
    files = SqliteFileStore(tmp_path / "files.sqlite")
    app = await files.create_app(VENDOR, "App")
    world = World(0, valkey, files, app["appId"])
    world.network.unreliable = False
    await world.converse("Hi")
    before = valkey.commands_run()

    await EventReader(world.sessions(Process()), VENDOR, str(world.sid)).attach(LastEvent(1, 1))

    assert valkey.commands_run() - before == 3
    files.close()
