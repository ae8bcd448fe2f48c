"""The agent: what runs a turn once its first event is out. Its modules are heavy, and imported late.

Importing them takes a second, so the light half of the function loads the agent when a turn needs it, and
knows it by the Protocol below. This package itself is light.
"""

import importlib
import sys
from typing import Protocol, cast

from aicode.session_manager.admission import OwnedTurn
from aicode.settings import Settings
from chat.dependencies import Dependencies
from chat.event_log import EventLog
from chat.handover import Invocation

_MODULE = "chat.agent.composition"


class Agent(Protocol):
    """What the light half of the function asks of the heavy one: the module `chat.agent.composition`."""

    def open_connection(self, settings: Settings) -> None:
        """Has a connection to Claude opened in the background."""
        ...

    async def run_turn(
        self, dependencies: Dependencies, turn: OwnedTurn, events: EventLog, invocation: Invocation
    ) -> None:
        """Runs the turn to its end, or hands it over before the invocation's limit."""
        ...

    async def take_over(
        self, dependencies: Dependencies, vendor: str, sid: str, *, handed_over_by: int | None
    ) -> OwnedTurn | None:
        """Makes a turn without an owner this process's own."""
        ...

    async def close_abandoned(self, dependencies: Dependencies, vendor: str, sid: str) -> None:
        """Ends a turn without an owner as interrupted."""
        ...


def load_agent() -> Agent:
    """The agent, imported now. Takes a second of CPU the first time: call it in a thread."""
    return cast("Agent", importlib.import_module(_MODULE))


def loaded_agent() -> Agent | None:
    """The agent if this process has imported it before, else None."""
    agent = sys.modules.get(_MODULE)
    # It may still be on its way in, for a turn that was stopped before it was there.
    return cast("Agent", agent) if hasattr(agent, "run_turn") else None
