"""One seed: a vendor's conversation while everything fails by chance, and what must hold afterwards."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim_store import Process
from sim_waits import answers
from sim_world import LEASE, MODEL, VENDOR, Page, World
from virtual_time import VirtualTimeLoop

from aicode.errors import AICodeError
from aicode.file_store.limits import Limits
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.history.content import result_blocks, text_of
from aicode.history.records import Entry
from aicode.session_manager.manager import SessionView
from chat.agent.prompt.conversation import to_api
from chat.event_reader import EventReader, LastEvent
from dev.claude import validate
from dev.upstash.valkey import EmbeddedValkey
from tests.end_to_end.stack import Event, assert_well_formed, events_of, texts

LONGEST = 20_000.0


class Simulation:
    """Runs seeds one after the other over one store of each kind."""

    def __init__(self, folder: Path, valkey: EmbeddedValkey) -> None:
        self._valkey = valkey
        self._files = SqliteFileStore(folder / "files.sqlite", limits=Limits(apps=10_000))  # one a seed

    def run(self, seed: int, *, deleting: bool = False) -> Counter[str]:
        """Gives how often what has happened. Raises AssertionError, naming the seed."""
        loop = VirtualTimeLoop()
        scenario = self._deletion(seed) if deleting else self._scenario(seed)
        try:
            return loop.run_until_complete(asyncio.wait_for(scenario, LONGEST))
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
        finally:
            loop.run_until_complete(_nothing_left())
            loop.close()

    def close(self) -> None:
        """Closes the store of files."""
        self._files.close()

    async def _scenario(self, seed: int) -> Counter[str]:
        app = await self._files.create_app(VENDOR, "App")
        world = World(seed, self._valkey, self._files, app["appId"])
        seen: list[Page] = []
        others = [
            asyncio.create_task(_nemesis(world)),
            asyncio.create_task(_other_devices(world, seen)),
            asyncio.create_task(answers(world)),
        ]
        conversation: list[int] = []
        pages: list[Page] = []
        for number in range(1, world.chance.randint(1, 3) + 1):
            replaces = world.chance.choice([None, None, *conversation])
            if replaces is not None:
                world.fates["replaced"] += 1
                conversation = [turn for turn in conversation if turn < replaces]
            conversation.append(number)
            pages.append(await world.converse(f"Message {number}", replaces=replaces))
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await _heal(world)
        pages.append(await world.converse("The last one"))
        conversation.append(len(pages))
        await _at_rest(world)
        await _check_day(world, pages, conversation)
        await _check(world, conversation, pages)
        await _check_seen(world, seen)
        return world.fates

    async def _deletion(self, seed: int) -> Counter[str]:
        """A session that is deleted at any moment of a turn, and what is left of it."""
        app = await self._files.create_app(VENDOR, "App")
        world = World(seed, self._valkey, self._files, app["appId"])
        others = [asyncio.create_task(_nemesis(world)), asyncio.create_task(_other_devices(world, []))]
        if world.chance.random() < 0.5:
            await world.converse("Before")
        talking = asyncio.create_task(world.converse("Hi"))
        if world.chance.random() < 0.5:
            await _stop_in_a_commit(world, talking)
        await asyncio.sleep(world.chance.choice([0, 2, 10, LEASE + 5]) * world.chance.random())
        while world.sid is None:  # noqa: ASYNC110 - the page tells nobody
            await asyncio.sleep(0.1)
        await world.delete()
        kept = await _kept(world)
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await _heal(world)
        await asyncio.sleep(4 * LEASE)
        await asyncio.gather(talking, return_exceptions=True)
        await _at_rest(world)
        assert not world.broken, world.broken
        assert await _kept(world) == kept
        assert (await world.sessions(Process()).budget(VENDOR))["usedTokens"] >= world.meter.weight
        return world.fates


async def _stop_in_a_commit(world: World, talking: "asyncio.Task[Page]") -> None:
    """Stops the first process that is about to save files, for longer than anybody waits."""
    while not talking.done():
        for process in world.processes:
            if process.saving and not process.dead:
                process.stop(LEASE * 2)
                return
        await asyncio.sleep(0.005)


async def _kept(world: World) -> int:
    """The app's revision. Of the session nothing is left but the tombstone, which goes by itself."""
    answer: Any = world.network.execute("/", ["KEYS", f"s:{world.sid}:[mhcef]"])
    assert answer["result"] == []
    return (await world.files.list_files(VENDOR, world.app)).revision


async def _nemesis(world: World) -> None:
    """Kills and stops processes, takes the stores away, and presses Stop."""
    chance, loop = world.chance, asyncio.get_running_loop()
    while True:
        await asyncio.sleep(chance.expovariate(1 / chance.choice([2, 20])))
        running = [p for p in world.processes if not p.dead and p.task is not None and not p.task.done()]
        fate = chance.random()
        if fate < 0.35 and running:
            world.fates["killed"] += 1
            chance.choice(running).kill()
        elif fate < 0.5 and running:
            world.fates["stopped"] += 1
            chance.choice(running).stop(chance.choice([1, 10, LEASE * 1.5, LEASE * 3]))
        elif fate < 0.65:
            world.fates["store down"] += 1
            world.network.down_until = loop.time() + chance.choice([0.5, 5, 40])
        elif fate < 0.8:
            world.fates["store slow"] += 1
            world.network.slow_until = loop.time() + 20
        elif world.sid is not None:
            world.fates["cancelled"] += 1
            asyncio.get_running_loop().create_task(_stop(world, world.sid))


async def _other_devices(world: World, seen: list[Page]) -> None:
    """Now and then the vendor opens the session somewhere else, and leaves it open."""
    while True:
        await asyncio.sleep(world.chance.expovariate(1 / 10))
        if world.sid is not None:
            page = Page()
            seen.append(page)
            take_up = world.chance.random() < 0.5
            world.spawn(lambda own, page=page, take_up=take_up: world.look(own, page, take_up=take_up))


async def _stop(world: World, sid: str) -> None:
    with contextlib.suppress(AICodeError):
        stopped = await world.sessions(Process()).cancel(VENDOR, sid)
        world.hand_over(stopped.handover if stopped else None)


async def _heal(world: World) -> None:
    world.network.unreliable = False
    world.network.down_until = world.network.slow_until = 0.0
    for process in world.processes:
        process.awake.set()
    # What is still on its way arrives.
    await asyncio.sleep(10)


async def _at_rest(world: World) -> None:
    """Everybody has come to an end, those too that nobody listens to."""
    while tasks := [p.task for p in world.processes if p.task is not None and not p.task.done()]:
        await asyncio.wait(tasks)


async def _nothing_left() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _check(world: World, conversation: Sequence[int], pages: Sequence[Page]) -> None:
    """What holds of a conversation of these turns; each page has one of all turns, also of those replaced."""
    assert not world.broken, world.broken
    refused = [why for model in world.models for why in model.refused]
    assert not refused, refused
    sessions = world.sessions(Process())
    view = await sessions.read(VENDOR, str(world.sid))
    assert view.state.status == "idle", view.state.status
    records = [entry["record"] for entry in view.entries]
    said = [world.messages[turn - 1].text for turn in conversation]
    assert [record["text"] for record in records if record["kind"] == "user"] == said
    everything = await _everything(world)
    assert [entry for entry in everything if entry["turn"] in conversation] == list(view.entries)
    ends = [entry["turn"] for entry in everything if entry["record"]["kind"] == "end"]
    assert ends == list(range(1, len(pages) + 1)), ends
    messages = [*to_api(view.entries), {"role": "user", "content": "Go on"}]
    validate.read_body(json.dumps({"model": MODEL, "max_tokens": 1, "messages": messages}).encode())
    _check_pages(everything, pages)
    _check_published(world, everything)
    await _check_effects(world, view, everything)
    log = await EventReader(sessions, VENDOR, str(world.sid)).first(LastEvent(len(pages), 0))
    assert log is not None
    assert [_plain(event) for event in events_of(log)] == [_plain(event) for event in pages[-1].events]


async def _check_day(world: World, pages: list[Page], conversation: list[int]) -> None:
    """The vendor's day has at least what the model was asked for, and just that of a turn without faults."""
    sessions = world.sessions(Process())
    before, asked = (await sessions.budget(VENDOR))["usedTokens"], world.meter.weight
    assert before >= asked, (before, asked)
    pages.append(await world.converse("One more"))
    conversation.append(len(pages))
    await _at_rest(world)
    counted = (await sessions.budget(VENDOR))["usedTokens"] - before
    assert counted == world.meter.weight - asked, (counted, world.meter.weight - asked)


async def _everything(world: World) -> list[Entry]:
    """The entries of all turns, also of those that are no part of the conversation any more."""
    sessions, sid = world.sessions(Process()), str(world.sid)
    turns = range(1, len(world.messages) + 1)
    views = [await sessions.read_turn(VENDOR, sid, turn) for turn in turns]
    return [entry for view in views for entry in view.entries]


def _check_pages(everything: Sequence[Entry], pages: Sequence[Page]) -> None:
    for turn, page in enumerate(pages, start=1):
        entries = [entry for entry in everything if entry["turn"] == turn]
        if page.ended and page.events[0].turn == turn:
            assert_well_formed(page.events)
            end = entries[-1]["record"]
            assert end["kind"] == "end"
            unstored = page.events[-1].data.get("code") == "store_unavailable"
            if not unstored:
                assert (end["event"], end["data"]) == (page.events[-1].type, page.events[-1].data)
                assert texts(page.events).split() == _stored_words(entries)
    assert pages[-1].events[-1].type == "message_complete"


async def _check_seen(world: World, seen: Sequence[Page]) -> None:
    """Another device has a turn from its first event on, without a gap, and its true end.

    Unless it has taken the turn up itself, and the store was away when it ended.
    """
    everything = await _everything(world)
    ends = {entry["turn"]: entry["record"] for entry in everything if entry["record"]["kind"] == "end"}
    for page in seen:
        assert [event.seq for event in page.events] == list(range(1, len(page.events) + 1))
        assert len({event.turn for event in page.events}) <= 1
        if page.ended:
            assert_well_formed(page.events)
            end = ends[page.events[0].turn]
            assert end["kind"] == "end"
            if page.events[-1].data.get("code") != "store_unavailable":
                assert (end["event"], end["data"]) == (page.events[-1].type, page.events[-1].data)


def _stored_words(entries: Sequence[Entry]) -> list[str]:
    """The words of a turn's answers as the history has them."""
    words: list[str] = []
    for entry in entries:
        record = entry["record"]
        if record["kind"] == "step":
            for block in record["content"]:
                words += str(block.get("text", "")).split()
        elif record["kind"] == "partial":
            words += record["text"].split()
    return words


async def _check_effects(world: World, view: SessionView, everything: Sequence[Entry]) -> None:
    """Each batch that was recorded as done was done once, and nothing was done that is not recorded."""
    recorded = [
        {(change["path"], change["version"]) for change in entry["record"]["changes"]}
        for entry in everything
        if entry["record"]["kind"] == "results" and entry["record"]["changes"]
    ]
    listing = await world.files.list_files(VENDOR, world.app)
    assert listing.revision == len(recorded), (listing.revision, recorded)
    known = {path: str(text) for path, text in view.files.items()}
    for file in listing.files:
        assert json.loads(known[file["path"]])["version"] == file["version"]


def _check_published(world: World, everything: Sequence[Entry]) -> None:
    """No call was made twice, none whose result does not tell of it, and none without a yes."""
    assert all(count == 1 for count in world.published.values()), world.published
    records = [entry["record"] for entry in everything]
    asked = {
        request["approvalId"]: request["toolId"]
        for record in records
        if record["kind"] == "waiting"
        for request in record["requests"]
    }
    approved = {
        asked[record["approvalId"]]
        for record in records
        if record["kind"] == "answered" and record["answer"]["approved"]
    }
    results = {
        str(block["tool_use_id"]): text_of(result_blocks(block))
        for record in records
        if record["kind"] == "results"
        for block in record["content"]
    }
    for call in world.published:
        assert call in approved
        assert "It is live." in results[call] or "Outcome unknown" in results[call], results[call]
    assert {call for call, text in results.items() if "It is live." in text} <= set(world.published)


def _plain(event: Event) -> tuple[str, str, object]:
    return event.id, event.type, event.data
