"""A turn's parts put together. Importing this module loads all that a conversation needs."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.session_manager.admission import OwnedTurn
from aicode.session_manager.turn_writer import TurnWriter
from aicode.settings import Settings
from aicode.telemetry import logger
from chat.agent.model.claude import Claude
from chat.agent.model.retry import Patience
from chat.agent.orchestrator import Orchestrator
from chat.agent.prompt.conversation import seen_versions
from chat.agent.tools.files import file_tools
from chat.agent.tools.tool import Tool
from chat.agent.tools.web_search import web_search_tool
from chat.agent.tools.workspace import Workspace
from chat.agent.turn import takeover
from chat.agent.turn.context import Turn
from chat.agent.turn.progress import message_of, progress_of
from chat.dependencies import Dependencies
from chat.event_log import EventLog
from chat.handover import Invocation, deadline_of

_opening: set["asyncio.Task[None]"] = set()


@cache
def file_store(settings: Settings) -> FileStore:
    """The process's file store."""
    return open_store(settings)


@cache
def _claude(settings: Settings) -> Claude:
    return Claude(settings)


def open_connection(settings: Settings) -> None:
    """Has a connection to Claude opened, beside whatever else goes on, unless one is still kept."""
    opening = asyncio.create_task(_claude(settings).warm_up())
    _opening.add(opening)
    opening.add_done_callback(_opening.discard)


async def run_turn(
    dependencies: Dependencies, turn: OwnedTurn, events: EventLog, invocation: Invocation
) -> None:
    """Runs the turn to its end, or hands it over before the invocation's limit."""
    settings, writer = dependencies.settings, turn.writer
    store, claude = file_store(settings), _claude(settings)
    seen = seen_versions(turn.history)
    progress = progress_of(turn.history, writer.turn)
    workspace = Workspace(store, writer.vendor, writer.app, seen)
    handover = {"vendor": writer.vendor, "sessionId": writer.sid, "epoch": writer.epoch}
    deadline = deadline_of(invocation, settings.handover_reserve, handover)
    context = Turn(
        settings=settings,
        model=claude,
        store=store,
        workspace=workspace,
        tools={tool.name: tool for tool in tools_of(settings, workspace)},
        writer=writer,
        log=events,
        model_name=turn.model,
        message=message_of(turn.history, writer.turn),
        entries=list(turn.history),
        seen=seen,
        progress=progress,
        deadline=deadline,
        now_ms=dependencies.sessions.now_ms,
        patience=Patience(
            seconds=settings.model_patience,
            left=lambda: invocation.seconds_left() - deadline.reserve,
        ),
        logger=_noting(writer),
        wants_title=writer.turn == 1 and not progress.step,
    )
    warming = asyncio.create_task(claude.warm_up())
    try:
        await Orchestrator(context).run()
    finally:
        # What it did not come to in all this time nobody waits for.
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)


async def take_over(
    dependencies: Dependencies, vendor: str, sid: str, *, handed_over_by: int | None
) -> OwnedTurn | None:
    """Makes a turn this process's own if its lease is over or its owner handed it over; else None."""
    store = file_store(dependencies.settings)
    taken = await takeover.take_over(dependencies.sessions, store, vendor, sid, handed_over_by=handed_over_by)
    if taken is None:
        return None
    state = taken.view.state
    return OwnedTurn(
        writer=taken.writer,
        message_id=state.message_id,
        history=taken.view.entries,
        model=state.metadata["model"],
        title=state.title,
        is_taken_over=True,
        last_seq=taken.shown.last_seq,
        shows_unfinished=taken.shown.anything,
    )


async def close_abandoned(dependencies: Dependencies, vendor: str, sid: str) -> None:
    """Ends a turn whose lease is over as interrupted, keeping what was shown; nothing where none is."""
    store = file_store(dependencies.settings)
    await takeover.close_abandoned(dependencies.sessions, store, vendor, sid, dependencies.shown_model)


def tools_of(settings: Settings, workspace: Workspace) -> list[Tool[Any]]:
    """The tools that Claude is offered: those for files, and web search where there is a key for it."""
    tools = file_tools(workspace)
    if settings.exa_api_key:
        tools.append(web_search_tool(settings.exa_base_url, settings.exa_api_key))
    return tools


def _noting(writer: TurnWriter) -> Callable[[str, dict[str, object]], None]:
    """Log lines that name their turn."""
    turn = {"session": writer.sid, "turn": writer.turn, "epoch": writer.epoch}
    return lambda what, facts: logger("chat").info(what, extra={**turn, **facts})
