"""The vendor's token budget of the day, checked before each call of the model: retries and summaries too.

All of the vendor's turns share one counter. Each checkpoint adds what its turn has used and brings back the
sum, so that turns that run side by side stop at the same limit, each after its own step.
"""

import time

from aicode.errors import TurnError
from chat.agent.model import Answer, AnswerListener, Model, Request
from chat.agent.turn.context import TurnContext
from chat.agent.turn.journal import Journal

LOW = 0.9
LOW_TEXT = "{share} % of today's token budget are used."


class Budget:
    """A Model that is asked only while the budget lasts. A low budget makes one notice a session and day."""

    def __init__(self, turn: TurnContext, journal: Journal, model: Model) -> None:
        self._turn = turn
        self._journal = journal
        self._model = model
        self._limit = turn.settings.daily_token_budget

    async def open(self) -> None:
        """Finds out the tokens of the day so far, unless the turn's beginning brought them along."""
        writer, known = self._turn.writer, self._turn.writer.tokens_today
        if known is None and self._limit:
            known = await writer.day_tokens(self._turn.now_ms())
        self._journal.spending.tokens_today = known or 0

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One attempt of the model. Raises TurnError `budget_exceeded` once the budget is used up."""
        self._check()
        return await self._model.ask(request, listener)

    def _check(self) -> None:
        used = self._journal.spending.estimate_today()
        if not self._limit or used < LOW * self._limit:
            return
        if used >= self._limit:
            raise TurnError("budget_exceeded", "Today's token budget is used up.")
        if not self._has_notice_of_today():
            self._journal.notice("budget_low", LOW_TEXT.format(share=100 * used // self._limit))

    def _has_notice_of_today(self) -> bool:
        today = _day(self._turn.now_ms())
        records = (entry["record"] for entry in self._journal.entries_and_context())
        return any(
            record["kind"] == "notice"
            and record["noticeKind"] == "budget_low"
            and _day(record["at"]) == today
            for record in records
        )


def _day(at: int) -> str:
    return time.strftime("%Y%m%d", time.gmtime(at / 1000))
