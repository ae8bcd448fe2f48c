"""Everything one turn works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aicode.file_store.store import FileStore
from aicode.history.records import Entry
from aicode.session_manager.turn_writer import TurnWriter
from aicode.settings import Settings
from chat.agent.model.interface import Model
from chat.agent.model.retry import Log, Patience
from chat.agent.tools.tool import Tool
from chat.agent.tools.workspace import Workspace
from chat.agent.turn.progress import Progress
from chat.event_log import EventLog
from chat.handover import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One running turn: its parts, its history so far, and where to take it up.

    `seen` maps paths to the file versions that Claude knows; the workspace keeps it up to date. `wants_title`
    where this is the first turn of a session.
    """

    settings: Settings
    model: Model
    store: FileStore
    workspace: Workspace
    tools: Mapping[str, Tool[Any]]
    writer: TurnWriter
    log: EventLog
    model_name: str
    message: str
    entries: list[Entry]
    seen: dict[str, int]
    progress: Progress
    deadline: Deadline
    now_ms: Callable[[], int]
    patience: Patience
    logger: Log
    wants_title: bool = False
