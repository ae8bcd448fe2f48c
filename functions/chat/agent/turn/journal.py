"""Writes down what a turn does: each step, the results of its calls, and the turn's end.

A step is stored before the page is told that it is final. However a turn ends, every call that the page shows
is settled, and every call in the history has its result.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from aicode.errors import StoreUnavailable, TurnError
from aicode.events import NoticeKind
from aicode.history import (
    ApiBlock,
    BegunRecord,
    CheckRecord,
    Entry,
    Page,
    Record,
    ResultsRecord,
    StepRecord,
    WaitingRecord,
    WaitingRequest,
    end_record,
    fit_to_keep,
    pages_in,
    record_type,
    sources_in,
    unanswered,
    waiting_events,
)
from aicode.session_manager import Batch
from chat.agent.model import Answer
from chat.agent.tools import CallOutcome, uninterrupted
from chat.agent.turn.context import TurnContext
from chat.agent.turn.estimate import anew, next_answer
from chat.agent.turn.progress import (
    Progress,
    asked_checks,
    modifications,
    results_record,
    rules_notices,
)
from chat.agent.turn.reserve import Due, Reserve
from chat.agent.turn.shown import Shown
from chat.agent.turn.spending import Spending
from chat.event_log import Event


class Journal:
    """Writes down one turn, which had come as far as `progress` says.

    `step` is the number of the current step, `asked` its answer while the calls in it have no results yet.
    `last` is an answer that is stored and ends the turn, unless Claude is told to go on.
    `begun` are the ids of those of its calls that an earlier owner may have started. `waited_for` is
    what some of its calls have asked the vendor for, who gave the `answers`, each by the call's id. `seen`
    maps paths to the file versions that Claude knows; the workspace keeps it up to date.
    """

    def __init__(self, turn: TurnContext, progress: Progress, seen: Mapping[str, int]) -> None:
        self._turn = turn
        self.step = progress.step
        self.asked: Answer | None = progress.asked
        self.begun = frozenset(progress.begun)
        self.waited_for = progress.waited_for
        self.answers = progress.answers
        self.partial = progress.partial
        self.last: Answer | None = progress.last
        self.shown = Shown(paused_calls=dict(progress.paused_calls))
        self.spending = Spending(progress.usage, Reserve(turn.writer, turn.now_ms), turn.observer)
        self._changes = list(progress.changes)
        self._seen = seen
        self._stored_seen = dict(seen)
        self._context: list[Record] = []
        # What the vendor was told since the last final step: taking an answer back takes none of it back.
        self._notices: list[Event] = []
        self._unsure: Callable[[], Awaitable[bool]] | None = None

    # -- for Claude, and for the page -------------------------------------------------------------------

    def begin_step(self) -> None:
        """Counts one more step."""
        self.step += 1

    def begin_answer(self) -> None:
        """Begins an answer, of which the page shows nothing yet."""
        self.shown.clear()

    def show(self, kind: str, data: Mapping[str, object]) -> None:
        """Sends an event of the step under way to the page."""
        self.shown.hear(kind, data)
        self._turn.events.emit(kind, data)

    def show_delta(self, kind: str, text: str) -> None:
        """As `show`, for `text_delta` and `thinking_delta`: cheaper, because most events are these."""
        (self.shown.texts if kind == "text_delta" else self.shown.thoughts).append(text)
        self._turn.events.emit_delta(kind, text)

    def take_back(self, reason: str) -> None:
        """Tells the page to throw away what it shows of an answer that is asked for again.

        The page throws away the notices of this step too. They stay in the history, so it is told them again.
        """
        if self.shown:
            self.show("step_reset", {"reason": reason})
            for kind, data in self._notices:
                self._turn.events.emit(kind, data)

    def pages(self) -> list[Page]:
        """The pages of the web that Claude was given in this session."""
        records = (entry["record"] for entry in self._turn.entries)
        return [
            page for record in records if record["kind"] == "step" for page in pages_in(record["content"])
        ]

    def tell_claude(self, text: str) -> None:
        """Adds a text that Claude reads before its next answer; it is stored with that answer."""
        self._context.append({"kind": "context", "text": text, "at": self._turn.now_ms()})

    def entries_and_context(self) -> list[Entry]:
        """The history, followed by the records that will be stored with the next answer."""
        return [*self._turn.entries, *self._placed(self._context)]

    def notice(self, kind: NoticeKind, text: str) -> None:
        """Shows the vendor a notice; it is stored with the next answer."""
        self._context.append({"kind": "notice", "noticeKind": kind, "text": text, "at": self._turn.now_ms()})
        self._notices.append(("notice", {"kind": kind, "text": text}))
        self._turn.events.emit(*self._notices[-1])

    def show_check(self, record: CheckRecord) -> None:
        """Shows the vendor what a check has found; it is stored with the next answer, or with the end."""
        self._context.append(record)
        self._notices += _events([record])
        self._turn.events.emit(*self._notices[-1])

    # -- steps ------------------------------------------------------------------------------------------

    async def store_answer(self, answer: Answer) -> None:
        """Stores a complete answer with calls, before any of them changes something."""
        self.asked = answer
        records = [*self._take_context(), self._step(answer)]
        await uninterrupted(self._checkpoint(records, pending=self._pending(answer)))

    async def store_begun(self, call_ids: Sequence[str]) -> None:
        """Stores that these calls of the answer, whose effect is external, are about to start."""
        begun: BegunRecord = {
            "kind": "begun",
            "step": self.step,
            "toolIds": list(call_ids),
            "at": self._turn.now_ms(),
        }
        await uninterrupted(self._checkpoint([begun], pending=self._pending(self.asked)))

    async def store_results(self, outcomes: Sequence[CallOutcome]) -> None:
        """Stores the results of the calls, which makes the step final."""
        await uninterrupted(self._store_results(outcomes))

    async def _store_results(self, outcomes: Sequence[CallOutcome]) -> None:
        # The event goes out in the same turn of the loop as the write begins: a flush in between would be a
        # round trip more, and would store events of a step that is not final yet.
        self.settle()
        results, now = self._results(outcomes), self._turn.now_ms()
        self._turn.events.emit("tool_use_complete", {"toolResults": results["tools"]})
        told = [*asked_checks(outcomes, now), *rules_notices(outcomes, now)]
        await self._finish_step([results, *told], *_events(told))

    async def store_waiting(
        self, outcomes: Sequence[CallOutcome], requests: Sequence[WaitingRequest]
    ) -> bool:
        """Stores that the turn waits for answers to these requests; it has no owner then.

        `outcomes` are those of the step's other calls. False, with nothing stored, if the vendor asked to
        stop.
        """
        now, turn = self._turn.now_ms(), self._turn.writer.turn
        found = [*asked_checks(outcomes, now), *rules_notices(outcomes, now)]
        records: list[Record] = [*self._context]
        if outcomes:
            records.append({**results_record(self.step, outcomes, self._fresh(), now), "partial": True})
        waiting: WaitingRecord = {"kind": "waiting", "step": self.step, "requests": [*requests], "at": now}
        records += [*found, waiting]
        records += self.spending.beside(records, now)
        batch = self._batch(records, self.spending.reserve.due())
        approvals = [request["approvalId"] for request in requests]
        told = [*_events(found), *waiting_events(waiting)]
        waits = ("turn_waiting", {"turnId": turn, "approvals": approvals})
        return await self._sure(lambda: self._turn.events.wait(batch, requests, *told, waits))

    async def store_cut_answer(self, answer: Answer, advice: str) -> None:
        """Stores an answer that a limit cut off, as final and without its calls, which are not run.

        `advice` tells Claude how to go on; it may be empty.
        """
        await uninterrupted(self._store_cut_answer(answer, advice))

    async def _store_cut_answer(self, answer: Answer, advice: str) -> None:
        self.settle()
        answer.content = _without_calls(answer.content)
        records = [*self._take_context(), self._step(answer)]
        if advice:
            self.tell_claude(advice)
        await self._finish_step([*records, *self._take_context()])

    async def store_paused_answer(self, answer: Answer) -> None:
        """Stores an answer in which the API paused, as final: it goes on with the calls of its own tools.

        Other calls, if there are any, are not run.
        """
        await uninterrupted(self._store_paused_answer(answer))

    async def _store_paused_answer(self, answer: Answer) -> None:
        self.settle(unanswered(answer.content))
        answer.content = _without_calls(answer.content)
        await self._finish_step([*self._take_context(), self._step(answer)])

    async def store_last_answer(self, answer: Answer) -> None:
        """Stores an answer as final, without its end: the app is checked first. Once is enough."""
        if self.last is answer:
            return
        self.last = answer
        self.settle()
        answer.content = _without_calls(answer.content)
        await uninterrupted(self._finish_step([*self._take_context(), self._step(answer)]))

    async def go_on(self, records: Sequence[Record]) -> None:
        """Stores why Claude goes on behind an answer that was to be the last."""
        await self.store_between_steps(records)
        self.last = None

    async def store_between_steps(self, records: Sequence[Record]) -> None:
        """Stores records that change what Claude is sent of the conversation; shows their notices."""
        notices = _events(records)
        self._notices += notices
        await uninterrupted(self._checkpoint(records, *notices))

    async def store_spent(self) -> None:
        """Stores the tokens spent since the last write, so that the turn's next owner counts them too.

        What is reserved for calls that this owner does not make is given back.
        """
        if any(self.spending.unstored.values()):
            await uninterrupted(self._checkpoint([]))
        await uninterrupted(self.spending.reserve.close())

    def settle(self, going_on: Collection[str] = ()) -> None:
        """Shows each call that the page still shows as open as cancelled, but those that are `going_on`."""
        for call, name in list(self.shown.open_calls.items()):
            if call in going_on:
                continue
            tool = {"toolId": call, "toolName": name}
            self.show("tool_use_progress", {**tool, "status": "cancelled", "data": {}})

    # -- the end ----------------------------------------------------------------------------------------

    async def end_complete(self, answer: Answer) -> bool:
        """Ends the turn with its last answer; False if the vendor asked to stop before that was stored."""
        self.settle()
        # A call that is not run must not stand in the history: an answer cut short may hold half of one.
        answer.content = _without_calls(answer.content)
        data: dict[str, object] = {
            "turnId": self._turn.writer.turn,
            "stopReason": answer.stop_reason,
            "usage": self.spending.total,
            "fileChanges": self._changes,
        }
        end = end_record("message_complete", data, self._turn.now_ms())
        is_stored = self.last is answer
        step = [] if is_stored else [self._step(answer)]
        final: list[Event] = [] if is_stored else [("step_complete", {"step": self.step})]
        batch = self._batch([*self._context, *step, end], self.spending.reserve.due())
        return await self._sure(
            lambda: self._turn.events.end(
                batch, *final, ("message_complete", data), state="idle", unless_cancelled=True
            )
        )

    async def end_cancelled(self, outcomes: Sequence[CallOutcome]) -> None:
        """Ends a turn that the vendor stopped; `outcomes` are those of the calls in `asked`."""
        await self._end_early("turn_cancelled", self.cancelled(), "Stopped.", outcomes)

    async def end_failed(self, error: TurnError, outcomes: Sequence[CallOutcome]) -> None:
        """Ends a turn that failed; `outcomes` are those of the calls in `asked`."""
        await self._end_early("error", self.failed(error), error.message, outcomes)

    async def end_deleted(self) -> None:
        """Ends a turn whose session was deleted: nothing of it is kept, but its tokens count for the day."""
        self.settle()
        with contextlib.suppress(StoreUnavailable):
            await self.spending.reserve.close()
        self._turn.events.end_unstored("turn_cancelled", self.cancelled())

    def cancelled(self) -> dict[str, object]:
        """The data of `turn_cancelled`."""
        return {"turnId": self._turn.writer.turn, "usage": self.spending.total}

    def failed(self, error: TurnError) -> dict[str, object]:
        """The data of the `error` event."""
        data: dict[str, object] = {
            "message": error.message,
            "code": error.code,
            "retryable": error.retryable,
            "requestId": self._turn.observer.request_id,
        }
        if error.retry_after_ms is not None:
            data["retryAfterMs"] = error.retry_after_ms
        return data

    async def _end_early(
        self, event: str, data: dict[str, object], notice: str, outcomes: Sequence[CallOutcome]
    ) -> None:
        await self.confirm()
        if self._turn.events.ended:
            return
        now = self._turn.now_ms()
        records: list[Record] = list(self._context)
        told: list[Event] = []
        if self.asked is not None:
            notices = rules_notices(outcomes, now)
            notices = [*asked_checks(outcomes, now), *notices]
            records += [self._results(outcomes), *notices]
            told = _events(notices)
        else:
            self.settle()
            records += self.shown.records(now)
        records += self.spending.beside(records, now)
        batch = self._batch([*records, end_record(event, data, now, notice)], self.spending.reserve.due())
        state = "cancelled" if event == "turn_cancelled" else "error"
        await self._sure(lambda: self._turn.events.end(batch, *told, (event, data), state=state))

    # -- writing ----------------------------------------------------------------------------------------

    async def confirm(self) -> None:
        """Repeats the last write if it got no answer, so that it is known to be carried out."""
        if self._unsure is not None:
            await self._sure(self._unsure)

    async def _sure(self, write: Callable[[], Awaitable[bool]]) -> bool:
        self._unsure = write
        done = await write()
        self._unsure = None
        return done

    async def _finish_step(self, records: Sequence[Record], *last: Event) -> None:
        step_complete = ("step_complete", {"step": self.step})
        await self._checkpoint(records, *last, step_complete, is_step_final=True)

    async def _checkpoint(
        self, records: Sequence[Record], *last: Event, pending: str = "[]", is_step_final: bool = False
    ) -> None:
        records = [*records, *self.spending.beside(records, self._turn.now_ms())]
        goes_on = is_step_final and self.last is None
        due = self.spending.reserve.due(self._next_answer(records) if goes_on else 0)
        batch = self._batch(records, due)
        batch.pending = pending
        batch.since = max((r["before"] for r in records if r["kind"] == "summary"), default=None)
        await self._sure(lambda: self._store(batch, due, last, is_step_final=is_step_final))

    def _next_answer(self, records: Sequence[Record]) -> int:
        """What to reserve for the answer that is asked for once these are stored."""
        entries = [*self._turn.entries, *self._placed(records)]
        known = next_answer(entries, self._turn.settings.cache_ttl, self._turn.now_ms())
        return anew(entries) if known is None else known

    def _batch(self, records: Sequence[Record], due: Due) -> Batch:
        return Batch(
            records=records,
            modifications=modifications(self._turn.writer.turn, records),
            usage=self.spending.unstored,
            counted=due.settled + due.reserve,
            counted_at=due.at,
            step=self.step,
        )

    async def _store(self, batch: Batch, due: Due, last: Sequence[Event], *, is_step_final: bool) -> bool:
        signals = await self._turn.events.checkpoint(batch, *last)
        if is_step_final:
            self.asked, self.partial = None, []
            self.shown.finish()
            self._notices.clear()
        self.spending.stored()
        self.spending.reserve.stored(due, signals.tokens_today)
        self._turn.entries.extend(self._placed(batch.records))
        return True

    def _pending(self, answer: Answer | None) -> str:
        """The answer's calls as JSON, for the `pendingTools` of the session."""
        now = self._turn.now_ms()
        return json.dumps(
            [
                {"toolId": call.id, "toolName": call.name, "status": "running", "startedAt": now}
                for call in (answer.calls if answer else ())
            ]
        )

    def _take_context(self) -> list[Record]:
        taken, self._context = self._context, []
        return taken

    def _placed(self, records: Sequence[Record]) -> list[Entry]:
        """The records as entries behind the turn's last one."""
        turn = self._turn.writer.turn
        last = max((entry["n"] for entry in self._turn.entries if entry["turn"] == turn), default=0)
        return [Entry(turn=turn, n=n, record=record) for n, record in enumerate(records, start=last + 1)]

    def _step(self, answer: Answer) -> StepRecord:
        step: StepRecord = {
            "kind": "step",
            "step": self.step,
            "content": fit_to_keep(answer.content),
            "stopReason": answer.stop_reason,
            "model": answer.model,
            "usage": answer.usage,
            "at": self._turn.now_ms(),
        }
        sources = sources_in(answer.content, self.pages())
        return {**step, "sources": sources} if sources else step

    def _results(self, outcomes: Sequence[CallOutcome]) -> ResultsRecord:
        self._changes += [change for outcome in outcomes for change in outcome.changes]
        fresh = self._fresh()
        self._stored_seen.update(fresh)
        results = results_record(self.step, outcomes, fresh, self._turn.now_ms(), self.partial)
        if self.partial and self.asked is not None:
            places = {call.id: place for place, call in enumerate(self.asked.calls)}
            results["tools"].sort(key=lambda tool: places[tool["toolId"]])
        return results

    def _fresh(self) -> dict[str, int]:
        """The file versions that Claude knows and that no record has yet."""
        known = self._stored_seen.items()
        return {path: version for path, version in self._seen.items() if (path, version) not in known}


def _events(records: Sequence[Record]) -> list[Event]:
    """The events of the notices and checks among these records."""
    return [
        event
        for record in records
        if record["kind"] in ("notice", "check")
        for event in record_type(record).replayed(record)
    ]


def _without_calls(content: Sequence[ApiBlock]) -> list[ApiBlock]:
    return [block for block in content if block.get("type") != "tool_use"]
