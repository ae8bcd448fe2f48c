"""Readers of a turn: each gets every event once and in order, from wherever it left and whenever it comes."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest
from turn_world import VENDOR, World

from aicode import sse
from aicode.errors import NotFound
from aicode.history.records import EndRecord, Record
from aicode.history.usage import no_usage
from aicode.session_manager.admission import OwnedTurn
from aicode.session_manager.reader import EVENT_PAGE
from aicode.session_manager.turn_writer import Batch
from chat.agent.turn.takeover import close_abandoned
from chat.event_reader import EventReader, LastEvent
from tests.observing import Operators
from tests.waiting import PATIENCE, until

EVENTS = 400


class Turn:
    """A turn that a test writes by hand."""

    def __init__(self, world: World, begun: OwnedTurn) -> None:
        self.world = world
        self.writer = begun.writer
        self.sid = begun.writer.sid
        self.seq = 0

    async def write(self, count: int, kind: str = "text_delta") -> None:
        """So many events in one entry of the log."""
        frames = b"".join(self._frame(kind) for _ in range(count))
        await self.writer.flush(self.world.clock, frames, self.seq)

    async def end(self, *records: Record, state: str = "idle") -> None:
        now = self.world.clock
        frame = self._frame("message_complete")
        end: EndRecord = {
            "kind": "end",
            "event": "message_complete",
            "data": {"turnId": self.writer.turn},
            "at": now,
        }
        batch = Batch(frames=frame, last_seq=self.seq, records=[*records, end])
        await self.writer.end(now, batch, state)

    def reader(self) -> EventReader:
        return EventReader(self.world.sessions, VENDOR, self.sid)

    async def missed(self, place: LastEvent | None) -> list[int] | None:
        """The numbers of the events that a reader is sent at once; None for nothing to stream."""
        frames = await self.reader().first(place)
        return None if frames is None else numbers(frames)

    def _frame(self, kind: str) -> bytes:
        self.seq += 1
        return sse.frame(self.writer.turn, self.seq, kind, {"text": f"{self.seq}\n\n"}, 1)


def numbers(frames: bytes) -> list[int]:
    found = [frame for frame in frames.decode().split("\n\n")[:-1] if not frame.startswith(":")]
    return [int(frame.partition("\n")[0].rpartition("-")[2]) for frame in found]


def kinds(frames: bytes) -> list[str]:
    return [frame.partition('"type":"')[2].partition('"')[0] for frame in frames.decode().split("\n\n")[:-1]]


async def followed(turn: Turn, place: LastEvent | None) -> list[int]:
    """All that a reader gets until its stream ends."""
    return numbers(await _collect(*await opened(turn, place)))


async def opened(turn: Turn, place: LastEvent | None) -> tuple[EventReader, bytes]:
    """A reader of the turn, and what it is sent at once."""
    reader = turn.reader()
    first = await reader.first(place)
    assert first is not None
    return reader, first


@pytest.fixture
async def turn(world: World) -> Turn:
    return Turn(world, await world.begin())


async def written(turn: Turn, sizes: Sequence[int]) -> None:
    for size in sizes:
        await turn.write(size)


async def test_a_reader_gets_what_it_missed_from_any_place(turn: Turn):
    chance = random.Random(1)  # noqa: S311 - a seed makes the test repeatable
    sizes = [chance.randrange(1, 14) for _ in range(45)]
    await written(turn, [*sizes, EVENTS - sum(sizes)])

    for start in range(EVENTS + 1):
        assert await turn.missed(LastEvent(1, start)) == list(range(start + 1, EVENTS + 1))


async def test_a_log_of_many_pages_is_read_to_its_end(turn: Turn):
    await written(turn, [1] * (2 * EVENT_PAGE + 10))
    whole = list(range(1, 2 * EVENT_PAGE + 11))

    for start in (0, 1, EVENT_PAGE - 1, EVENT_PAGE, EVENT_PAGE + 1, 2 * EVENT_PAGE, 2 * EVENT_PAGE + 9):
        assert await turn.missed(LastEvent(1, start)) == whole[start:]


async def test_entries_that_overlap_are_told_once(turn: Turn):
    await turn.write(5)
    again = b"".join(sse.frame(1, seq, "text_delta", {"text": "x"}, 1) for seq in range(1, 9))
    await turn.writer.flush(turn.world.clock, again, 8)

    for start in range(9):
        assert await turn.missed(LastEvent(1, start)) == list(range(start + 1, 9))


async def test_readers_that_join_while_the_turn_is_written_all_get_all_of_it(turn: Turn):
    chance = random.Random(2)  # noqa: S311 - a seed makes the test repeatable

    async def write() -> None:
        for _ in range(60):
            await turn.write(chance.randrange(1, 12))
            await asyncio.sleep(0.005)  # the pace of a turn, so that readers join in its middle
        await turn.end()

    async def join(written_before: int) -> tuple[int, list[int]]:
        await until(lambda: turn.seq >= written_before)
        start = chance.randrange(0, turn.seq + 1)
        return start, await followed(turn, LastEvent(1, start))

    # No more than one event loop serves in time, however little of the machine it gets.
    readers = [asyncio.create_task(join(chance.randrange(0, 200))) for _ in range(5)]
    await write()

    for start, events in await asyncio.gather(*readers):
        assert events == list(range(start + 1, turn.seq + 1))


async def test_without_a_place_the_running_turn_comes_from_its_beginning(turn: Turn):
    await turn.write(3)

    assert await turn.missed(None) == [1, 2, 3]


async def test_a_turn_that_runs_and_has_nothing_new_is_waited_for(turn: Turn):
    await turn.write(3)
    reader = turn.reader()

    first = await reader.first(LastEvent(1, 3))
    await turn.write(1)
    await turn.end()

    assert first == b""
    assert numbers(b"".join([chunk async for chunk in reader.follow(first, lambda: 900.0)])) == [4, 5]


async def test_a_finished_turn_is_over_for_who_has_all_of_it_or_nothing(turn: Turn):
    await turn.write(3)
    await turn.end()

    assert await turn.missed(LastEvent(1, 4)) is None
    assert await turn.missed(None) is None
    assert await turn.missed(LastEvent(1, 2)) == [3, 4]


async def test_a_place_in_an_earlier_or_unknown_turn_gets_the_whole_latest_one(turn: Turn):
    await turn.write(2)
    await turn.end()
    second = Turn(turn.world, await turn.world.begin(sid=turn.sid))
    await second.write(3)

    assert await second.missed(LastEvent(1, 3)) == [1, 2, 3]
    assert await second.missed(LastEvent(9, 9)) == [1, 2, 3]
    await second.end()
    assert await second.missed(LastEvent(1, 3)) == [1, 2, 3, 4]


async def test_once_its_log_is_gone_a_finished_turn_is_told_from_its_history(turn: Turn):
    answer: Record = {
        "kind": "step",
        "step": 1,
        "content": [{"type": "text", "text": "Hello."}],
        "stopReason": "end_turn",
        "model": "claude-test",
        "usage": no_usage(),
        "at": 5,
    }
    await turn.write(30)
    await turn.end(answer)
    await turn.world.forget_events(turn.sid)

    frames = await turn.reader().first(LastEvent(1, 7))

    assert frames is not None
    assert numbers(frames) == [1, 2, 3, 4]
    assert kinds(frames) == ["connection_established", "text_delta", "step_complete", "message_complete"]
    assert await turn.missed(LastEvent(1, 31)) is None, "the last id of the log"
    assert await turn.missed(LastEvent(1, 4)) is None, "the last id of the replay"
    assert await turn.missed(LastEvent(1, 3)) == [1, 2, 3, 4]
    assert await turn.missed(None) is None


async def test_a_turn_that_lost_its_owner_ends_the_stream_without_an_end(turn: Turn):
    await turn.write(3)
    turn.world.clock += 31_000

    assert await followed(turn, LastEvent(1, 1)) == [2, 3]


async def test_a_session_that_is_deleted_ends_the_stream_as_stopped(turn: Turn):
    await turn.write(3)
    reader, first = await opened(turn, LastEvent(1, 1))

    await turn.world.sessions.delete(VENDOR, turn.sid)
    rest = await _collect(reader, first)

    assert numbers(rest) == [2, 3, 4]
    assert kinds(rest)[-1] == "turn_cancelled"
    with pytest.raises(NotFound):
        await turn.missed(None)


async def test_a_reader_that_has_the_end_of_a_turn_gets_no_other_when_its_session_is_deleted(turn: Turn):
    await turn.write(1)
    reader, first = await opened(turn, None)
    # The end as it is read between the turn's state and its events, which are not one transaction.
    await turn.write(1, "turn_cancelled")
    stream = reader.follow(first, lambda: 900.0)
    async with asyncio.timeout(30):
        seen = [await anext(stream), await anext(stream)]
        await turn.world.sessions.delete(VENDOR, turn.sid)
        seen += [chunk async for chunk in stream]

    assert kinds(b"".join(seen)) == ["text_delta", "turn_cancelled"]


async def test_nobody_reads_another_vendors_turn(turn: Turn):
    await turn.write(3)

    with pytest.raises(NotFound):
        await EventReader(turn.world.sessions, "mallory", turn.sid).first(None)


async def test_a_reader_that_missed_how_a_turn_ended_is_told_before_the_next_one(turn: Turn):
    await turn.write(3)
    reader, first = await opened(turn, LastEvent(1, 0))
    await turn.end()
    second = Turn(turn.world, await turn.world.begin(sid=turn.sid))
    await second.write(2)
    await second.end()

    rest = await _collect(reader, first)

    # Its log went when the next turn began, so it is told anew, from its history.
    assert numbers(rest) == [1, 2, 3, 1, 2, 1, 2, 3]
    assert kinds(rest)[3:5] == ["connection_established", "message_complete"]


async def test_a_reader_that_knows_how_a_turn_ended_moves_on_to_the_next_one(turn: Turn):
    await turn.write(2)
    # The end is in the log; that the turn is over, the reader has not seen yet.
    await turn.write(1, "message_complete")
    reader, first = await opened(turn, LastEvent(1, 0))
    await turn.end()
    second = Turn(turn.world, await turn.world.begin(sid=turn.sid))
    await second.write(2)
    await second.end()

    rest = await _collect(reader, first)

    assert numbers(rest) == [1, 2, 3, 1, 2, 3]


async def test_a_store_that_is_away_for_a_moment_costs_a_reader_nothing(turn: Turn):
    await turn.write(2)
    reader, first = await opened(turn, LastEvent(1, 0))
    async with away(turn.world):
        following = asyncio.create_task(_collect(reader, first))
        assert turn.world.redis.faults is not None
        fault = turn.world.redis.faults.active[0]
        await until(lambda: fault.struck >= 2)
    await turn.write(1)
    await turn.end()

    assert numbers(await following) == [1, 2, 3, 4]


async def test_what_was_read_of_a_long_log_is_told_when_the_store_goes_away_in_the_middle(turn: Turn):
    await turn.write(1)
    reader, first = await opened(turn, None)
    await written(turn, [1] * (EVENT_PAGE + 10))
    assert turn.world.redis.faults is not None
    fault = turn.world.redis.faults.add("bad_gateway", containing="XRANGE", skip=1, times=2)
    following = asyncio.create_task(_collect(reader, first))
    await until(lambda: fault.struck >= 2)
    await turn.end()

    assert numbers(await following) == list(range(1, EVENT_PAGE + 13))


async def test_who_has_what_a_dead_owner_never_stored_gets_the_whole_turn_once_it_is_taken_up(turn: Turn):
    first, rest = await read_while_taken_up(turn, LastEvent(1, 5))
    assert first == b""
    assert numbers(rest) == [1, 2, 3, 4, 5, 6, 7]


async def test_who_has_only_what_is_stored_reads_on_when_a_turn_is_taken_up(turn: Turn):
    _, rest = await read_while_taken_up(turn, LastEvent(1, 2))
    assert numbers(rest) == [3, 4, 5, 6, 7]


async def read_while_taken_up(turn: Turn, place: LastEvent) -> tuple[bytes, bytes]:
    """What a reader gets, at first and in all, of a turn that another owner takes over."""
    world = turn.world
    await turn.write(3)
    reader, first = await opened(turn, place)
    world.clock += 31_000

    claimed = await world.sessions.claim(VENDOR, turn.sid)
    assert claimed is not None
    turn.writer, _ = claimed
    await turn.write(3)
    await turn.end()

    return first, await _collect(reader, first)


async def test_a_turn_that_died_before_its_first_flush_is_told_from_its_first_event(turn: Turn):
    world = turn.world
    reader = turn.reader()
    assert await reader.first(None) == b""
    world.clock += 60_000

    await close_abandoned(
        world.sessions, world.store, VENDOR, turn.sid, lambda model: f"{model} (demo)", Operators().observer()
    )

    told = await _collect(reader, b"")
    assert kinds(told) == ["connection_established", "error"]
    assert numbers(told) == [1, 2]
    assert b" (demo)" in told


async def test_a_reader_leaves_before_its_function_must(turn: Turn):
    await turn.write(2)
    reader, first = await opened(turn, None)

    assert numbers(b"".join([chunk async for chunk in reader.follow(first, lambda: 3.0)])) == [1, 2]


async def _collect(reader: EventReader, first: bytes) -> bytes:
    async with asyncio.timeout(PATIENCE):
        return b"".join([chunk async for chunk in reader.follow(first, lambda: 900.0)])


@asynccontextmanager
async def away(world: World) -> AsyncGenerator[None]:
    assert world.redis.faults is not None
    world.redis.faults.add("drop_request")
    yield
    world.redis.faults.clear()
