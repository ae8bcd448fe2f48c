"""What a turn has done so far, and how it is written down: each step, its results, and the turn's end.

What is final is stored before the page is told that it is. However a turn ends, every call that was begun is
settled and every call that stands in the history has its result.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aicode.api_types import Usage
from aicode.errors import StoreUnavailable, TurnError
from aicode.events import NoticeKind
from aicode.history.records import (
    ApiBlock,
    ContextRecord,
    EndRecord,
    Entry,
    Record,
    ResultsRecord,
    SpentRecord,
    StepRecord,
)
from aicode.history.usage import add_usage, no_usage, subtract_usage, total_tokens
from aicode.session_manager.turn_writer import Batch
from chat.agent.model.interface import Message, ToolCall
from chat.agent.tools.outcome import CallOutcome
from chat.agent.turn.context import Turn
from chat.agent.turn.progress import modifications
from chat.event_log import Event


@dataclass(slots=True)
class Shown:
    """What the page shows that is not final yet: deltas, and calls by id with their names.

    `calls` are those that are not settled, `begun` all of them.
    """

    text: list[str] = field(default_factory=list[str])
    thinking: list[str] = field(default_factory=list[str])
    calls: dict[str, str] = field(default_factory=dict[str, str])
    begun: dict[str, str] = field(default_factory=dict[str, str])

    def begin(self, call_id: str, name: str) -> None:
        """A call is being written; it is among `calls` until it is settled."""
        self.calls[call_id] = self.begun[call_id] = name

    def __bool__(self) -> bool:
        return bool(self.text or self.thinking or self.begun)


class Journal:
    """The record of one turn. `asked` is an answer whose tools have no results yet."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self.step = turn.progress.step
        self.asked: Message | None = turn.progress.asked
        self.shown = Shown()
        self.tokens_today = 0
        self._usage = turn.progress.usage
        self._unstored = no_usage()
        self._changes = list(turn.progress.changes)
        self._stored_seen = dict(turn.seen)
        self.context: list[Record] = []
        self._unsure: Callable[[], Awaitable[bool]] | None = None

    @property
    def tokens_unstored(self) -> int:
        """Tokens spent since the last write; `tokens_today` are those of all turns up to then."""
        return total_tokens(self._unstored)

    def tell(self, text: str) -> None:
        """Something for Claude to read before its next answer; stored with that answer."""
        record: ContextRecord = {"kind": "context", "text": text, "at": self._turn.now_ms()}
        self.context.append(record)

    def told(self) -> list[Entry]:
        """The history, and behind it what is told before the next answer."""
        turn, entries = self._turn.writer.turn, self._turn.entries
        places = enumerate(self.context, start=self._last_place() + 1)
        return [*entries, *(Entry(turn=turn, n=n, record=record) for n, record in places)]

    def notice(self, kind: NoticeKind, text: str) -> None:
        """Something for the vendor to know; stored with the next answer."""
        record: Record = {"kind": "notice", "noticeKind": kind, "text": text, "at": self._turn.now_ms()}
        self.context.append(record)
        self._turn.log.emit("notice", {"kind": kind, "text": text})

    def spend(self, usage: Usage) -> None:
        """Tokens that an answer took."""
        self._usage = add_usage(self._usage, usage)
        self._unstored = add_usage(self._unstored, usage)

    async def store_answer(self, message: Message) -> None:
        """A complete answer with calls, before any of them changes something."""
        self.asked = message
        now = self._turn.now_ms()
        pending = [
            {"toolId": call.id, "toolName": call.name, "status": "running", "startedAt": now}
            for call in message.calls
        ]
        await self._checkpoint([*self._take_context(), self._step(message)], pending=json.dumps(pending))

    async def store_results(self, outcomes: Sequence[CallOutcome]) -> None:
        """The results of the calls: with them the step is final."""
        results = [outcome.result() for outcome in outcomes]
        self._turn.log.emit("tool_use_complete", {"toolResults": results})
        await self._finish_step([self._results(outcomes)])

    async def store_compaction(self, records: Sequence[Record]) -> None:
        """What shortens the conversation for Claude, between two steps; the vendor is told of its notice."""
        notices: list[Event] = [
            ("notice", {"kind": record["noticeKind"], "text": record["text"]})
            for record in records
            if record["kind"] == "notice"
        ]
        await self._checkpoint(records, *notices)

    async def store_spent(self) -> None:
        """What was spent since the last write, so that whoever goes on with the turn knows of it."""
        if any(self._unstored.values()):
            await self._checkpoint([])

    async def store_cut_answer(self, message: Message, told: str) -> None:
        """An answer that a limit cut off: what came is final, `told` says how to go on; calls are not run."""
        self.settle()
        message.content = _without_calls(message.content)
        records = [*self._take_context(), self._step(message)]
        if told:
            self.tell(told)
        await self._finish_step([*records, *self._take_context()])

    async def end_complete(self, message: Message) -> bool:
        """The turn ended as it should; False where the vendor asked to stop before that was stored."""
        self.settle()
        # A call that is not run must not stand in the history: an answer cut short may hold half of one.
        message.content = _without_calls(message.content)
        now = self._turn.now_ms()
        data: dict[str, object] = {
            "turnId": self._turn.writer.turn,
            "stopReason": message.stop_reason,
            "usage": self._usage,
            "fileChanges": self._changes,
        }
        end: EndRecord = {"kind": "end", "event": "message_complete", "data": data, "at": now}
        batch = Batch(records=[*self.context, self._step(message), end], usage=self._unstored, step=self.step)
        log, step_complete = self._turn.log, ("step_complete", {"step": self.step})
        return await self._sure(
            lambda: log.end(
                batch, step_complete, ("message_complete", data), state="idle", unless_cancelled=True
            )
        )

    async def end_cancelled(self, outcomes: Sequence[CallOutcome]) -> None:
        """The vendor stopped the turn; `outcomes` are those of the calls in `asked`."""
        await self._end_early("turn_cancelled", self.cancelled(), "Stopped.", outcomes)

    async def end_failed(self, error: TurnError, outcomes: Sequence[CallOutcome]) -> None:
        """The turn failed; `outcomes` are those of the calls in `asked`."""
        await self._end_early("error", error_data(error), error.message, outcomes)

    async def end_deleted(self) -> None:
        """The session was deleted: nothing of the turn is kept, but what it took counts for the day."""
        self.settle()
        with contextlib.suppress(StoreUnavailable):
            await self._turn.writer.count_tokens(self._turn.now_ms(), self._unstored, "turn")
        self._turn.log.end_unstored("turn_cancelled", self.cancelled())

    def cancelled(self) -> dict[str, object]:
        """The data of `turn_cancelled`."""
        return {"turnId": self._turn.writer.turn, "usage": self._usage}

    def settle(self) -> None:
        """Tells the page of every call that was begun and will not be run."""
        for call_id, name in self.shown.calls.items():
            call = {"toolId": call_id, "toolName": name}
            self._turn.log.emit("tool_use_progress", {**call, "status": "cancelled", "data": {}})
        self.shown.calls.clear()

    async def _end_early(
        self, event: str, data: dict[str, object], notice: str, outcomes: Sequence[CallOutcome]
    ) -> None:
        await self.confirm()
        if self._turn.log.ended:
            return
        now = self._turn.now_ms()
        records: list[Record] = list(self.context)
        if self.asked is not None:
            records.append(self._results(outcomes))
        else:
            self.settle()
            text, thinking = "".join(self.shown.text), "".join(self.shown.thinking)
            if self.shown:
                calls = [{"id": call, "name": name} for call, name in self.shown.begun.items()]
                records.append(
                    {"kind": "partial", "text": text, "thinking": thinking, "calls": calls, "at": now}
                )
        end: EndRecord = {"kind": "end", "event": event, "data": data, "notice": notice, "at": now}
        batch = Batch(
            records=[*records, end],
            modifications=modifications(self._turn.writer.turn, records),
            usage=self._unstored,
            step=self.step,
        )
        state = "cancelled" if event == "turn_cancelled" else "error"
        await self._sure(lambda: self._turn.log.end(batch, (event, data), state=state))

    async def confirm(self) -> None:
        """Tries the last write again where nobody knows whether it was carried out."""
        if self._unsure is not None:
            await self._sure(self._unsure)

    async def _sure(self, write: Callable[[], Awaitable[bool]]) -> bool:
        self._unsure = write
        done = await write()
        self._unsure = None
        return done

    def _take_context(self) -> list[Record]:
        taken, self.context = self.context, []
        return taken

    async def _finish_step(self, records: Sequence[Record]) -> None:
        await self._checkpoint(records, ("step_complete", {"step": self.step}))

    async def _checkpoint(self, records: Sequence[Record], *last: Event, pending: str = "[]") -> None:
        batch = Batch(
            records=[*records, *self._spent_beside(records)],
            modifications=modifications(self._turn.writer.turn, records),
            usage=self._unstored,
            step=self.step,
            pending=pending,
            since=max((record["before"] for record in records if record["kind"] == "summary"), default=None),
        )
        await self._sure(lambda: self._store(batch, last))

    async def _store(self, batch: Batch, last: Sequence[Event]) -> bool:
        signals = await self._turn.log.checkpoint(batch, *last)
        if last:  # the step is final
            self.asked, self.shown = None, Shown()
        self.tokens_today, self._unstored = signals.tokens_today, no_usage()
        turn, entries = self._turn.writer.turn, self._turn.entries
        for n, record in enumerate(batch.records, start=self._last_place() + 1):
            entries.append({"turn": turn, "n": n, "record": record})
        return True

    def _spent_beside(self, records: Sequence[Record]) -> list[SpentRecord]:
        """What none of these records tells of the tokens that are stored with them."""
        rest = self._unstored
        for record in records:
            if record["kind"] == "step" or record["kind"] == "summary":
                rest = subtract_usage(rest, record["usage"])
        return [{"kind": "spent", "usage": rest, "at": self._turn.now_ms()}] if any(rest.values()) else []

    def _last_place(self) -> int:
        turn = self._turn.writer.turn
        return max((entry["n"] for entry in self._turn.entries if entry["turn"] == turn), default=0)

    def _step(self, message: Message) -> StepRecord:
        return {
            "kind": "step",
            "step": self.step,
            "content": message.content,
            "stopReason": message.stop_reason,
            "model": message.model,
            "usage": message.usage,
            "at": self._turn.now_ms(),
        }

    def _results(self, outcomes: Sequence[CallOutcome]) -> ResultsRecord:
        self._turn.workspace.end_batch()
        changes = [change for outcome in outcomes for change in outcome.changes]
        self._changes += changes
        seen = self._turn.seen
        fresh = {path: version for path, version in seen.items() if self._stored_seen.get(path) != version}
        self._stored_seen.update(fresh)
        return {
            "kind": "results",
            "step": self.step,
            "content": [outcome.block() for outcome in outcomes],
            "tools": [outcome.result() for outcome in outcomes],
            "changes": changes,
            "seen": fresh,
            "at": self._turn.now_ms(),
        }


def error_data(error: TurnError) -> dict[str, object]:
    """The data of the `error` event."""
    data: dict[str, object] = {"message": error.message, "code": error.code, "retryable": error.retryable}
    if error.retry_after_ms is not None:
        data["retryAfterMs"] = error.retry_after_ms
    return data


def calls_of(message: Message | None) -> Sequence[ToolCall]:
    """The calls that wait for their results."""
    return message.calls if message is not None else ()


def _without_calls(content: Sequence[ApiBlock]) -> list[ApiBlock]:
    return [block for block in content if block.get("type") != "tool_use"]
