"""How a turn asks for each of its answers: which model, and with what request."""

from chat.agent.model import retry
from chat.agent.model.answer_options import with_options
from chat.agent.model.interface import Message, Model, Request, StepListener
from chat.agent.prompt.conversation import to_api
from chat.agent.prompt.request import model_request
from chat.agent.prompt.sent_history import Place, place_of
from chat.agent.turn.context import Turn
from chat.agent.turn.journal import Journal
from chat.agent.turn.own_thinking import with_own_thinking

FELL_BACK = "{own} is overloaded at the moment, so {other} goes on with this turn."


class Asking:
    """The answers of one turn. It begins with the session's `model`; a fallback lasts to the turn's end."""

    def __init__(self, turn: Turn, journal: Journal, claude: Model) -> None:
        self._turn = turn
        self._journal = journal
        self._claude = claude
        self.model = turn.progress.model or turn.model_name
        self._refused_to: Place = (0, 0)

    async def answer(self, listener: StepListener) -> Message:
        """The next answer, what it cost noted. Raises what `retry.answer` raises.

        Where the API does not take the thinking so far, the turn goes on to its end without.
        """
        try:
            message = await self._answer(listener)
        except retry.ThinkingRefused:
            self._refused_to = place_of(self._turn.entries[-1])
            self._turn.logger("thinking_refused", {"model": self.model})
            message = await self._answer(listener)
        # The API may answer with a dated name of the model; thinking belongs to the one that was asked.
        message.model = self.model
        self._journal.spend(message.usage)
        return message

    async def _answer(self, listener: StepListener) -> Message:
        turn, fallback = self._turn, self._turn.settings.fallback_model
        other = self._fall_back if fallback and fallback != self.model else None
        return await retry.answer(self._claude, self._request(), listener, turn.patience, turn.logger, other)

    def _request(self) -> Request:
        turn = self._turn
        messages = to_api(with_own_thinking(self._journal.told(), self.model, behind=self._refused_to))
        request = model_request(self.model, turn.tools.values(), messages, turn.settings.cache_ttl)
        return with_options(request, turn.settings)

    def _fall_back(self) -> Request:
        own, other = self.model, str(self._turn.settings.fallback_model)
        self.model = other
        self._journal.notice("model_fallback", FELL_BACK.format(own=own, other=other))
        return self._request()
