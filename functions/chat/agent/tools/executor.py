"""A batch of tool calls: side by side where they only read, timed, isolated, one commit for what they write.

Calls that only read start as soon as they are complete, while the model is still writing, unless a call
before them changes something; those wait until the batch's writes are committed. Writing calls on one path
are staged in the model's order, on different paths side by side.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from aicode.events import ToolProgress, ToolStatus
from aicode.file_store.paths import SPELLING_CHARACTERS, path_key
from chat.agent.model.interface import ToolCall
from chat.agent.tools.batch_limit import fit_batch
from chat.agent.tools.outcome import (
    STOPPED,
    CallOutcome,
    ended_outcome,
    failed_outcome,
    note_saved,
    recalled_outcome,
)
from chat.agent.tools.tool import Tool
from chat.agent.tools.workspace import BatchOutcome

SHOWN_INPUT_LIMIT = 500
STOP_SECONDS = 1.0

Emit = Callable[[str, Mapping[str, object]], None]
ResultT = TypeVar("ResultT")


class ToolExecutor:
    """Runs the calls of one step. `call_ready` may start one early; `run` brings all to their end."""

    def __init__(self, tools: Mapping[str, Tool[Any]], limit_seconds: float, emit: Emit) -> None:
        self._tools = tools
        self._limit = limit_seconds
        self._emit = emit
        self._tasks: dict[str, asyncio.Task[CallOutcome]] = {}
        self._outcomes: dict[str, CallOutcome] = {}
        self._writes = False
        self._discarded = False

    def call_ready(self, call: ToolCall) -> None:
        """A call is complete while the model writes on: starts it, if it and all before it only read."""
        if not self._reads_only(call):
            self._writes = True
        elif not self._writes:
            self._start(call)

    async def run(
        self,
        calls: Sequence[ToolCall],
        commit: Callable[[], Awaitable[BatchOutcome]],
        recalled: BatchOutcome | None = None,
    ) -> list[CallOutcome]:
        """Every call's outcome, in the order asked. A cancellation waits for a commit that has begun.

        `recalled` is what an earlier run of this batch saved: its writing calls are not run again.
        """
        readers = [call for call in calls if self._reads_only(call)]
        writers = [call for call in calls if not self._reads_only(call)]
        try:
            if recalled:
                for call in writers:
                    self._settle(recalled_outcome(call, recalled))
            elif writers:
                # None of these counts before it is saved.
                self._start_in_order(writers)
                staged = [await self._finish(self._tasks[call.id]) for call in writers]
                await uninterrupted(self._commit(staged, commit))
            for call in readers:
                self._start(call)
            for call in readers:
                await self._finish(self._tasks[call.id])
        finally:
            await self.stop()
        return self.outcomes(calls)

    def outcomes(self, calls: Sequence[ToolCall]) -> list[CallOutcome]:
        """What is known of each call; one that did not come to its end counts as stopped."""
        outcomes = [self._outcomes.get(call.id) or self._stopped(call) for call in calls]
        fit_batch(outcomes, self._tools)
        return outcomes

    def recall(self, calls: Sequence[ToolCall], saved: BatchOutcome) -> None:
        """Settles the calls whose changes turn out to have been saved."""
        for call in calls:
            if call.id in saved.changes and call.id not in self._outcomes:
                self._settle(recalled_outcome(call, saved))

    async def stop(self) -> None:
        """Cancels what still runs and waits until it has ended."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def discard(self) -> None:
        """Throws the batch away: the step is asked for again."""
        self._discarded = True
        for task in self._tasks.values():
            task.cancel()

    def _reads_only(self, call: ToolCall) -> bool:
        tool = self._tools.get(call.name)
        return tool is None or tool.reads_only or call.arguments is None

    def _start(
        self, call: ToolCall, behind: "Iterable[asyncio.Task[CallOutcome]]" = ()
    ) -> "asyncio.Task[CallOutcome]":
        if call.id not in self._tasks:
            self._tasks[call.id] = asyncio.create_task(self._run_one(call, list(behind)))
        return self._tasks[call.id]

    def _start_in_order(self, calls: Sequence[ToolCall]) -> None:
        """Starts all; one that names a path waits for the call before it that names the same."""
        latest: dict[str, asyncio.Task[CallOutcome]] = {}
        for call in calls:
            paths = _paths(call)
            task = self._start(call, {latest[path] for path in paths if path in latest})
            latest |= dict.fromkeys(paths, task)

    async def _finish(self, task: "asyncio.Task[CallOutcome]") -> CallOutcome:
        await asyncio.wait({task})
        return task.result()

    async def _run_one(
        self, call: ToolCall, behind: "Sequence[asyncio.Task[CallOutcome]]" = ()
    ) -> CallOutcome:
        if behind:
            await asyncio.wait(behind)
        began = time.monotonic()
        shown: ToolProgress = {"input": _shown_input(call)}
        self._tell(call, "running", shown)
        tool = self._tools.get(call.name)
        if call.arguments is None:
            outcome = failed_outcome(
                call, "The call's input is not valid JSON. Ask again with complete JSON."
            )
        elif tool is None:
            known = ", ".join(sorted(self._tools))
            outcome = failed_outcome(call, f"There is no tool {call.name[:64]!r}. There are: {known}.")
        else:
            outcome = await self._timed(tool, call)
        outcome.duration_ms = round((time.monotonic() - began) * 1000)
        if tool is None or tool.reads_only or outcome.is_error:
            self._settle(outcome)
        return outcome

    async def _timed(self, tool: Tool[Any], call: ToolCall) -> CallOutcome:
        limit = min(tool.timeout_seconds, self._limit)
        # The tool has a task of its own, so that whatever it raises is looked at and never spreads.
        work = asyncio.ensure_future(tool.call(call.arguments, call.id))
        try:
            await asyncio.wait({work}, timeout=limit)
        finally:
            finished = work.done()
            work.cancel()
            # One that does not stop when it is told to is left behind: the turn goes on without it.
            await asyncio.wait({work}, timeout=STOP_SECONDS)
        if not finished:
            text = f"The tool did not finish within {limit:g} seconds and was stopped."
            return failed_outcome(call, text, "timed_out")
        return ended_outcome(call, work)

    async def _commit(
        self, staged: Sequence[CallOutcome], commit: Callable[[], Awaitable[BatchOutcome]]
    ) -> None:
        saved = await commit()
        for outcome in staged:
            if not outcome.is_error:
                note_saved(outcome, saved)
                self._settle(outcome)

    def _settle(self, outcome: CallOutcome) -> None:
        self._outcomes[outcome.call.id] = outcome
        data: ToolProgress = {"summary": outcome.summary, "durationMs": outcome.duration_ms}
        if outcome.is_error:
            data["error"] = outcome.summary
        self._tell(outcome.call, outcome.status, data)
        for change in outcome.changes:
            self._emit("file_change", change)

    def _stopped(self, call: ToolCall) -> CallOutcome:
        outcome = failed_outcome(call, STOPPED, "cancelled")
        self._settle(outcome)
        return outcome

    def _tell(self, call: ToolCall, status: ToolStatus, data: ToolProgress) -> None:
        if not self._discarded:
            self._emit(
                "tool_use_progress",
                {"toolId": call.id, "toolName": call.name, "status": status, "data": data},
            )


async def uninterrupted(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Finishes what has begun however often the caller is cancelled; the cancellation follows, once."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # looked at, or asyncio logs it; whoever stops the turn tries the write again
    raise cancelled


def _paths(call: ToolCall) -> set[str]:
    """The paths a call names, such that two spellings of one file are the same; no file's path is longer."""
    given = (call.arguments or {}).get("path"), (call.arguments or {}).get("new_path")
    return {path_key(path) for path in given if isinstance(path, str) and len(path) <= SPELLING_CHARACTERS}


def _shown_input(call: ToolCall) -> dict[str, object]:
    """The input with long texts cut: events are for looking at, the history has all of it."""
    shown: dict[str, object] = {}
    for name, value in (call.arguments or {}).items():
        if isinstance(value, str) and len(value) > SHOWN_INPUT_LIMIT:
            shown[name] = f"{value[:SHOWN_INPUT_LIMIT]}…"
        elif isinstance(value, (dict, list)) and len(json.dumps(value)) > SHOWN_INPUT_LIMIT:
            continue
        else:
            shown[name] = value
    return shown
