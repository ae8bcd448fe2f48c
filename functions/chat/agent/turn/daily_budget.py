"""The vendor's token budget of the day, checked before each call of the model: for retries and titles too.

All of the vendor's turns share one counter. A call's estimate is in it before the call, mostly by the write
that comes before it anyway; each write brings the sum back, so that turns that run side by side stop at the
same limit, each after its own step.
"""

import time

from aicode.errors import TurnError
from chat.agent.model import Answer, AnswerListener, Model, Request
from chat.agent.turn.context import TurnContext
from chat.agent.turn.estimate import next_answer, whole_request
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

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        """One attempt of the model, of which the day counts what it tells, else its estimate.

        Raises TurnError `budget_exceeded` if the budget was used up before this call, whatever its estimate.
        """
        purpose, model, spending = listener.purpose, str(request["model"]), self._journal.spending
        known = self._next_answer(model) if purpose == "answer" else None
        await spending.reserve.take(purpose, whole_request(request) if known is None else known)
        try:
            self._check(spending.reserve.used_before)
        except TurnError:
            spending.reserve.put_back(purpose)
            raise
        answer = await self._model.ask(request, listener)
        spending.told(purpose, model, answer.usage)
        return answer

    def _next_answer(self, model: str) -> int | None:
        entries, now = self._journal.entries_and_context(), self._turn.now_ms()
        return next_answer(entries, self._turn.settings.cache_ttl, now, model)

    def _check(self, used: int) -> None:
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
