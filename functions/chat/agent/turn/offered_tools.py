"""Which tools a request offers: those of the product, and those that the API runs itself, if it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aicode.settings import Settings
from chat.agent.tools import WEB_FETCH, Tool, served_web_fetch
from chat.agent.turn.fetches import Fetches


@dataclass(slots=True)
class Endpoint:
    """What a process knows of its endpoint: `refuses_server_tools` once it has refused to run any itself."""

    refuses_server_tools: bool = False


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

    def definitions(self, *, served: bool) -> Sequence[Mapping[str, object]]:
        """The definitions for the API; `served` says whether the endpoint runs tools itself."""
        if not served:
            return [*self._own, *self._instead]
        return [*self._own, self._served] if self._fetches.are_allowed else self._own
