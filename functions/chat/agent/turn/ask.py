"""Asks for the answers of a turn: decides which model is asked, and makes the request."""

from collections.abc import Mapping, Sequence

from aicode.history import EntryId, entry_id
from chat.agent.model import (
    Answer,
    AnswerListener,
    BlockRefused,
    Model,
    RefusedBlock,
    Request,
    RetryBudget,
    ThinkingRefused,
    ask_with_retries,
    with_options,
)
from chat.agent.prompt import Conversation, conversation_of, model_request
from chat.agent.turn.context import TurnContext
from chat.agent.turn.heal import Healing
from chat.agent.turn.journal import Journal
from chat.agent.turn.own_thinking import with_own_thinking

# Each time at least one block more is left out, so this ends; more bad ones than this are no accident.
MOST_HEALINGS = 20
FELL_BACK = "{own} is overloaded at the moment, so {other} goes on with this turn."


class Asker:
    """Asks for the answers of one turn, first of `model_name`; a fallback lasts to the turn's end."""

    def __init__(  # noqa: PLR0913 - each is needed for every answer
        self,
        turn: TurnContext,
        journal: Journal,
        model: Model,
        tools: Sequence[Mapping[str, object]],
        retry_budget: RetryBudget,
        *,
        model_name: str,
    ) -> None:
        self._turn = turn
        self._journal = journal
        self._model = model
        self._tools = tools
        self._retry_budget = retry_budget
        self.model_name = model_name
        self._healing = Healing(turn, journal)
        self._conversation = Conversation([], [])
        # Thinking up to this entry is not sent, because the API refused it.
        self._refused_to: EntryId = (0, 0)

    async def ask(self, listener: AnswerListener) -> Answer:
        """The next answer. Raises what `ask_with_retries` raises.

        If the API refuses the thinking so far, the rest of the turn is sent without it. If it refuses a block
        that came from outside, the session goes on without that one.
        """
        healings = 0
        while True:
            try:
                answer = await self._ask(listener)
                break
            except ThinkingRefused:
                last = entry_id(self._turn.entries[-1])
                if self._refused_to == last:
                    raise
                self._refused_to = last
                self._turn.observer.info("thinking refused", model=self.model_name)
            except BlockRefused as error:
                healings += 1
                if healings > MOST_HEALINGS or not await self._heal(error.refused):
                    raise
        # The API may answer with a dated name, and thinking is kept for the name that was asked for.
        answer.model = self.model_name
        return answer

    async def _ask(self, listener: AnswerListener) -> Answer:
        fallback = self._turn.settings.fallback_model
        fall_back = self._fall_back if fallback and fallback != self.model_name else None
        return await ask_with_retries(
            self._model, self._request(), listener, self._retry_budget, self._turn.observer, fall_back
        )

    def _request(self) -> Request:
        entries, settings = self._journal.entries_and_context(), self._turn.settings
        own = with_own_thinking(entries, self.model_name, behind=self._refused_to)
        self._conversation = conversation_of(own)
        messages = self._conversation.messages
        request = model_request(self.model_name, self._tools, messages, settings.cache_ttl)
        return with_options(request, settings)

    async def _heal(self, refused: RefusedBlock) -> bool:
        return await self._healing.heal(self._conversation, self._conversation.messages, refused)

    def _fall_back(self) -> Request:
        own, self.model_name = self.model_name, str(self._turn.settings.fallback_model)
        self._journal.notice("model_fallback", FELL_BACK.format(own=own, other=self.model_name))
        return self._request()
