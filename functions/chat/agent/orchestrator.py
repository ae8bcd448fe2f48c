"""A turn: ask the model, run the batch of tools it asks for, checkpoint, repeat, end.

What is shown is sent at once; what is final is stored before the page is told that it is. However a turn
ends, its calls are settled, its history is valid, and exactly one terminal event goes out.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aicode.errors import AICodeError, FencedError, NotFound, SessionDeletedError, StoreUnavailable, TurnError
from aicode.events import FileChange, Usage
from aicode.file_store.store import FileStore, TurnRef
from aicode.models import FileModification
from aicode.session_manager.records import (
    ContextRecord,
    EndRecord,
    Entry,
    Record,
    ResultsRecord,
    StepRecord,
    add_usage,
    no_usage,
)
from aicode.session_manager.turns import Batch, TurnWriter
from aicode.settings import Settings
from chat.agent import attempts, prompt
from chat.agent.conversation import context_of, to_api
from chat.agent.event_log import EventLog
from chat.agent.model import Message, Model, ToolCall
from chat.agent.pricing import cost_usd
from chat.agent.tool_executor import CallOutcome, ToolBatch, uninterrupted
from chat.agent.tools.tool import Tool
from chat.agent.tools.workspace import BatchOutcome, Workspace

FINAL_STOP_REASONS = frozenset({"end_turn", "stop_sequence", "max_tokens", "model_context_window_exceeded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Everything one turn works with."""

    settings: Settings
    model: Model
    store: FileStore
    workspace: Workspace
    tools: Mapping[str, Tool[Any]]
    writer: TurnWriter
    log: EventLog
    model_name: str
    message: str
    entries: list[Entry]
    seen: dict[str, int]  # the workspace keeps it up to date
    now_ms: Callable[[], int]
    patience: attempts.Patience
    logger: attempts.Log


@dataclass(slots=True)
class Shown:
    """What the page shows that is not final yet."""

    text: list[str] = field(default_factory=list[str])
    thinking: list[str] = field(default_factory=list[str])
    calls: dict[str, str] = field(default_factory=dict[str, str])

    def __bool__(self) -> bool:
        return bool(self.text or self.thinking or self.calls)


class Orchestrator:
    """Runs one turn to its end. Hears the model as its StepListener."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._step = 0
        self._usage = no_usage()
        self._unstored = no_usage()
        self._changes: list[FileChange] = []
        self._shown = Shown()
        self._asked: Message | None = None
        self._context: list[Record] = []
        self._tokens_today = 0
        self._stored_seen = dict(turn.seen)
        self._batch = self._new_batch()

    async def run(self) -> None:
        """The whole turn, with its terminal event; stops early where the vendor cancels."""
        steps = asyncio.create_task(self._steps())
        flush = asyncio.create_task(self._turn.log.run(steps.cancel))
        try:
            await asyncio.wait({steps, flush}, return_when=asyncio.FIRST_COMPLETED)
            if flush.done() and flush.exception() is not None:
                steps.cancel()
            await asyncio.wait({steps})
            flush.cancel()
            await asyncio.wait({flush})
            await self._batch.stop()
            await self._finish(steps, flush)
        finally:
            steps.cancel()
            flush.cancel()
            await asyncio.gather(steps, flush, return_exceptions=True)
            await self._batch.stop()

    async def _finish(self, steps: "asyncio.Task[Message]", flush: "asyncio.Task[None]") -> None:
        lost = None if flush.cancelled() else flush.exception()
        try:
            if lost is not None:
                raise lost
            if steps.cancelled():
                await self._end_cancelled()
                return
            await self._end_with(steps)
        except SessionDeletedError:
            self._settle()
            self._turn.log.end_unstored("turn_cancelled", self._cancelled())
        except FencedError:
            return
        except TurnError as error:
            await self._end_failed(error)
        except StoreUnavailable:
            await self._end_failed(_store_lost())

    async def _end_with(self, steps: "asyncio.Task[Message]") -> None:
        error = steps.exception()
        if error is None:
            await self._end_complete(steps.result())
            return
        if not isinstance(error, AICodeError):
            await self._end_failed(TurnError("internal", "Something went wrong on our side."))
        raise error

    async def _steps(self) -> Message:
        """Asks and runs tools until the model stops; gives its last answer."""
        await self._look_at_app()
        limit = self._turn.settings.daily_token_budget
        for step in range(1, self._turn.settings.max_steps + 1):
            if limit and self._tokens_today >= limit:
                raise TurnError("budget_exceeded", "Today's token budget is used up.")
            self._step = step
            message = await self._ask()
            if message.stop_reason == "refusal":
                raise TurnError("model_refused", message.refusal or "Claude declined to answer this.")
            if message.stop_reason != "tool_use" or not message.calls:
                return message
            await self._run_tools(message)
        raise TurnError("step_limit", "This took more steps than a turn may have. Send a message to go on.")

    async def _look_at_app(self) -> None:
        turn = self._turn
        vendor, app = turn.writer.vendor, turn.writer.app
        try:
            listing = await turn.store.list_files(vendor, app)
            rules = [file for file in listing.files if file["path"] == prompt.RULES_PATH]
            text = (await turn.store.read_file(vendor, app, prompt.RULES_PATH))["content"] if rules else ""
        except NotFound as error:
            raise TurnError("internal", "The app is gone.") from error
        context = prompt.app_context(listing.files, text)
        if context != context_of(turn.entries):
            record: ContextRecord = {"kind": "context", "text": context, "at": turn.now_ms()}
            self._context = [record]

    async def _ask(self) -> Message:
        turn = self._turn
        self._shown, self._batch = Shown(), self._new_batch()
        fresh: list[Entry] = [
            {"turn": turn.writer.turn, "n": 0, "record": record} for record in self._context
        ]
        request = prompt.request(turn.model_name, turn.tools.values(), to_api([*turn.entries, *fresh]))
        message = await attempts.answer(turn.model, request, self, turn.patience, turn.logger)
        message.usage["costUsd"] = cost_usd(message.model, message.usage)
        self._usage = add_usage(self._usage, message.usage)
        self._unstored = add_usage(self._unstored, message.usage)
        return message

    async def _run_tools(self, message: Message) -> None:
        self._asked = message
        await uninterrupted(self._store([*self._context, self._step_record(message)], calls=message.calls))
        self._context = []
        outcomes = await self._batch.run(message.calls, self._commit)
        await uninterrupted(self._store_results(outcomes))

    async def _commit(self) -> BatchOutcome:
        writer = self._turn.writer
        reference = TurnRef(writer.sid, writer.turn, writer.epoch)
        key = f"{writer.sid}/{writer.turn}/{self._step}"
        return await self._turn.workspace.commit(reference, key, self._turn.message[:200])

    async def _store_results(self, outcomes: Sequence[CallOutcome]) -> None:
        results = [outcome.result() for outcome in outcomes]
        self._turn.log.emit("tool_use_complete", {"toolResults": results})
        record = self._results_record(outcomes)
        await self._store([record], final=True)

    async def _store(
        self, records: Sequence[Record], *, calls: Sequence[ToolCall] = (), final: bool = False
    ) -> None:
        """One checkpoint; `final` tells the page that the step is."""
        now = self._turn.now_ms()
        pending = [
            {"toolId": call.id, "toolName": call.name, "status": "running", "startedAt": now}
            for call in calls
        ]
        batch = Batch(
            records=records,
            modifications=self._modifications(records),
            usage=self._unstored,
            step=self._step,
            pending=json.dumps(pending),
        )
        last = [("step_complete", {"step": self._step})] if final else []
        signals = await self._turn.log.checkpoint(batch, *last)
        self._tokens_today, self._unstored = signals.tokens_today, no_usage()
        self._remember(records)
        if final:
            self._asked, self._shown = None, Shown()

    def _remember(self, records: Sequence[Record]) -> None:
        known = max((e["n"] for e in self._turn.entries if e["turn"] == self._turn.writer.turn), default=0)
        for n, record in enumerate(records, start=known + 1):
            self._turn.entries.append({"turn": self._turn.writer.turn, "n": n, "record": record})

    def _modifications(self, records: Sequence[Record]) -> dict[str, str]:
        found: dict[str, str] = {}
        for record in records:
            for change in record["changes"] if record["kind"] == "results" else ():
                modification: FileModification = {
                    "path": change["path"],
                    "action": change["action"],
                    "version": change["version"],
                    "turnId": self._turn.writer.turn,
                    "toolId": change["toolId"],
                    "timestamp": record["at"],
                }
                found[change["path"]] = json.dumps(modification)
        return found

    def _step_record(self, message: Message) -> StepRecord:
        return {
            "kind": "step",
            "step": self._step,
            "content": message.content,
            "stopReason": message.stop_reason,
            "model": message.model,
            "usage": message.usage,
            "at": self._turn.now_ms(),
        }

    def _results_record(self, outcomes: Sequence[CallOutcome]) -> ResultsRecord:
        changes = [change for outcome in outcomes for change in outcome.changes]
        self._changes += changes
        seen = self._turn.seen
        fresh = {path: version for path, version in seen.items() if self._stored_seen.get(path) != version}
        self._stored_seen.update(fresh)
        return {
            "kind": "results",
            "step": self._step,
            "content": [outcome.block() for outcome in outcomes],
            "tools": [outcome.result() for outcome in outcomes],
            "changes": changes,
            "seen": fresh,
            "at": self._turn.now_ms(),
        }

    # -- how a turn ends ------------------------------------------------------------------------------

    async def _end_complete(self, message: Message) -> None:
        # A call that is not run must not stand in the history: an answer cut short may hold half of one.
        message.content = [block for block in message.content if block.get("type") != "tool_use"]
        self._settle()
        data: dict[str, object] = {
            "turnId": self._turn.writer.turn,
            "stopReason": message.stop_reason,
            "usage": self._usage,
            "fileChanges": self._changes,
        }
        end: EndRecord = {"kind": "end", "event": "message_complete", "data": data, "at": self._turn.now_ms()}
        batch = Batch(
            records=[*self._context, self._step_record(message), end], usage=self._unstored, step=self._step
        )
        done = await self._turn.log.end(
            batch,
            ("step_complete", {"step": self._step}),
            ("message_complete", data),
            state="idle",
            unless_cancelled=True,
        )
        if not done:
            await self._end_cancelled()

    async def _end_cancelled(self) -> None:
        await self._end_early("turn_cancelled", self._cancelled(), "cancelled", "Stopped.")

    async def _end_failed(self, error: TurnError) -> None:
        data: dict[str, object] = {
            "message": error.message,
            "code": error.code,
            "retryable": error.retryable,
        }
        if error.retry_after_ms is not None:
            data["retryAfterMs"] = error.retry_after_ms
        try:
            await self._end_early("error", data, "error", error.message)
        except FencedError:
            return
        except StoreUnavailable:
            # The lease will end; until then the page at least knows.
            self._turn.log.end_unstored("error", data)

    async def _end_early(self, event: str, data: dict[str, object], state: str, notice: str) -> None:
        """Ends a turn short of its aim: keeps what was shown, answers every call that was asked for."""
        records: list[Record] = list(self._context)
        now = self._turn.now_ms()
        if self._asked is not None:
            records.append(self._results_record(self._batch.outcomes(self._asked.calls)))
        else:
            self._settle()
            text, thinking = "".join(self._shown.text), "".join(self._shown.thinking)
            if text or thinking:
                records.append({"kind": "partial", "text": text, "thinking": thinking, "at": now})
        end: EndRecord = {"kind": "end", "event": event, "data": data, "notice": notice, "at": now}
        batch = Batch(records=[*records, end], usage=self._unstored, step=self._step)
        await self._turn.log.end(batch, (event, data), state=state)

    def _settle(self) -> None:
        """Tells the page of every call that was begun and will not be run."""
        for call_id, name in self._shown.calls.items():
            call = {"toolId": call_id, "toolName": name}
            self._turn.log.emit("tool_use_progress", {**call, "status": "cancelled", "data": {}})
        self._shown.calls.clear()

    def _cancelled(self) -> dict[str, object]:
        usage: Usage = self._usage
        return {"turnId": self._turn.writer.turn, "usage": usage}

    # -- what is heard while the model writes ---------------------------------------------------------

    def text(self, text: str) -> None:
        """Shows more of the answer."""
        self._shown.text.append(text)
        self._turn.log.emit_delta("text_delta", text)

    def thinking(self, text: str) -> None:
        """Shows more of the thinking."""
        self._shown.thinking.append(text)
        self._turn.log.emit_delta("thinking_delta", text)

    def tool_start(self, call_id: str, name: str) -> None:
        """Shows that a call is being written."""
        self._shown.calls[call_id] = name
        self._turn.log.emit("tool_use_start", {"toolId": call_id, "toolName": name})

    def tool_ready(self, call: ToolCall) -> None:
        """Lets a call that only reads begin."""
        self._batch.call_ready(call)

    def reset(self, reason: str) -> None:
        """Takes back what was shown of an answer that is asked for again."""
        self._batch.discard()
        self._turn.workspace.reset()
        self._batch = self._new_batch()
        if self._shown:
            self._shown = Shown()
            self._turn.log.emit("step_reset", {"reason": reason})

    def _new_batch(self) -> ToolBatch:
        return ToolBatch(self._turn.tools, self._turn.settings.tool_timeout, self._tool_event)

    def _tool_event(self, kind: str, data: Mapping[str, object]) -> None:
        if kind == "tool_use_progress" and data["status"] != "running":
            self._shown.calls.pop(str(data["toolId"]), None)
        self._turn.log.emit(kind, data)


def _store_lost() -> TurnError:
    return TurnError("store_unavailable", "The session store does not answer.", retryable=True)
