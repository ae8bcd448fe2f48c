"""A turn's parts put together. Importing this module loads all that a conversation needs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.history.records import Entry
from aicode.session_manager.turn_writer import TurnWriter
from aicode.settings import Settings
from aicode.telemetry import logger
from chat import handover
from chat.agent.deadline import Deadline, for_handing_over, reserve_of
from chat.agent.model.claude import Claude
from chat.agent.model.retry import Patience
from chat.agent.orchestrator import Orchestrator
from chat.agent.prompt.conversation import seen_versions
from chat.agent.tools.files import file_tools
from chat.agent.tools.tool import Tool
from chat.agent.tools.web_search import web_search_tool
from chat.agent.tools.workspace import Workspace
from chat.agent.turn.context import Turn
from chat.agent.turn.progress import message_of, progress_of
from chat.event_log import EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurn:
    """A turn that this process owns, new or taken over; `limit` is the invocation's, in seconds."""

    settings: Settings
    writer: TurnWriter
    events: EventLog
    entries: Sequence[Entry]
    model: str
    now_ms: Callable[[], int]
    limit: float
    seconds_left: Callable[[], float]


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


async def run_turn(opened: OpenTurn) -> None:
    """Runs the turn to its end, or hands it over before the invocation's limit."""
    settings, writer = opened.settings, opened.writer
    store, claude = file_store(settings), _claude(settings)
    seen = seen_versions(opened.entries)
    reserve = reserve_of(opened.limit, settings.handover_reserve)
    progress = progress_of(opened.entries, writer.turn)
    workspace = Workspace(store, writer.vendor, writer.app, seen)
    turn = Turn(
        settings=settings,
        model=claude,
        store=store,
        workspace=workspace,
        tools={tool.name: tool for tool in tools_of(settings, workspace)},
        writer=writer,
        log=opened.events,
        model_name=opened.model,
        message=message_of(opened.entries, writer.turn),
        entries=list(opened.entries),
        seen=seen,
        progress=progress,
        deadline=Deadline(
            seconds_left=opened.seconds_left,
            reserve=reserve,
            prepare=handover.prepare,
            hand_over=_hand_over(writer, opened.seconds_left),
        ),
        now_ms=opened.now_ms,
        patience=Patience(
            seconds=settings.model_patience,
            left=lambda: opened.seconds_left() - reserve,
        ),
        logger=_noting(writer),
        wants_title=writer.turn == 1 and not progress.step,
    )
    warming = asyncio.create_task(claude.warm_up())
    try:
        await Orchestrator(turn).run()
    finally:
        # What it did not come to in all this time nobody waits for.
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)


def _hand_over(writer: TurnWriter, seconds_left: Callable[[], float]) -> Callable[[], Awaitable[None]]:
    event = {"vendor": writer.vendor, "sessionId": writer.sid, "epoch": writer.epoch}
    return lambda: handover.invoke_self({"handover": event}, seconds=for_handing_over(seconds_left()))


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
