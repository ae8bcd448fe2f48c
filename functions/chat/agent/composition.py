"""A turn's parts put together. Importing this module loads all that a conversation needs."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.session_manager.manager import Begun
from aicode.settings import Settings
from aicode.telemetry import logger
from chat.agent.attempts import Patience
from chat.agent.claude import Claude
from chat.agent.conversation import seen_versions
from chat.agent.event_log import EventLog
from chat.agent.orchestrator import Orchestrator, Turn
from chat.agent.tools.files import file_tools
from chat.agent.tools.tool import Tool
from chat.agent.tools.web_search import web_search_tool
from chat.agent.tools.workspace import Workspace

_log = logger("chat")


@cache
def _store(settings: Settings) -> FileStore:
    return open_store(settings)


@cache
def _claude(settings: Settings) -> Claude:
    return Claude(settings)


async def run_turn(
    settings: Settings, begun: Begun, message: str, events: EventLog, now_ms: Callable[[], int]
) -> None:
    """Runs a begun turn to its end."""
    store, claude = _store(settings), _claude(settings)
    writer = begun.writer
    seen = seen_versions(begun.history)
    workspace = Workspace(store, writer.vendor, writer.app, seen)
    turn = Turn(
        settings=settings,
        model=claude,
        store=store,
        workspace=workspace,
        tools={tool.name: tool for tool in _tools(settings, workspace)},
        writer=writer,
        log=events,
        model_name=begun.model,
        message=message,
        entries=list(begun.history),
        seen=seen,
        now_ms=now_ms,
        patience=Patience(),
        logger=_note,
    )
    orchestrator = Orchestrator(turn)
    await asyncio.gather(claude.prepare(), orchestrator.run())


def _tools(settings: Settings, workspace: Workspace) -> list[Tool[Any]]:
    tools = file_tools(workspace)
    if settings.exa_api_key:
        tools.append(web_search_tool(settings.exa_base_url, settings.exa_api_key))
    return tools


def _note(what: str, facts: dict[str, object]) -> None:
    _log.info(what, extra=facts)
