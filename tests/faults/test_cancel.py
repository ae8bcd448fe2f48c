"""Stop, at every moment of a turn: it stops upstream too, what was done is kept, and the session goes on."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing

import httpx
import pytest
from crash_world import FaultWorld, assert_history, assert_nothing_refused

from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import APPS, BASE, Event, Stream, assert_well_formed, texts
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Stopping:
    """A turn that is to be stopped, and what came of it."""

    def __init__(self, world: FaultWorld, vendor: Vendor, session: str, stream: Stream) -> None:
        self.world = world
        self.vendor = vendor
        self.session = session
        self.stream = stream
        self.events: list[Event] = []

    async def stop(self) -> None:
        """Presses Stop."""
        answer = await self.vendor.client.post(f"{BASE}/{self.session}/cancel")
        assert answer.json() == {"success": True, "cancelled": True}


@asynccontextmanager
async def stopped(world: FaultWorld, message: str) -> AsyncGenerator[Stopping]:
    """Runs a turn that the test stops, and holds what is left to what every stop must leave."""
    vendor, session = await world.vendor_with_session()
    async with asyncio.timeout(PATIENCE), vendor.post(message, session) as stream:
        await stream.until("connection_established")
        stopping = Stopping(world, vendor, session, stream)
        yield stopping
        stopping.events += await stream.rest()
    assert_well_formed(stopping.events)
    assert stopping.events[-1].type == "turn_cancelled"
    read = await assert_history(vendor, session, ["Hello", message])
    assert read["status"] == "cancelled"
    again = await vendor.client.post(f"{BASE}/{session}/cancel")
    assert again.json() == {"success": True, "cancelled": False}
    assert (await vendor.turn("And now?", session))[-1].type == "message_complete"
    await assert_history(vendor, session, ["Hello", message, "And now?"])
    assert_nothing_refused(world)


@pytest.mark.parametrize(
    ("place", "kept"), [("thinking", ""), ("text", "Making"), ("call", "Making it."), ("last", "All ")]
)
async def test_a_stop_while_claude_answers_closes_the_connection_and_keeps_the_text(
    world: FaultWorld, place: str, kept: str
):
    name = f"{place}/stop"
    async with stopped(world, f"Do it in two batches [{name}]") as turn:
        await world.stack.model.reached(name)
        upstream = world.stack.model.requests[-1]
        if kept:
            await turn.stream.until(lambda _: texts(turn.stream.seen).endswith(kept))
        await turn.stop()
        async with asyncio.timeout(PATIENCE):
            await upstream.disconnected()
    assert texts(turn.events).endswith(kept)
    read = str((await turn.vendor.session(turn.session))["messages"])
    assert kept in read
    assert "Stopped." in read


async def test_a_stop_while_an_overloaded_model_is_waited_for(world: FaultWorld):
    async with stopped(world, "You are overloaded") as turn:
        # The 529 has come, and is waited out: it asks for forty seconds.
        await until(lambda: world.stack.model.requests[-1].status == 529)
        await turn.stop()


async def test_a_stop_in_a_long_tool_ends_the_tool(world: FaultWorld):
    async with stopped(world, "Please search the web") as turn:
        await turn.stream.until("tool_use_progress")
        await turn.stop()
    settled = [e.data["status"] for e in turn.events if e.type == "tool_use_progress"]
    assert settled == ["running", "cancelled"]


async def test_a_write_that_has_begun_when_stop_is_pressed_is_completed(world: FaultWorld):
    connection = sqlite3.connect(world.folder / "apps.sqlite3", isolation_level=None)
    with closing(connection) as database:
        async with stopped(world, "Do it in two batches [call/commit]") as turn:
            await world.stack.model.reached("call/commit")
            database.execute("BEGIN IMMEDIATE")
            world.stack.model.open("call/commit")
            await turn.stream.until(lambda e: e.type == "tool_use_progress" and e.data["status"] == "running")
            await turn.stop()
            # The first flush after the Stop brings it to the writer, while its commit waits for the lock.
            flush = world.faults.add("delay", containing=f'"s:{turn.session}:m","epoch","cancel"')
            await until(lambda: flush.struck)
            database.execute("ROLLBACK")
    assert await turn.vendor.file("a.txt") == "one\n"
    assert [e.data["path"] for e in turn.events if e.type == "file_change"] == ["a.txt"]
    assert await turn.vendor.file("b.txt") is None


async def test_a_stop_in_the_last_moment_is_still_a_stop(world: FaultWorld):
    async with stopped(world, "Do it in two batches [late]") as turn:
        tombstone = f's:{turn.session}:x","run:'
        lost = world.faults.add("hang", times=1, containing=tombstone)
        await until(lambda: lost.struck)
        # The turn's end is on its way, and is sent again when nothing is heard of it; not before the Stop.
        (owner,) = world.stack.chat_pids()
        os.kill(owner, signal.SIGSTOP)
        try:
            await turn.stop()
        finally:
            os.kill(owner, signal.SIGCONT)
    assert texts(turn.events) == "Making it.Changing it.All done."


async def test_deleting_a_running_session_stops_it_and_nothing_is_written_afterwards(world: FaultWorld):
    vendor, session = await world.vendor_with_session()
    message = "Do it in two batches [batch/delete]"
    async with (
        asyncio.timeout(PATIENCE),
        vendor.post(message, session) as stream,
        vendor.resume(session, "2-0") as reader,
    ):
        await world.stack.model.reached("batch/delete")
        upstream = world.stack.model.requests[-1]
        answer = await vendor.client.delete(BASE, params={"sessionId": session})
        assert answer.json() == {"success": True}
        both = [await stream.rest(), await reader.rest()]
        await upstream.disconnected()
    await until(lambda: world.stack.chat_pids() == [])
    keys = await vendor.redis_command("KEYS", f"s:{session}:*")

    for events in both:
        assert_well_formed(events)
        assert events[-1].type == "turn_cancelled"
    assert set(keys) <= {f"s:{session}:x"}
    assert (await vendor.client.get(BASE, params={"sessionId": session})).status_code == 404
    assert (await vendor.client.post(f"{BASE}/{session}/cancel")).status_code == 404
    assert await vendor.file("b.txt") is None


async def test_no_commit_lands_after_a_delete_was_answered(world: FaultWorld):
    vendor, session = await world.vendor_with_session()

    def is_creating(event: Event) -> bool:
        return event.type == "tool_use_progress" and event.data["toolName"] == "create_file"

    async def deleted() -> tuple[httpx.Response, httpx.Response]:
        answer = await vendor.client.delete(BASE, params={"sessionId": session})
        return answer, await vendor.client.get(f"{APPS}/{vendor.app}/files")

    database = sqlite3.connect(world.folder / "apps.sqlite3", isolation_level=None)
    message = "Do it in two batches [call/begun]"
    async with asyncio.timeout(PATIENCE), vendor.post(message, session) as stream:
        await world.stack.model.reached("call/begun")
        database.execute("BEGIN IMMEDIATE")
        world.stack.model.open("call/begun")
        await stream.until(is_creating)
        # A delete that asks once more whether the turn has ended waits for that, and so for the commit.
        asked_again = world.faults.add("delay", containing=f'"s:{session}:m","s:{session}:x"', skip=1)
        deleting = asyncio.create_task(deleted())
        await until(lambda: asked_again.struck)
        assert not deleting.done()
        database.execute("ROLLBACK")
        answer, listing = await deleting
        events = await stream.rest()
    database.close()
    await until(lambda: world.stack.chat_pids() == [])

    assert answer.json() == {"success": True}
    assert_well_formed(events)
    assert events[-1].type == "turn_cancelled"
    assert [e.data["path"] for e in events if e.type == "file_change"] == ["a.txt"]
    assert [file["path"] for file in listing.json()["files"]] == ["a.txt"]
    assert (await vendor.client.get(f"{APPS}/{vendor.app}/files")).json() == listing.json()
