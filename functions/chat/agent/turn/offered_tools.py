"""Which tools a request offers: those of the product, and those that the API runs itself, if it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aicode.settings import Settings
from chat.agent.tools import WEB_FETCH, Tool, served_web_fetch
from chat.agent.turn.fetches import Fetches


@dataclass(slots=True)
class Endpoint:
    """What a process knows of its endpoint: whether it `runs_tools` itself, None until an answer has told."""

    runs_tools: bool | None = None


class OfferedTools:
    """The tools of one turn's requests.

    They stay the same from request to request, because they are the beginning of what the prompt cache keeps.
    They change when no more pages may be opened, and at the first request to an endpoint that opens none.
    """

    def __init__(
        self, tools: Mapping[str, Tool[Any]], endpoint: Endpoint, fetches: Fetches, settings: Settings
    ) -> None:
        self._own = [tool.definition() for tool in tools.values() if tool.name != WEB_FETCH]
        self._instead = [tool.definition() for tool in tools.values() if tool.name == WEB_FETCH]
        self._served = served_web_fetch(settings.searches_per_turn)
        self._fetches = fetches
        self.endpoint = endpoint

    @property
    def may_be_served(self) -> bool:
        """True as long as there is a tool to offer to an endpoint that runs tools itself."""
        return self._fetches.are_allowed

    def definitions(self, *, served: bool) -> Sequence[Mapping[str, object]]:
        """The definitions for the API; `served` says whether the endpoint runs tools itself."""
        if not served:
            return [*self._own, *self._instead]
        return [*self._own, self._served] if self.may_be_served else self._own
