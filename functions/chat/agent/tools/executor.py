"""Runs the tool calls of a batch, each with a time limit of its own, and commits their changes once.

Calls that only read run side by side. They start as soon as they are complete, while the model is still
writing; those behind a call that changes something wait until the batch's changes are committed. Calls that
stage changes run in the model's order if they name the same path, else side by side. Calls with an external
effect start after the commit, once the history has a record that they are about to start. Calls that wait for
the vendor are none of its business before that is over, and some of them end then without being run.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aicode.events import ToolProgress, ToolStatus
from aicode.file_store.paths import SPELLING_CHARACTERS, path_key
from aicode.telemetry import Observer
from chat.agent.model import ToolCall
from chat.agent.tools.batch_commit import BatchOutcome
from chat.agent.tools.batch_limit import fit_batch
from chat.agent.tools.outcome import (
    STOPPED,
    CallOutcome,
    ended_outcome,
    failed_outcome,
    note_saved,
    recalled_outcome,
    shown_input,
    unknown_outcome,
)
from chat.agent.tools.tool import EFFECTS, Effect, Tool, ToolOutput
from chat.agent.tools.uninterrupted import uninterrupted

STOP_SECONDS = 1.0

Emit = Callable[[str, Mapping[str, object]], None]
Instead = Mapping[str, Callable[[], Awaitable[ToolOutput]]]
"""What gives the output of a call, by its id, where the call itself is not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """`commit` saves the staged changes of a batch; `begin` records external calls before they start."""

    commit: Callable[[], Awaitable[BatchOutcome]]
    begin: Callable[[Sequence[str]], Awaitable[None]]


class ToolExecutor:
    """Runs the calls of one step. `call_ready` may start a call early; `run` runs all the others too.

    `begun` are the ids of external calls that an earlier owner of the turn may have started.
    """

    def __init__(
        self,
        tools: Mapping[str, Tool[Any]],
        limit_seconds: float,
        emit: Emit,
        observer: Observer,
        begun: frozenset[str] = frozenset(),
    ) -> None:
        self._tools = tools
        self._limit = limit_seconds
        self._emit = emit
        self._observer = observer
        self._tasks: dict[str, asyncio.Task[CallOutcome]] = {}
        self._outcomes: dict[str, CallOutcome] = {}
        self._changes = False
        self._discarded = False
        self._begun = set(begun)
        self._instead: Instead = {}

    def call_ready(self, call: ToolCall) -> None:
        """Starts a call while the model writes on, if this call and all before it only read."""
        tool = self._tools.get(call.name)
        if self._effect(call) != "read":
            self._changes = True
        elif not self._changes and (tool is None or tool.wait is None):
            self._start(call)

    async def run(
        self,
        calls: Sequence[ToolCall],
        effects: Effects,
        saved: BatchOutcome | None = None,
        instead: Instead | None = None,
    ) -> list[CallOutcome]:
        """Every call's outcome, in the order asked. A cancellation waits for a commit that has begun.

        `saved` is what an earlier owner of the turn saved of this batch; it is not done again.
        """
        self._instead = instead or {}
        by_effect = {effect: [c for c in calls if self._effect(c) == effect] for effect in EFFECTS}
        try:
            await self._change_files(by_effect["staged"], effects, saved)
            begun = await self._begin(by_effect["external"], effects)
            last = [*by_effect["read"], *begun]
            for call in last:
                self._start(call)
            for call in last:
                await self._finish(self._tasks[call.id])
        finally:
            await self.stop()
        return self.outcomes(calls)

    async def _change_files(
        self, calls: Sequence[ToolCall], effects: Effects, saved: BatchOutcome | None
    ) -> None:
        if saved:
            for call in calls:
                self._settle(recalled_outcome(call, saved))
        elif calls:
            # Their outcomes are shown only when their changes are saved.
            self._start_in_order(calls)
            staged = [await self._finish(self._tasks[call.id]) for call in calls]
            await uninterrupted(self._commit(staged, effects.commit))

    async def _begin(self, calls: Sequence[ToolCall], effects: Effects) -> Sequence[ToolCall]:
        """Records that these calls start. Gives them without those that may have had their effect before."""
        in_doubt = [c for c in calls if c.id in self._begun and not self._tools[c.name].is_idempotent]
        for call in in_doubt:
            self._settle(unknown_outcome(call, "the turn was interrupted while this ran"))
        starting = [call for call in calls if call not in in_doubt]
        if starting:
            await effects.begin([call.id for call in starting])
            self._begun.update(call.id for call in starting)
        return starting

    def outcomes(self, calls: Sequence[ToolCall]) -> list[CallOutcome]:
        """The outcome of each call; a call that has not ended counts as stopped."""
        outcomes = [self._outcomes.get(call.id) or self._stopped(call) for call in calls]
        fit_batch(outcomes, self._tools)
        return outcomes

    def recall(self, calls: Sequence[ToolCall], saved: BatchOutcome) -> None:
        """Settles the calls whose changes were saved, as it has turned out."""
        for call in calls:
            if call.id in saved.changes and call.id not in self._outcomes:
                self._settle(recalled_outcome(call, saved))

    async def stop(self) -> None:
        """Cancels the calls that still run and waits until they have ended."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def discard(self) -> None:
        """Cancels all calls and shows nothing more of them, because the answer is asked for again."""
        self._discarded = True
        for task in self._tasks.values():
            task.cancel()

    def _effect(self, call: ToolCall) -> Effect:
        tool = self._tools.get(call.name)
        if tool is None or call.arguments is None or call.id in self._instead:
            return "read"
        return tool.effect

    def _start(
        self, call: ToolCall, behind: "Iterable[asyncio.Task[CallOutcome]]" = ()
    ) -> "asyncio.Task[CallOutcome]":
        if call.id not in self._tasks:
            self._tasks[call.id] = asyncio.create_task(self._run_one(call, list(behind)))
        return self._tasks[call.id]

    def _start_in_order(self, calls: Sequence[ToolCall]) -> None:
        """Starts all calls; each waits for the latest earlier call that names the same path."""
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
        self._show_progress(call, "running", shown)
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
        # The tool runs in a task of its own, so that no exception of it ends the turn.
        instead = self._instead.get(call.id)
        work = asyncio.ensure_future(instead() if instead else tool.call(call.arguments, call.id))
        try:
            await asyncio.wait({work}, timeout=limit)
        finally:
            finished = work.done()
            work.cancel()
            # The turn goes on without a tool that does not stop when it is cancelled.
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
        # A name that Claude has made up could be any.
        name = outcome.call.name if outcome.call.name in self._tools else "unknown"
        ms, result = outcome.duration_ms, outcome.status
        self._observer.measured("Tool", ms / 1000, Tool=name, Result=result)
        self._observer.info("tool", tool=name, result=result, ms=ms)
        data: ToolProgress = {"summary": outcome.summary, "durationMs": outcome.duration_ms}
        if outcome.is_error:
            data["error"] = outcome.summary
        self._show_progress(outcome.call, outcome.status, data)
        for change in outcome.changes:
            self._emit("file_change", change)

    def _stopped(self, call: ToolCall) -> CallOutcome:
        outcome = self._unfinished(call, STOPPED, "cancelled")
        self._settle(outcome)
        return outcome

    def _unfinished(self, call: ToolCall, why: str, status: ToolStatus) -> CallOutcome:
        """The outcome of a call that was stopped; an external effect may have happened all the same."""
        if call.id in self._begun:
            return unknown_outcome(call, why, status)
        return failed_outcome(call, why, status)

    def _show_progress(self, call: ToolCall, status: ToolStatus, data: ToolProgress) -> None:
        if not self._discarded:
            self._emit(
                "tool_use_progress",
                {"toolId": call.id, "toolName": call.name, "status": status, "data": data},
            )


def _paths(call: ToolCall) -> set[str]:
    """The paths that a call names, spelled alike for the same file, without any too long for a file."""
    given = (call.arguments or {}).get("path"), (call.arguments or {}).get("new_path")
    return {path_key(path) for path in given if isinstance(path, str) and len(path) <= SPELLING_CHARACTERS}
