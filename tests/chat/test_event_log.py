"""A turn's events: numbered without gaps, live at once, in the store in batches, whatever the store does."""

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from aicode import sse
from aicode.errors import FencedError, StoreUnavailable
from aicode.session_manager.turn_writer import Batch, Signals, TurnWriter
from chat.client_buffer import BUFFER_LIMIT, ClientBuffer
from chat.event_log import FLUSH_BYTES, REQUEST_BYTES, EventLog
from chat.stop import is_stopped_first
from tests.waiting import until


@dataclass
class Writer:
    """A store of one turn's events; `before` is awaited in front of every write and may refuse it."""

    turn: int = 7
    entries: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    batches: list[Batch] = field(default_factory=list[Batch])
    writes: list[str] = field(default_factory=list[str])
    cancelled: bool = False
    before: Callable[[str], Awaitable[None]] | None = None
    under_way: int = 0
    most_under_way: int = 0

    async def flush(self, now: int, frames: bytes, last_seq: int) -> Signals:
        await self._write("flush", frames, last_seq)
        return Signals(cancelled=self.cancelled)

    async def checkpoint(self, now: int, batch: Batch) -> Signals:
        await self._write("checkpoint", batch.frames, batch.last_seq)
        self.batches.append(batch)
        return Signals(cancelled=self.cancelled)

    async def end(self, now: int, batch: Batch, state: str, *, unless_cancelled: bool = False) -> bool:
        if unless_cancelled and self.cancelled:
            return False
        await self._write("end", batch.frames, batch.last_seq)
        self.batches.append(batch)
        return True

    async def _write(self, kind: str, frames: bytes, last_seq: int) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.before is not None:
                await self.before(kind)
            self.writes.append(kind)
            if frames:
                self.entries.append((last_seq, frames))
        finally:
            self.under_way -= 1

    def stored(self) -> list[tuple[int, str]]:
        """What a reader of the store gets."""
        return [event for _, frames in self.entries for event in parsed(frames)]


class World:
    def __init__(self, *, heartbeat: float = 60) -> None:
        self.writer = Writer()
        self.live = ClientBuffer(heartbeat=heartbeat)
        self.log = EventLog(cast("TurnWriter", self.writer), self.live, lambda: 1)

    async def shown(self) -> list[tuple[int, str]]:
        """What the browser got, once the log is closed."""
        self.live.close()
        return parsed(b"".join([chunk async for chunk in self.live.chunks()]))


def parsed(frames: bytes) -> list[tuple[int, str]]:
    """`(seq, text or type)` of each frame; keep-alives are passed over."""
    found: list[tuple[int, str]] = []
    for frame in frames.split(b"\n\n")[:-1]:
        if frame.startswith(b":"):
            continue
        event_id, _, line = frame.partition(b"\n")
        event: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
        found.append((int(event_id.rpartition(b"-")[2]), str(event["data"].get("text", event["type"]))))
    return found


def numbered(*texts: str) -> list[tuple[int, str]]:
    return list(enumerate(texts, start=1))


async def refuse(_: str) -> None:
    raise StoreUnavailable("The store does not answer.")


async def test_events_go_to_the_browser_before_any_write():
    world = World()

    world.log.emit("notice", {"text": "one"})
    world.log.emit_delta("text_delta", "two")

    assert await world.shown() == numbered("one", "two")
    assert world.writer.writes == []


async def test_a_log_goes_on_behind_the_last_number_of_another_owner():
    world = World()
    log = EventLog(cast("TurnWriter", world.writer), world.live, lambda: 1, last_seq=41)

    log.emit_delta("text_delta", "on")

    assert await world.shown() == [(42, "on")]


async def test_a_flush_takes_all_that_has_come_in_one_write():
    world = World()
    for n in range(10):
        world.log.emit_delta("text_delta", str(n))

    await world.log.flush()
    await world.log.flush()

    assert [last_seq for last_seq, _ in world.writer.entries] == [10]
    assert world.writer.stored() == numbered(*map(str, range(10)))
    assert world.writer.writes == ["flush", "flush"]


async def test_much_text_is_flushed_without_waiting_and_little_soon():
    world = World()
    flushing = world.log.flushing()
    world.log.emit_delta("text_delta", "x" * FLUSH_BYTES)
    await until(lambda: len(world.writer.entries) == 1)

    world.log.emit_delta("text_delta", "y")
    await until(lambda: len(world.writer.entries) == 2)

    await stop(flushing)


async def test_the_wish_to_stop_comes_back_with_a_flush():
    world = World()
    world.writer.cancelled = True
    forever = asyncio.create_task(asyncio.Event().wait())

    async with asyncio.timeout(30):
        assert await is_stopped_first(forever, world.log)

    assert world.log.flushing().result() is None
    await stop(forever)


async def test_a_writer_that_was_replaced_ends_the_flushing():
    world = World()

    async def fenced(_: str) -> None:
        raise FencedError

    world.writer.before = fenced

    with pytest.raises(FencedError):
        await asyncio.wait_for(world.log.flushing(), 30)


async def test_what_came_while_the_store_was_away_is_written_in_requests_that_it_takes():
    world = World()
    long = "x" * (REQUEST_BYTES * 2)
    for text in [*("y" * 1_000 for _ in range(250)), long, "z"]:
        world.log.emit_delta("text_delta", text)

    await world.log.flush()

    sizes = [len(frames) for _, frames in world.writer.entries]
    assert [size for size in sizes if size > REQUEST_BYTES] == [max(sizes)]
    assert len(sizes) <= 6
    assert world.writer.stored() == await world.shown()


async def test_a_checkpoint_takes_no_more_events_along_than_fit_beside_it():
    world = World()
    for _ in range(250):
        world.log.emit_delta("text_delta", "y" * 1_000)

    await world.log.checkpoint(Batch(), ("step_complete", {"step": 1}))
    await world.log.flush()

    assert max(len(frames) for _, frames in world.writer.entries) <= REQUEST_BYTES
    assert world.writer.stored() == await world.shown()


async def test_what_a_flush_could_not_write_is_in_the_next():
    world = World()
    world.log.emit_delta("text_delta", "a")
    world.writer.before = refuse
    signals = await world.log.flush()
    world.log.emit_delta("text_delta", "b")

    world.writer.before = None
    await world.log.flush()

    assert not signals.cancelled
    assert world.writer.stored() == numbered("a", "b")


async def test_a_checkpoint_holds_all_events_so_far_and_its_own():
    world = World()
    world.log.emit_delta("text_delta", "a")

    await world.log.checkpoint(Batch(), ("step_complete", {"step": 1}))
    world.log.emit_delta("text_delta", "b")
    await world.log.flush()

    expected = numbered("a", "step_complete", "b")
    assert await world.shown() == expected
    assert world.writer.stored() == expected
    assert world.writer.batches[0].last_seq == 2


async def test_what_a_checkpoint_promises_is_sent_only_once_it_is_stored():
    world = World()
    begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: str) -> None:
        begun.set()
        await may_go_on.wait()

    world.writer.before = slow
    storing = asyncio.create_task(world.log.checkpoint(Batch(), ("step_complete", {"step": 1})))
    await begun.wait()
    world.log.emit_delta("text_delta", "meanwhile")
    world.live.close()
    before = parsed(b"".join([chunk async for chunk in world.live.chunks()]))

    may_go_on.set()
    await storing
    await world.log.flush()

    assert before == []
    assert world.writer.stored() == numbered("step_complete", "meanwhile")


async def test_events_that_come_during_a_write_follow_it():
    world = World()

    async def busy(kind: str) -> None:
        if kind == "checkpoint":
            world.log.emit_delta("text_delta", "meanwhile")
            world.log.emit("notice", {"text": "too"})

    world.writer.before = busy
    world.log.emit_delta("text_delta", "a")
    await world.log.checkpoint(Batch(), ("step_complete", {"step": 1}))
    await world.log.flush()

    expected = numbered("a", "step_complete", "meanwhile", "too")
    assert await world.shown() == expected
    assert world.writer.stored() == expected


async def test_a_checkpoint_that_failed_leaves_no_gap_and_sends_nothing():
    world = World()
    world.log.emit_delta("text_delta", "a")
    world.writer.before = refuse

    with pytest.raises(StoreUnavailable):
        await world.log.checkpoint(Batch(), ("step_complete", {"step": 1}))
    world.log.emit_delta("text_delta", "b")
    world.writer.before = None
    await world.log.end(Batch(), ("error", {"code": "store_unavailable"}), state="error")

    expected = numbered("a", "b", "error")
    assert await world.shown() == expected
    assert world.writer.stored() == expected
    assert world.log.ended


async def test_an_end_that_is_to_be_a_stop_sends_nothing():
    world = World()
    world.writer.cancelled = True
    last = ("message_complete", {"turnId": 7})

    done = await world.log.end(Batch(), last, state="idle", unless_cancelled=True)
    assert (done, world.log.ended) == (False, False)
    await world.log.end(Batch(), ("turn_cancelled", {"turnId": 7}), state="cancelled")

    assert await world.shown() == numbered("turn_cancelled")
    assert world.writer.stored() == numbered("turn_cancelled")


async def test_where_the_store_takes_no_end_the_browser_gets_it_alone():
    world = World()
    world.log.emit_delta("text_delta", "a")

    world.log.end_unstored("error", {"code": "store_unavailable"})

    assert world.log.ended
    assert await world.shown() == numbered("a", "error")


@pytest.mark.parametrize("seed", range(20))
async def test_numbers_have_no_gap_whatever_happens_at_once(seed: int):
    chance = random.Random(seed)  # noqa: S311 - a seed makes the test repeatable
    world = World()

    async def sometimes(kind: str) -> None:
        await a_while(chance)
        if kind != "end" and chance.random() < 0.3:
            raise StoreUnavailable("The store does not answer.")

    world.writer.before = sometimes
    flushing = world.log.flushing()
    sent = sum(await asyncio.gather(emit(world.log, chance), checkpoint(world.log, chance)))
    await stop(flushing)
    await world.log.end(Batch(), ("message_complete", {}), state="idle")

    shown = await world.shown()
    assert [seq for seq, _ in shown] == list(range(1, sent + 2))
    assert world.writer.stored() == shown
    assert world.writer.most_under_way == 1


async def emit(log: EventLog, chance: random.Random) -> int:
    """A model that writes; gives how many events it made."""
    for _ in range(100):
        log.emit_delta("text_delta", "x" * chance.randrange(1, 200))
        await a_while(chance)
    return 100


async def checkpoint(log: EventLog, chance: random.Random) -> int:
    """Steps that end; gives how many were stored."""
    stored = 0
    for step in range(30):
        with contextlib.suppress(StoreUnavailable):
            await log.checkpoint(Batch(), ("step_complete", {"step": step}))
            stored += 1
        await a_while(chance)
    return stored


async def a_while(chance: random.Random) -> None:
    """Lets the others go on, for a few turns of the loop or none."""
    for _ in range(chance.randrange(4)):
        await asyncio.sleep(0)


async def test_what_waits_for_the_browser_comes_in_one_piece():
    live = ClientBuffer()
    live.send(b"a")
    live.send(b"b")
    live.close()

    assert [chunk async for chunk in live.chunks()] == [b"ab"]


async def test_a_browser_that_does_not_read_loses_its_stream_and_no_memory_grows():
    live = ClientBuffer()
    live.send(b"x" * BUFFER_LIMIT)

    live.send(b"y")
    live.send(b"z" * BUFFER_LIMIT)

    assert [chunk async for chunk in live.chunks()] == []


async def test_a_reader_that_keeps_up_is_never_given_up():
    live = ClientBuffer()
    chunks = live.chunks()
    for _ in range(5):
        live.send(b"x" * (BUFFER_LIMIT - 1))

        assert len(await anext(chunks)) == BUFFER_LIMIT - 1


async def test_silence_is_filled_with_comments():
    live = ClientBuffer(heartbeat=0.02)
    chunks = live.chunks()

    assert [await anext(chunks), await anext(chunks)] == [sse.KEEP_ALIVE] * 2

    live.send(b"a")
    assert await anext(chunks) == b"a"


async def test_a_silence_behind_words_is_filled_as_long_as_it_lasts():
    live = ClientBuffer(heartbeat=0.02)
    chunks = live.chunks()

    for word in (b"a", b"b"):
        live.send(word)
        assert [await anext(chunks) for _ in range(3)] == [word, sse.KEEP_ALIVE, sse.KEEP_ALIVE]

    live.close()
    assert [chunk async for chunk in chunks] == []


async def test_a_browser_that_takes_its_time_is_told_no_silence():
    live = ClientBuffer(heartbeat=0.02)
    chunks = live.chunks()
    live.send(b"a")
    assert await anext(chunks) == b"a"

    await asyncio.sleep(0.1)  # heartbeats pass, of which nothing must be seen
    live.send(b"b")
    await asyncio.sleep(0.1)
    live.send(b"c")

    assert await anext(chunks) == b"bc"


async def test_what_was_sent_counts_as_taken_once_more_is_asked_for():
    live = ClientBuffer()
    taken = asyncio.create_task(live.taken())
    chunks = live.chunks()
    live.send(b"a")
    await anext(chunks)
    await asyncio.sleep(0)  # the turn of the loop in which it would end
    assert not taken.done()

    more = asyncio.ensure_future(anext(chunks))
    await asyncio.wait_for(taken, 30)

    live.close()
    with pytest.raises(StopAsyncIteration):
        await more


async def test_nobody_waits_for_a_browser_that_is_gone():
    live = ClientBuffer()
    live.send(b"a")

    live.close()

    await asyncio.wait_for(live.taken(), 30)


async def stop(task: asyncio.Task[Any]) -> None:
    """Cancels a task, which must listen."""
    task.cancel()
    await asyncio.wait({task}, timeout=30)
    assert task.done()
