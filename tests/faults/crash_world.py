"""A product whose function processes are killed and stopped, and a checker that looks from outside."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from dev.claude import Gate, Pause, Reply, Script, Text, Thinking, ToolUse
from dev.claude.received import Received
from dev.upstash import Faults
from tests.end_to_end.contract_world import Plays, Vendor, World
from tests.end_to_end.stack import APPS, Event, Json, serve, session_of
from tests.waiting import PATIENCE, until

CREATE_A = ToolUse("create_file", {"path": "a.txt", "content": "one\n"})
EDIT_A = ToolUse("edit_file", {"path": "a.txt", "edits": [{"old": "one", "new": "two"}]})
CREATE_B = ToolUse("create_file", {"path": "b.txt", "content": "b\n"})
LIST = ToolUse("list_files")
ALL = os.environ.get("CRASHES") == "all"
"""True if `make crashes` runs: every case, not a sample."""
WORDS = 200
# A process whose client has all of its answer has a little to do yet.
FINISHING_SECONDS = 5.0
SHORT_STEPS = 23


class TwoBatches:
    """The model of every case: two batches of tools and a last word, by what the conversation holds.

    A message `... [name]` may name a gate that stands at one place of the turn's answers, the first time, or
    a flush, for which the answers are given time. What it does not know is played.
    """

    def __init__(self, plays: Plays) -> None:
        self._plays = plays
        self._passed: set[tuple[str, str]] = set()

    def __call__(self, request: Received, n: int) -> Reply:
        text, steps = _latest(request.messages)
        if "two batches" in text:
            return self._two_batches(text, steps)
        if "many words" in text:
            words = [f"word{n} " for n in range(WORDS)]
            return Reply(Text("".join(words), cuts=WORDS), *([] if steps else [LIST]), pace=100)
        if "overloaded" in text:
            return Reply(status=529, retry_after=40)  # more than any test waits
        if "search the web" in text and steps == 0:
            return Reply(Text("Searching."), ToolUse("web_search", {"query": "anything"}))
        if "long answer" in text:
            return Reply(Text("".join(f"word{n} " for n in range(WORDS)), cuts=WORDS), pace=12)
        return _short_step(steps) if "short steps" in text else self._plays(request, n)

    def _two_batches(self, text: str, steps: int) -> Reply:
        case = text.rpartition("[")[2].rstrip("]")
        pause = [Pause(0.4)] if "flush" in case else []
        if steps == 0:
            return Reply(
                *self._gate(case, "thinking"),
                *(Thinking("Let me see."), Text("Making"), *self._gate(case, "text"), *pause, Text(" it.")),
                *(CREATE_A, *self._gate(case, "call"), LIST),
            )
        if steps == 1:
            return Reply(*self._gate(case, "batch"), Text("Changing it."), EDIT_A, CREATE_B)
        return Reply(Text("All "), *self._gate(case, "last"), *pause, Text("done."))

    def _gate(self, case: str, place: str) -> list[Gate]:
        if not case.startswith(f"{place}/") or (case, place) in self._passed:
            return []
        self._passed.add((case, place))
        return [Gate(case)]


def _short_step(number: int) -> Reply:
    """A second's work, two dozen times."""
    if number == SHORT_STEPS:
        return Reply(Text("The end."))
    create = ToolUse("create_file", {"path": f"{number}.txt", "content": f"{number}\n"})
    return Reply(Text(f"Step {number}. "), create, delay=1.0)


def _latest(messages: Sequence[Json]) -> tuple[str, int]:
    """The vendor's last message, and how many answers with calls have come since."""
    steps = 0
    for message in reversed(messages):
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if message["role"] == "assistant":
            steps += any(block["type"] == "tool_use" for block in blocks)
            continue
        texts = [b["text"] for b in blocks if b["type"] == "text" and not b["text"].startswith("<app_")]
        if texts:
            return texts[-1], steps
    return "", steps


class MortalVendor(Vendor):
    """A vendor whose functions are killed now and then."""

    functions_die = True


class FaultWorld(World):
    """A product for one case at a time, each with a vendor of its own. `folder` is where its files are."""

    folder: Path
    vendor_type = MortalVendor

    async def vendor_with_session(self) -> tuple[Vendor, str]:
        """A new vendor, and a session of theirs with one finished turn."""
        vendor = await self.vendor()
        return vendor, await a_session(vendor)

    @asynccontextmanager
    async def watched(self, request: Any) -> AsyncGenerator["Watched"]:
        """Sends a request that opens a stream, and finds out which process answers it."""
        await self._until_busy(0)
        watched = Watched(asyncio.create_task(_read(request)))
        await self._until_busy(1)
        (watched.pid,) = self.stack.chat_pids()
        try:
            yield watched
        finally:
            watched.reading.cancel()
            await asyncio.gather(watched.reading, return_exceptions=True)

    async def _until_busy(self, count: int) -> None:
        await until(lambda: len(self.stack.chat_pids()) == count)

    async def left_clean(self) -> None:
        """Takes back a test's faults, ends what it left at work, and forgets what Claude was asked."""
        self.faults.clear()
        with contextlib.suppress(TimeoutError):
            await until(lambda: not self.stack.chat_pids(), seconds=FINISHING_SECONDS)
        for pid in self.stack.chat_pids():
            os.kill(pid, signal.SIGKILL)
        await self._until_busy(0)
        # What the model refuses in one test is not to fail another.
        self.stack.model.requests.clear()


@dataclass(slots=True)
class Watched:
    """A request under way: the process that answers it, and what came."""

    reading: "asyncio.Task[list[Event]]"
    pid: int = 0

    async def kill(self) -> list[Event]:
        """SIGKILL; gives what the client had got."""
        os.kill(self.pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            return await self.reading


async def _read(request: Any) -> list[Event]:
    """The events up to the end of the stream, however it ends."""
    seen: list[Event] = []
    with contextlib.suppress(httpx.HTTPError):
        async with request as stream:
            if stream.response.status_code == 200:
                async for event in stream.events:
                    seen.append(event)  # noqa: PERF401 - what came before the break counts
    return seen


@asynccontextmanager
async def a_fault_world(data_dir: Path, **variables: str) -> AsyncGenerator[FaultWorld]:
    """A product that these variables configure, with the model of two batches."""
    plays, faults = Plays(), Faults()
    known = {"MAX_READERS": "50", **variables}
    async with serve(data_dir, Script(TwoBatches(plays)), faults=faults, pace=0, **known) as stack:
        world = FaultWorld(stack, plays, faults)
        try:
            yield world
        finally:
            await world.close()


@asynccontextmanager
async def a_warm_world(data_dir: Path, count: int, **variables: str) -> AsyncGenerator[FaultWorld]:
    """A product of whose chat processes so many are warm."""
    known = {"MAX_CONCURRENT_TURNS": str(count), **variables}
    async with a_fault_world(data_dir, **known) as world:
        async with asyncio.timeout(10 * PATIENCE):
            # One more each time: several cold starts at once may take longer than the function may run.
            while (warm := len(world.stack.server.processes("chat"))) < count:
                await asyncio.gather(*(_a_turn_or_none(world) for _ in range(warm + 1)))
        yield world


async def _a_turn_or_none(world: FaultWorld) -> None:
    """A turn, in which a function is killed that has loaded for too long because the machine is slow."""
    with contextlib.suppress(AssertionError, httpx.RemoteProtocolError):
        await a_session(await world.vendor())


async def ownerless(vendor: Vendor, session: str) -> Json:
    """The session once its turn is over or nobody's: a dead or stopped owner's lease is ended at once."""
    async with asyncio.timeout(PATIENCE):
        while (found := await vendor.session(session))["status"] == "running":
            await vendor.end_lease(session)
    return found


def joined(seen: Sequence[Event], later: Sequence[Event]) -> list[Event]:
    """A page's events after it has reconnected: a turn that begins anew replaces what it had."""
    if later and later[0].type == "connection_established":
        return list(later)
    return [*seen, *later]


async def a_session(vendor: Vendor) -> str:
    """A session with one finished turn."""
    return session_of(await vendor.turn("Hello"))


async def assert_history(vendor: Vendor, session: str, accepted: Sequence[str]) -> Json:
    """What must hold for a session whatever died in it, told from outside; gives the session.

    Every accepted message stands in it once, every call has one result, and the results say what is true of
    the files.
    """
    read = await vendor.session(session)
    blocks = [(m["role"], block) for m in read["messages"] for block in m["content"]]
    said = [block["text"] for role, block in blocks if role == "user" and block["type"] == "text"]
    assert said == list(accepted)
    calls = {block["toolId"]: block for _, block in blocks if block["type"] == "tool_use"}
    results = [block for _, block in blocks if block["type"] == "tool_result"]
    assert sorted(calls) == sorted(result["toolId"] for result in results)
    done = [calls[result["toolId"]]["toolName"] for result in results if not result["isError"]]
    versions = await _versions(vendor)
    assert done.count("create_file") == len(versions), (done, versions)
    assert done.count("edit_file") == versions.get("a.txt", 1) - 1, (done, versions)
    assert {(f["path"], f["version"]) for f in read["fileModifications"]} == set(versions.items())
    assert read["pendingTools"] == [] or read["status"] == "running"
    assert len({m["id"] for m in read["messages"]}) == len(read["messages"])
    return read


async def _versions(vendor: Vendor) -> dict[str, int]:
    answer = await vendor.client.get(f"{APPS}/{vendor.app}/files")
    assert answer.status_code == 200, answer.text
    return {file["path"]: file["version"] for file in answer.json()["files"]}


async def assert_counted(world: FaultWorld, vendor: Vendor, message: str) -> None:
    """The vendor's day has at least what the model was given for this message, by a dead process too."""
    asked = [one.given.weight for one in world.stack.model.requests if message in str(one.body) and one.given]
    answer = await vendor.client.get(f"{vendor.base}/budget")
    assert answer.json()["budget"]["usedTokens"] >= sum(asked) > 0


def assert_nothing_refused(world: FaultWorld) -> None:
    """The model was never sent a conversation that the API refuses."""
    refused = [request.error for request in world.stack.model.requests if request.status == 400]
    assert refused == []
