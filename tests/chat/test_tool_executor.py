"""A batch of tool calls: who runs beside whom, what becomes of each, and that nothing spreads."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import pytest

from aicode.errors import NotFound, StoreUnavailable, ToolError
from aicode.file_store.store import Changed
from aicode.history import RESULT_LIMIT
from chat.agent.model.interface import ToolCall
from chat.agent.tools.batch_commit import BatchOutcome
from chat.agent.tools.executor import Effects, ToolExecutor
from chat.agent.tools.outcome import STOPPED, CallOutcome
from chat.agent.tools.tool import Effect, Tool, ToolInput, ToolOutput
from tests.observing import Operators
from tests.waiting import until


class Nothing(ToolInput):
    """No input."""


class OnPath(ToolInput):
    """Names a file."""

    path: str


Work = Callable[[str], Awaitable[str]]


def tool(name: str, work: Work, *, effect: Effect = "read", timeout_seconds: float = 15.0) -> Tool[Nothing]:
    async def run(_: Nothing, call_id: str) -> ToolOutput:
        content = await work(call_id)
        return ToolOutput(content=content, summary=content[:20])

    return Tool(
        name=name,
        description="A tool",
        input_type=Nothing,
        run=run,
        effect=effect,
        timeout_seconds=timeout_seconds,
    )


def call(name: str, call_id: str | None = None) -> ToolCall:
    return ToolCall(call_id or f"{name}-id", name, {})


def changed(path: str, call_id: str) -> Changed:
    return Changed(
        path=path,
        action="created",
        version=1,
        size=1,
        updated_at=1,
        additions=1,
        deletions=0,
        tool_id=call_id,
    )


@dataclass
class World:
    """A batch with its tools, what it told, and its commits."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    ran: list[str] = field(default_factory=list[str])
    commits: int = 0
    saved: BatchOutcome = field(default_factory=BatchOutcome)
    limit: float = 15.0
    operators: Operators = field(default_factory=Operators)
    tools: dict[str, Tool[Any]] = field(default_factory=dict[str, Tool[Any]])

    def batch(self, *tools: Tool[Any]) -> ToolExecutor:
        self.tools = {tool.name: tool for tool in tools}
        return ToolExecutor(self.tools, self.limit, self.emit, self.operators.observer())

    def emit(self, kind: str, data: Mapping[str, object]) -> None:
        self.events.append((kind, dict(data)))

    async def commit(self) -> BatchOutcome:
        self.ran.append("commit")
        self.commits += 1
        return self.saved

    def effects(self, commit: Callable[[], Awaitable[BatchOutcome]] | None = None) -> Effects:
        return Effects(commit=commit or self.commit, begin=self.begin)

    async def begin(self, call_ids: Sequence[str]) -> None:
        self.ran.append(f"begin {' '.join(call_ids)}")

    def progress(self, call_id: str) -> list[str]:
        """The states of a call, in the order in which they were told."""
        return [
            str(data["status"])
            for _, data in self.events
            if data.get("toolId") == call_id and "status" in data
        ]

    def noting(self, text: str = "ok") -> Work:
        """Work that is noted with its call's id."""

        async def work(call_id: str) -> str:
            self.ran.append(call_id)
            return text

        return work


async def forever(_: str) -> str:
    await asyncio.Event().wait()
    return "never"


def raising(error: BaseException) -> Work:
    async def work(_: str) -> str:
        raise error

    return work


def statuses(outcomes: Iterable[CallOutcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


async def run(world: World, batch: ToolExecutor, *calls: ToolCall) -> list[CallOutcome]:
    async with asyncio.timeout(30):
        return await batch.run(calls, world.effects())


async def test_calls_that_read_run_side_by_side():
    meeting = asyncio.Barrier(8)

    async def meet(_: str) -> str:
        await meeting.wait()
        return "met"

    world = World()
    calls = [call("meet", f"c{n}") for n in range(8)]

    outcomes = await run(world, world.batch(tool("meet", meet)), *calls)

    assert statuses(outcomes) == ["completed"] * 8
    assert world.commits == 0


async def test_outcomes_come_in_the_order_asked_whoever_ends_first():
    first_may_end = asyncio.Event()

    async def slow(_: str) -> str:
        await first_may_end.wait()
        return "slow"

    async def quick(_: str) -> str:
        first_may_end.set()
        return "quick"

    world = World()
    outcomes = await run(
        world, world.batch(tool("slow", slow), tool("quick", quick)), call("slow"), call("quick")
    )

    assert [outcome.text for outcome in outcomes] == ["slow", "quick"]
    ended = [data["toolId"] for _, data in world.events if data.get("status") == "completed"]
    assert ended == ["quick-id", "slow-id"]


async def test_a_call_that_reads_runs_while_the_model_is_still_writing():
    read = asyncio.Event()

    async def reading(_: str) -> str:
        read.set()
        return "text"

    world = World()
    batch = world.batch(tool("read", reading))

    batch.call_ready(call("read"))
    await asyncio.wait_for(read.wait(), 30)
    outcomes = await run(world, batch, call("read"))

    assert [outcome.text for outcome in outcomes] == ["text"]
    assert world.progress("read-id") == ["running", "completed"]


async def test_a_call_behind_one_that_changes_something_waits_for_the_commit():
    world = World()
    batch = world.batch(tool("write", world.noting(), effect="staged"), tool("read", world.noting()))
    calls = [call("read", "before"), call("write", "w1"), call("read", "after"), call("write", "w2")]

    for one in calls:
        batch.call_ready(one)
    outcomes = await run(world, batch, *calls)

    assert statuses(outcomes) == ["completed"] * 4
    assert world.ran == ["before", "w1", "w2", "commit", "after"]
    assert world.commits == 1


async def test_a_call_that_changes_something_never_starts_early():
    world = World()
    batch = world.batch(tool("write", world.noting(), effect="staged"))
    other = world.batch(tool("read", world.noting()))

    batch.call_ready(call("write"))
    other.call_ready(call("read"))
    await until(lambda: world.progress("read-id") == ["running", "completed"])

    assert world.ran == ["read-id"]
    assert world.progress("write-id") == []


async def test_a_change_is_told_once_it_is_saved():
    world = World(saved=BatchOutcome(changes={"w": [changed("a.txt", "w")]}, revision=1))

    outcomes = await run(
        world, world.batch(tool("write", world.noting(), effect="staged")), call("write", "w")
    )

    change = {
        "path": "a.txt",
        "action": "created",
        "version": 1,
        "additions": 1,
        "deletions": 0,
        "toolId": "w",
    }
    assert outcomes[0].changes == [change]
    assert [kind for kind, _ in world.events] == ["tool_use_progress", "tool_use_progress", "file_change"]
    assert world.events[-1] == ("file_change", change)


async def test_a_conflict_at_the_commit_is_that_calls_error_alone():
    world = World(
        saved=BatchOutcome(
            changes={"b": [changed("b.txt", "b")]}, errors={"a": "Somebody changed a.txt.\nMore"}
        )
    )
    write = tool("write", world.noting(), effect="staged")

    conflict, saved = await run(world, world.batch(write), call("write", "a"), call("write", "b"))

    assert (conflict.status, conflict.text, conflict.summary) == (
        "failed",
        "Somebody changed a.txt.\nMore",
        "Somebody changed a.txt.",
    )
    assert conflict.block() == {
        "type": "tool_result",
        "tool_use_id": "a",
        "content": [{"type": "text", "text": "Somebody changed a.txt.\nMore"}],
        "is_error": True,
    }
    assert (saved.status, [change["path"] for change in saved.changes]) == ("completed", ["b.txt"])


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ToolError("There is no file a.txt."), "There is no file a.txt."),
        (NotFound("There is no such app."), "There is no such app."),
        (StoreUnavailable("The store does not answer."), "The store does not answer."),
        (RuntimeError("secret=/var/task/x"), "The tool failed unexpectedly."),
        (asyncio.CancelledError(), "The tool gave up."),
        (TimeoutError("secret"), "The tool failed unexpectedly."),
    ],
)
@pytest.mark.parametrize("effect", get_args(Effect))
async def test_a_tool_that_raises_fails_alone(error: BaseException, told: str, effect: Effect):
    world = World()
    batch = world.batch(tool("bad", raising(error), effect=effect), tool("good", world.noting()))

    outcomes = await run(world, batch, call("bad"), call("good"))

    assert statuses(outcomes) == ["failed", "completed"]
    assert outcomes[0].text == told
    assert world.progress("bad-id") == ["running", "failed"]
    assert "secret" not in json.dumps(world.events)


async def test_a_tool_that_hangs_is_stopped_alone():
    world = World()
    hang = tool("hang", forever, timeout_seconds=0.05)

    outcomes = await run(world, world.batch(hang, tool("good", world.noting())), call("hang"), call("good"))

    assert statuses(outcomes) == ["timed_out", "completed"]
    assert outcomes[0].text == "The tool did not finish within 0.05 seconds and was stopped."
    assert world.progress("hang-id") == ["running", "timed_out"]


async def test_no_tool_may_take_longer_than_the_product_allows():
    world = World(limit=0.05)

    outcomes = await run(world, world.batch(tool("hang", forever, timeout_seconds=900)), call("hang"))

    assert statuses(outcomes) == ["timed_out"]


async def test_a_huge_output_is_cut():
    world = World()

    outcomes = await run(world, world.batch(tool("big", world.noting("x" * 10_000_000))), call("big"))

    assert len(outcomes[0].text) <= RESULT_LIMIT + 100
    assert outcomes[0].status == "completed"
    assert len(json.dumps(world.events)) < 2_000


async def test_an_empty_output_says_so():
    world = World()

    assert (await run(world, world.batch(tool("quiet", world.noting(""))), call("quiet")))[
        0
    ].text == "(no output)"


async def test_an_unknown_tool_is_told_which_there_are():
    world = World()
    batch = world.batch(tool("read", world.noting()), tool("list", world.noting()))

    outcomes = await run(world, batch, call("delete_everything"), call("read"))

    assert statuses(outcomes) == ["failed", "completed"]
    assert outcomes[0].text == "There is no tool 'delete_everything'. There are: list, read."


async def test_input_that_is_no_json_or_does_not_fit_is_an_error_for_claude():
    world = World()
    batch = world.batch(tool("read", world.noting()), tool("write", world.noting(), effect="staged"))

    outcomes = await run(
        world,
        batch,
        ToolCall("a", "write", None),
        ToolCall("b", "read", {"path": 1}),
        ToolCall("c", "write", {"extra": "x" * 5000}),
    )

    assert statuses(outcomes) == ["failed"] * 3
    assert "not valid JSON" in outcomes[0].text
    assert "schema" in outcomes[1].text
    assert world.ran == ["commit"]


async def test_long_input_is_shown_shortened():
    world = World()
    arguments = {"path": "a.txt", "content": "x" * 5000, "edits": [{"old": "y" * 5000}], "all": True}

    await run(world, world.batch(tool("read", world.noting())), ToolCall("a", "read", dict(arguments)))

    shown = world.events[0][1]["data"]["input"]
    assert shown == {"path": "a.txt", "content": "x" * 500 + "…", "all": True}


async def test_stopping_cancels_what_runs_and_keeps_what_is_done():
    world = World()
    batch = world.batch(tool("good", world.noting()), tool("hang", forever))
    calls = [call("good"), call("hang")]
    running = asyncio.create_task(batch.run(calls, world.effects()))
    await until(lambda: world.progress("good-id") == ["running", "completed"])

    running.cancel()
    await asyncio.wait({running})

    assert running.cancelled()
    assert statuses(batch.outcomes(calls)) == ["completed", "cancelled"]
    assert world.progress("hang-id") == ["running", "cancelled"]
    assert statuses(batch.outcomes(calls)) == ["completed", "cancelled"]
    assert len(world.events) == 4
    assert _other_tasks() == set()


async def test_a_change_that_was_stopped_before_its_commit_does_not_count_as_made():
    world = World()
    batch = world.batch(
        tool("write", world.noting(), effect="staged"), tool("hang", forever, effect="staged")
    )
    calls = [call("write"), call("hang")]
    running = asyncio.create_task(batch.run(calls, world.effects()))
    await until(lambda: world.progress("hang-id") == ["running"])

    running.cancel()
    await asyncio.wait({running})

    outcomes = batch.outcomes(calls)
    assert statuses(outcomes) == ["cancelled", "cancelled"]
    assert [outcome.text for outcome in outcomes] == [STOPPED] * 2
    assert world.progress("write-id") == ["running", "cancelled"]
    assert world.commits == 0


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_stopping_waits_for_a_commit_that_has_begun_however_often_it_is_asked_for(times: int):
    world = World()
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def commit() -> BatchOutcome:
        begun.set()
        await may_end.wait()
        return BatchOutcome(changes={"write-id": [changed("a.txt", "write-id")]}, revision=1)

    batch = world.batch(tool("write", world.noting(), effect="staged"), tool("read", world.noting()))
    calls = [call("write"), call("read")]
    running = asyncio.create_task(batch.run(calls, world.effects(commit)))
    await begun.wait()

    for _ in range(times):
        running.cancel()
        for _ in range(10):  # turns of the loop, in which it would end; nothing else comes after that
            await asyncio.sleep(0)
    assert not running.done()
    may_end.set()
    await asyncio.wait({running})

    assert running.cancelled()
    written, read = batch.outcomes(calls)
    assert (written.status, [change["path"] for change in written.changes]) == ("completed", ["a.txt"])
    assert read.status == "cancelled"


async def test_a_commit_that_fails_leaves_no_change_behind():
    world = World()

    async def commit() -> BatchOutcome:
        raise StoreUnavailable("The store does not answer.")

    batch = world.batch(tool("write", world.noting(), effect="staged"))

    with pytest.raises(StoreUnavailable):
        await batch.run([call("write")], world.effects(commit))

    assert statuses(batch.outcomes([call("write")])) == ["cancelled"]


async def test_a_batch_that_is_thrown_away_falls_silent():
    world = World()
    begun = asyncio.Event()

    async def reading(_: str) -> str:
        begun.set()
        await asyncio.Event().wait()
        return "never"

    batch = world.batch(tool("read", reading))
    batch.call_ready(call("read"))
    await begun.wait()
    told = len(world.events)

    batch.discard()
    await batch.stop()

    assert len(world.events) == told
    assert _other_tasks() == set()


def _other_tasks() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


async def test_a_tool_that_does_not_stop_when_told_to_is_left_behind():
    released = asyncio.Event()

    async def deaf(_: str) -> str:
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()
        return "late"

    world = World()
    batch = world.batch(tool("deaf", deaf, timeout_seconds=0.05), tool("hearing", world.noting()))

    outcomes = await run(world, batch, call("deaf"), call("hearing"))
    released.set()

    assert statuses(outcomes) == ["timed_out", "completed"]


async def test_changes_of_different_paths_are_staged_side_by_side_and_of_one_path_in_order():
    meeting = asyncio.Barrier(2)
    began: list[str] = []

    async def change(_: OnPath, call_id: str) -> ToolOutput:
        began.append(call_id)
        if call_id in ("first", "other"):
            await meeting.wait()
        return ToolOutput(content="changed", summary="changed")

    world = World()
    batch = world.batch(
        Tool(name="change", description="A tool", input_type=OnPath, run=change, effect="staged")
    )
    calls = [
        ToolCall("first", "change", {"path": "src/Café.ts"}),
        ToolCall("second", "change", {"path": "src/cafe\u0301.ts"}),
        ToolCall("other", "change", {"path": "other.ts"}),
    ]

    outcomes = await run(world, batch, *calls)

    assert statuses(outcomes) == ["completed"] * 3
    assert sorted(began[:2]) == ["first", "other"]
    assert began[2] == "second"
    assert world.commits == 1


# -- effects elsewhere ------------------------------------------------------------------------------------


async def test_an_effect_elsewhere_is_recorded_behind_the_commit_and_before_it_starts():
    world = World(saved=BatchOutcome(changes={"write-id": [changed("a.txt", "write-id")]}, revision=1))
    send = tool("send", world.noting(), effect="external")
    write = tool("write", world.noting(), effect="staged")

    outcomes = await run(world, world.batch(send, write), call("send"), call("write"))

    assert statuses(outcomes) == ["completed", "completed"]
    assert world.ran == ["write-id", "commit", "begin send-id", "send-id"]


async def test_effects_elsewhere_are_recorded_together_and_had_side_by_side():
    world, meeting = World(), asyncio.Barrier(2)

    async def meet(call_id: str) -> str:
        await meeting.wait()
        return call_id

    batch = world.batch(tool("send", meet, effect="external"))

    assert statuses(await run(world, batch, call("send", "a"), call("send", "b"))) == ["completed"] * 2
    assert world.ran == ["begin a b"]


@pytest.mark.parametrize(("idempotent", "status"), [(False, "failed"), (True, "completed")])
async def test_an_effect_that_may_have_come_is_had_again_only_if_that_changes_nothing(
    idempotent: bool, status: str
):
    world = World()
    send = replace(tool("send", world.noting(), effect="external"), is_idempotent=idempotent)
    calls = [call("send", "begun"), call("send", "fresh")]

    async with asyncio.timeout(30):
        batch = ToolExecutor(
            {"send": send}, 5.0, world.emit, world.operators.observer(), frozenset({"begun"})
        )
        outcomes = await batch.run(calls, world.effects())

    assert statuses(outcomes) == [status, "completed"]
    assert ("Outcome unknown" in outcomes[0].text) is not idempotent
    assert ("begun" in world.ran) is idempotent
    assert "fresh" in world.ran


async def test_what_was_stopped_or_took_too_long_may_have_had_its_effect_elsewhere():
    world = World()
    batch = world.batch(tool("send", forever, effect="external", timeout_seconds=0.01))

    [late] = await run(world, batch, call("send"))

    assert late.status == "timed_out"
    assert late.text.startswith(
        "Outcome unknown: The tool did not finish within 0.01 seconds and was stopped."
    )


async def test_a_call_that_an_earlier_owner_may_have_begun_is_in_doubt_before_it_is_looked_at():
    world = World()
    send = tool("send", world.noting(), effect="external")
    executor = ToolExecutor({"send": send}, 5.0, world.emit, world.operators.observer(), frozenset({"begun"}))

    begun, fresh = executor.outcomes([call("send", "begun"), call("send", "fresh")])

    assert begun.text.startswith("Outcome unknown")
    assert fresh.text == STOPPED
