"""A batch of tool calls: side by side where they only read, timed, isolated, one commit for what they write.

Calls that only read start as soon as they are complete, while the model is still writing, unless a call
before them changes something; those wait until the batch's changes are committed. Calls that stage changes of
one path run in the model's order, on different paths side by side. Calls with an effect elsewhere start
behind the commit, once it is recorded that they do.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    unknown_outcome,
)
from chat.agent.tools.shown_input import shown_input
from chat.agent.tools.tool import EFFECTS, Effect, Tool
from chat.agent.tools.uninterrupted import uninterrupted
from chat.agent.tools.workspace import BatchOutcome

STOP_SECONDS = 1.0

Emit = Callable[[str, Mapping[str, object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """How a batch has its effects: `commit` saves what it staged, `begin` records calls that are to start."""

    commit: Callable[[], Awaitable[BatchOutcome]]
    begin: Callable[[Sequence[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier owner of the turn did of this batch: what it saved, and the calls it may have begun."""

    saved: BatchOutcome | None = None
    begun: frozenset[str] = frozenset()


NOTHING_EARLIER = Earlier()


class ToolExecutor:
    """Runs the calls of one step. `call_ready` may start one early; `run` brings all to their end."""

    def __init__(self, tools: Mapping[str, Tool[Any]], limit_seconds: float, emit: Emit) -> None:
        self._tools = tools
        self._limit = limit_seconds
        self._emit = emit
        self._tasks: dict[str, asyncio.Task[CallOutcome]] = {}
        self._outcomes: dict[str, CallOutcome] = {}
        self._changes = False
        self._discarded = False
        self._begun: set[str] = set()

    def call_ready(self, call: ToolCall) -> None:
        """A call is complete while the model writes on: starts it, if it and all before it only read."""
        if self._effect(call) != "read":
            self._changes = True
        elif not self._changes:
            self._start(call)

    async def run(
        self,
        calls: Sequence[ToolCall],
        effects: Effects,
        earlier: Earlier = NOTHING_EARLIER,
    ) -> list[CallOutcome]:
        """Every call's outcome, in the order asked. A cancellation waits for a commit that has begun.

        Effects that an `earlier` run of this batch had, or may have had, are not had again.
        """
        of = {effect: [c for c in calls if self._effect(c) == effect] for effect in EFFECTS}
        try:
            await self._change_files(of["staged"], effects, earlier)
            begun = await self._begin(of["external"], effects, earlier)
            last = [*of["read"], *begun]
            for call in last:
                self._start(call)
            for call in last:
                await self._finish(self._tasks[call.id])
        finally:
            await self.stop()
        return self.outcomes(calls)

    async def _change_files(self, calls: Sequence[ToolCall], effects: Effects, earlier: Earlier) -> None:
        if earlier.saved:
            for call in calls:
                self._settle(recalled_outcome(call, earlier.saved))
        elif calls:
            # None of these counts before it is saved.
            self._start_in_order(calls)
            staged = [await self._finish(self._tasks[call.id]) for call in calls]
            await uninterrupted(self._commit(staged, effects.commit))

    async def _begin(
        self, calls: Sequence[ToolCall], effects: Effects, earlier: Earlier
    ) -> Sequence[ToolCall]:
        """Records that these calls start; gives those that do, without any that may have had its effect."""
        in_doubt = [c for c in calls if c.id in earlier.begun and not self._tools[c.name].is_idempotent]
        for call in in_doubt:
            self._settle(unknown_outcome(call, "the turn was interrupted while this ran"))
        starting = [call for call in calls if call not in in_doubt]
        if starting:
            await effects.begin([call.id for call in starting])
            self._begun.update(call.id for call in starting)
        return starting

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

    def _effect(self, call: ToolCall) -> Effect:
        tool = self._tools.get(call.name)
        return "read" if tool is None or call.arguments is None else tool.effect

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
        shown: ToolProgress = {"input": shown_input(call)}
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
        if self._effect(call) != "staged" or outcome.is_error:
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
            return self._unfinished(call, text, "timed_out")
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
        outcome = self._unfinished(call, STOPPED, "cancelled")
        self._settle(outcome)
        return outcome

    def _unfinished(self, call: ToolCall, why: str, status: ToolStatus) -> CallOutcome:
        """The outcome of a call that was stopped; an effect elsewhere may have come all the same."""
        if call.id in self._begun:
            return unknown_outcome(call, why, status)
        return failed_outcome(call, why, status)

    def _tell(self, call: ToolCall, status: ToolStatus, data: ToolProgress) -> None:
        if not self._discarded:
            self._emit(
                "tool_use_progress",
                {"toolId": call.id, "toolName": call.name, "status": status, "data": data},
            )


def _paths(call: ToolCall) -> set[str]:
    """The paths a call names, such that two spellings of one file are the same; no file's path is longer."""
    given = (call.arguments or {}).get("path"), (call.arguments or {}).get("new_path")
    return {path_key(path) for path in given if isinstance(path, str) and len(path) <= SPELLING_CHARACTERS}
