"""Keeps a conversation within its model's window: trims old results first, then has a summary made.

Both are records of the history. Between two such records every request begins with the bytes of the one
before and is read from the prompt cache, so each of them saves a lot at once and comes seldom. The vendor
still sees everything.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from aicode.errors import TurnError
from aicode.history import (
    Entry,
    EntryId,
    Record,
    ReplacedRecord,
    SummaryRecord,
    TrimRecord,
    entry_id,
    no_usage,
)
from chat.agent.compaction import summary
from chat.agent.compaction.conversation_size import (
    CHARS_PER_TOKEN,
    attached_tokens,
    clearable_chars,
    length,
    tokens_of,
)
from chat.agent.model import Model, NullListener, RetryBudget, ask_with_retries, model_facts
from chat.agent.prompt import model_view, seen_versions, stored_view
from chat.agent.tools import upload_ids_in
from chat.agent.turn import Journal, TurnContext

SUMMARY_SECONDS = 60.0
SUMMARY_RETRY_SECONDS = 10.0
# As many as a vendor can have at a time.
MOST_UPLOADS = 500
NOTICE = (
    "This conversation has become long. Claude goes on from a summary of what came before; "
    "you still see it here."
)


class Compactor:
    """Shortens the conversation before a step of a turn, if it has grown too long."""

    def __init__(self, turn: TurnContext, journal: Journal, model: Model, retry_budget: RetryBudget) -> None:
        self._turn = turn
        self._journal = journal
        self._model = model
        self._retry_budget = retry_budget
        room = model_facts(turn.model_name).window - turn.settings.max_output_tokens
        # What is attached to this turn's message cannot be left out, so it counts beside all else.
        attached = attached_tokens(turn.entries, turn.writer.turn)
        self._limit = min(turn.settings.compact_at_tokens + attached, room * 9 // 10)
        self._chars = self._limit * CHARS_PER_TOKEN
        self._gave_up = False

    async def compact(self, *, force: bool = False) -> bool:
        """Shortens what Claude is sent, if that is too long; True if it was shortened. Takes up to a minute.

        After True Claude must be sent the app's files and rules again. `force` is for a conversation that the
        API refused as too long: then False means that nothing can be left out of it.
        """
        everything = self._journal.entries_and_context()
        if not force and not self._is_too_long(everything):
            return False
        entries = model_view(everything)
        keep = self._first_kept_result(entries)
        saved = clearable_chars(entries, keep)
        if not force and not self._is_much_to_load(everything) and saved > self._chars // 3:
            return await self._trim(keep)
        if await self._sum_up(entries, force=force):
            return True
        if force and not saved:
            keep = self._beyond()
            saved = clearable_chars(entries, keep)
        return await self._trim(keep) if saved else False

    def _is_too_long(self, everything: Sequence[Entry]) -> bool:
        return self._is_much_to_load(everything) or tokens_of(everything) >= self._limit

    def _is_much_to_load(self, everything: Sequence[Entry]) -> bool:
        """True if the next turn would load more than Claude may be sent, though results were trimmed."""
        return length(stored_view(everything)) > self._chars

    # -- old results ----------------------------------------------------------------------------------

    def _first_kept_result(self, entries: Sequence[Entry]) -> EntryId:
        """The place of the first results that are kept whole: the latest, up to a tenth of the limit."""
        room = self._chars // 10
        kept = self._beyond()
        for at, entry in enumerate(e for e in reversed(entries) if e["record"]["kind"] == "results"):
            room -= length([entry])
            if at and room < 0:
                break
            kept = entry_id(entry)
        return kept

    async def _trim(self, before: EntryId) -> bool:
        trim: TrimRecord = {"kind": "trim", "before": before, "at": self._turn.now_ms()}
        await self._journal.store_between_steps([trim])
        self._turn.observer.info("old results trimmed")
        return True

    # -- the summary ----------------------------------------------------------------------------------

    async def _sum_up(self, entries: Sequence[Entry], *, force: bool) -> bool:
        start = self._first_kept(entries)
        older = [
            entry for entry in entries if entry_id(entry) < start or entry["record"]["kind"] == "summary"
        ]
        worth_it = any(entry["record"]["kind"] in ("step", "results", "partial") for entry in older)
        if not worth_it or (self._gave_up and not force):
            return False
        text, made = await self._ask(older)
        if not text and not force:
            self._gave_up = True
            return False
        made["text"], made["before"] = summary.as_section(text or summary.outline(older)), start
        made["seen"] = seen_versions(older)
        made["uploadIds"] = upload_ids_in(self._journal.entries_and_context())[-MOST_UPLOADS:]
        records: list[Record] = [made, *self._replaced_in_message(start)]
        tail = [entry for entry in entries if entry_id(entry) >= start]
        if force and length(tail) > self._chars // 2:
            # The kept part alone is too long, so its results are trimmed too: Claude can ask for less.
            records.append({"kind": "trim", "before": self._beyond(), "at": self._turn.now_ms()})
        notice: Record = {"kind": "notice", "noticeKind": "compacted", "text": NOTICE, "at": made["at"]}
        await self._journal.store_between_steps([*records, notice])
        self._turn.observer.info("conversation summed up", usage=made["usage"])
        return True

    def _replaced_in_message(self, start: EntryId) -> list[ReplacedRecord]:
        """What was replaced in the message that stays though it lies before `start`: told again behind it.

        Of that turn nothing else from before `start` is loaded again.
        """
        entries = self._journal.entries_and_context()
        earlier = [entry["record"] for entry in entries if entry_id(entry) < start]
        return [r for r in earlier if r["kind"] == "replaced" and tuple(r["at_entry"]) == (start[0], 1)]

    def _first_kept(self, entries: Sequence[Entry]) -> EntryId:
        """The place from which entries are kept: this turn's first, or its last step if the turn is long."""
        turn = self._turn.writer.turn
        current = [e for e in entries if e["turn"] == turn and e["record"]["kind"] != "summary"]
        steps = [entry for entry in current if entry["record"]["kind"] == "step"]
        long = length(current) > self._chars // 2 or not any(entry["turn"] < turn for entry in entries)
        return entry_id(steps[-1] if long and steps else current[0])

    def _beyond(self) -> EntryId:
        """The place behind the last entry."""
        turn, n = entry_id(self._journal.entries_and_context()[-1])
        return turn, n + 1

    async def _ask(self, older: Sequence[Entry]) -> tuple[str, SummaryRecord]:
        """The summary's text, empty if it failed, and a record that has what it cost, but no text yet."""
        turn = self._turn
        made = SummaryRecord(
            kind="summary", text="", before=(0, 0), seen={}, usage=no_usage(), model="", at=turn.now_ms()
        )
        asked = summary.request(turn.settings.summary_model, older)
        retry_budget = replace(self._retry_budget, seconds=SUMMARY_RETRY_SECONDS)
        try:
            async with asyncio.timeout(SUMMARY_SECONDS):
                listener = NullListener("summary", self._journal.spending.told)
                answer = await ask_with_retries(self._model, asked, listener, retry_budget, turn.observer)
        except (TurnError, TimeoutError) as error:
            if isinstance(error, TurnError) and error.code == "budget_exceeded":
                raise  # an outline would replace the summary for good; tomorrow a summary can be made
            turn.observer.info("summary failed")
            return "", made
        made["usage"], made["model"], made["at"] = answer.usage, answer.model, turn.now_ms()
        return summary.summary_in(answer), made
