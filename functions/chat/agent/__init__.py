"""The agent runs a turn, once the turn's first event is out.

Importing its modules takes a second, so the light half of the function loads them only when a turn needs
them, and knows them only through the Protocol `Agent`. This package's own module is light.
"""

import importlib
import sys
from typing import Protocol, cast

from aicode.session_manager import Asked, OwnedTurn
from aicode.telemetry import Observer
from chat.dependencies import Dependencies
from chat.event_log import EventLog
from chat.handover import Invocation

_MODULE = "chat.agent.composition"


class Agent(Protocol):
    """The functions of `chat.agent.composition` that the light half of the function calls."""

    def load_sdk(self) -> None:
        """Imports what is otherwise imported for the first answer."""
        ...

    def open_connection(self, dependencies: Dependencies) -> None:
        """Begins to open a connection to Claude in the background."""
        ...

    async def close_connections(self, dependencies: Dependencies) -> None:
        """Closes the connections to Claude that were opened for these."""
        ...

    async def run_turn(
        self, dependencies: Dependencies, turn: OwnedTurn, events: EventLog, invocation: Invocation
    ) -> None:
        """Runs the turn to its end, or hands it over before the invocation's limit."""
        ...

    async def take_over(  # noqa: PLR0913 - whose turn, at whose wish, and who is told
        self,
        dependencies: Dependencies,
        vendor: str,
        sid: str,
        observer: Observer,
        *,
        handed_over_by: int | None,
        asked: Asked,
    ) -> OwnedTurn | None:
        """Takes over a turn whose owner is gone; None if there is none. Raises as SessionManager.claim."""
        ...

    async def close_abandoned(
        self, dependencies: Dependencies, vendor: str, sid: str, observer: Observer
    ) -> None:
        """Ends a turn that stands in the way of another message: its owner is gone, or it waits."""
        ...


def load_agent() -> Agent:
    """The agent. The first call imports it, which takes a second of CPU: call it in a thread."""
    return cast("Agent", importlib.import_module(_MODULE))


def loaded_agent() -> Agent | None:
    """The agent if this process has imported it already, else None."""
    agent = sys.modules.get(_MODULE)
    # A thread may still be importing it, for a turn that was stopped meanwhile.
    return cast("Agent", agent) if hasattr(agent, "run_turn") else None
