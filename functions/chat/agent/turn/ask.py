"""Asks for the answers of a turn: decides which model is asked, and makes the request."""

from collections.abc import Sequence

from aicode.history import Entry, EntryId, entry_id, text_block
from chat.agent.model import (
    Answer,
    AnswerListener,
    BlockRefused,
    Model,
    Request,
    RetryBudget,
    ThinkingRefused,
    ToolRefused,
    ask_with_retries,
    with_options,
)
from chat.agent.prompt import Conversation, conversation_of, model_request, without_server_calls
from chat.agent.turn.context import TurnContext
from chat.agent.turn.heal import GO_ON, Healing
from chat.agent.turn.journal import Journal
from chat.agent.turn.offered_tools import OfferedTools
from chat.agent.turn.own_thinking import with_own_thinking

FELL_BACK = "{own} is overloaded at the moment, so {other} goes on with this turn."


class Asker:
    """Asks for the answers of one turn, first of `model_name`; a fallback lasts to the turn's end."""

    def __init__(  # noqa: PLR0913 - each is needed for every answer
        self,
        turn: TurnContext,
        journal: Journal,
        model: Model,
        tools: OfferedTools,
        retry_budget: RetryBudget,
        *,
        healing: Healing,
        model_name: str,
    ) -> None:
        self._turn = turn
        self._journal = journal
        self._model = model
        self._tools = tools
        self._retry_budget = retry_budget
        self.model_name = model_name
        self._healing = healing
        self._conversation = Conversation([], [])
        # Thinking up to this entry is not sent, because the API refused it.
        self._refused_to: EntryId = (0, 0)
        self._are_served = tools.endpoint.runs_tools is not False

    async def ask(self, listener: AnswerListener) -> Answer:
        """The next answer. Raises what `ask_with_retries` raises.

        If the API refuses the thinking so far, the rest of the turn is sent without it. If it refuses a block
        that came from outside, the session goes on without that one. If it has never taken the tools that it
        should run itself, they may be what it refuses: if it takes the request without them, nothing more is
        sent with them as long as this process lives.
        """
        while True:
            try:
                answer = await self._ask(listener)
                break
            except (ThinkingRefused, BlockRefused, ToolRefused) as refused:
                if not await self._can_go_on(refused):
                    raise
        self._learn()
        # The API may answer with a dated name, and thinking is kept for the name that was asked for.
        answer.model = self.model_name
        return answer

    async def _can_go_on(self, refused: ThinkingRefused | BlockRefused | ToolRefused) -> bool:
        """True if the next request leaves out what was refused; False if that was done before."""
        if isinstance(refused, ThinkingRefused):
            before, self._refused_to = self._refused_to, entry_id(self._turn.entries[-1])
            self._turn.observer.info("thinking refused", model=self.model_name)
            return self._refused_to != before
        if isinstance(refused, BlockRefused):
            block = refused.refused
            if await self._healing.heal(self._conversation, block):
                return True
            if block.places or block.is_unknown_file:
                return False
        if not self._is_open:
            return False
        self._are_served = False
        return True

    @property
    def _is_open(self) -> bool:
        """True if the latest request offered tools for the API to run, as none that was ever answered did."""
        endpoint = self._tools.endpoint
        return endpoint.runs_tools is None and self._are_served and self._tools.may_be_served

    def _learn(self) -> None:
        """Notes what the first answer tells of the endpoint; later ones tell nothing more."""
        endpoint = self._tools.endpoint
        if self._is_open:
            endpoint.runs_tools = True
        elif endpoint.runs_tools is None and not self._are_served:
            # Only now is it known that the tools which the API runs were what it refused.
            endpoint.runs_tools = False
            self._turn.observer.info("server tools refused", model=self.model_name)

    async def _ask(self, listener: AnswerListener) -> Answer:
        fallback = self._turn.settings.fallback_model
        fall_back = self._fall_back if fallback and fallback != self.model_name else None
        return await ask_with_retries(
            self._model, self._request(), listener, self._retry_budget, self._turn.observer, fall_back
        )

    def _request(self) -> Request:
        entries, settings = self._journal.entries_and_context(), self._turn.settings
        own = with_own_thinking(entries, self.model_name, behind=self._refused_to)
        self._conversation = conversation_of(own) if self._are_served else _without_served(own)
        tools = self._tools.definitions(served=self._are_served)
        request = model_request(self.model_name, tools, self._conversation.messages, settings.cache_ttl)
        return with_options(request, settings)

    def _fall_back(self) -> Request:
        own, self.model_name = self.model_name, str(self._turn.settings.fallback_model)
        self._journal.notice("model_fallback", FELL_BACK.format(own=own, other=self.model_name))
        return self._request()


def _without_served(entries: Sequence[Entry]) -> Conversation:
    """The conversation for an endpoint that runs no tools itself."""
    conversation = conversation_of(without_server_calls(entries))
    if conversation.messages[-1]["role"] == "assistant":
        # The API paused in this answer to run a tool, and takes it as the end with the tool's call alone.
        conversation.messages.append({"role": "user", "content": [text_block(GO_ON)]})
        conversation.origins.append([None])
    return conversation
