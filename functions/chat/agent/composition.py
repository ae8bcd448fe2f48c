"""Builds a turn from its parts, and runs it. Importing this module imports all that a turn needs."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aicode.build.builder import Builder, LambdaBuilder
from aicode.file_store import open_store
from aicode.file_store.store import FileStore
from aicode.session_manager import Asked, OwnedTurn
from aicode.settings import Settings
from aicode.sites import open_sites
from aicode.telemetry import Observer, logger
from aicode.uploads.store import UploadStore
from chat.agent.compaction import Compactor
from chat.agent.model import Claude, Model, RetryBudget, load_sdk
from chat.agent.orchestrator import Orchestrator, TurnParts
from chat.agent.prompt import seen_versions
from chat.agent.tools import (
    AppCheck,
    Attachments,
    GitPusher,
    Tool,
    WebAccess,
    Workspace,
    ask_user_tool,
    attached_in,
    check_app_tool,
    file_tools,
    git_function,
    look_at_preview_tool,
    publish_app_tool,
    push_app_tool,
    web_fetch_tool,
    web_search_tool,
)
from chat.agent.turn import (
    AppLook,
    Asker,
    Budget,
    ByteCache,
    Checks,
    Consents,
    Ending,
    Endpoint,
    Fetches,
    FileIds,
    Healing,
    Journal,
    Media,
    OfferedTools,
    Originals,
    SecretTexts,
    Step,
    Titling,
    TurnContext,
    TurnSearches,
    WakeUp,
    base_of,
    has_preview,
    kept_alive,
    message_of,
    progress_of,
    takeover,
)
from chat.dependencies import Dependencies
from chat.event_log import EventLog
from chat.handover import Deadline, Invocation, deadline_of
from chat.wake_ups import wake_up_later

__all__ = [
    "Services",
    "close_abandoned",
    "close_connections",
    "compose",
    "load_sdk",
    "open_connection",
    "run_turn",
    "take_over",
    "tools_of",
]

logger("chat")  # imports it here, in a thread, and not at the turn's first line
_opening: set["asyncio.Task[None]"] = set()
_originals = ByteCache()


async def _nobody_wakes(_seconds: float) -> None:
    """Whoever reads the session finds out that it has waited long enough."""


@cache
def _claude(settings: Settings, key_refused: Callable[[], None]) -> Claude:
    return Claude(settings, key_refused)


@cache
def _endpoint(_settings: Settings) -> Endpoint:
    return Endpoint()


def open_connection(dependencies: Dependencies) -> None:
    """Begins to open a connection to Claude in the background, unless one is still open."""
    opening = asyncio.create_task(_claude(dependencies.settings, dependencies.key_refused).warm_up())
    _opening.add(opening)
    opening.add_done_callback(_opening.discard)


async def close_connections(dependencies: Dependencies) -> None:
    """Closes the connections to Claude that were opened for these."""
    await _claude(dependencies.settings, dependencies.key_refused).close()
    _claude.cache_clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a turn needs besides its session; `tools` makes tools, given the workspace and the web.

    Without `file_ids` pictures and documents are sent with their bytes, without a `builder` apps are not
    checked. `originals` is the process's own. `wake_up` is told when a turn that waits has waited enough.
    """

    settings: Settings
    model: Model
    store: FileStore
    uploads: UploadStore
    tools: Callable[[Workspace, WebAccess], Sequence[Tool[Any]]]
    retry_budget: RetryBudget
    now_ms: Callable[[], int]
    observer: Observer
    endpoint: Endpoint = field(default_factory=Endpoint)
    file_ids: FileIds | None = None
    builder: Builder | None = None
    originals: ByteCache = _originals
    wake_up: WakeUp = _nobody_wakes


async def run_turn(
    dependencies: Dependencies, turn: OwnedTurn, events: EventLog, invocation: Invocation
) -> None:
    """Runs the turn to its end, or hands it over before the invocation's limit."""
    settings, writer = dependencies.settings, turn.writer
    store = open_store(settings)
    claude = _claude(settings, dependencies.key_refused)
    handover = {"vendor": writer.vendor, "sessionId": writer.sid, "epoch": writer.epoch}
    deadline = deadline_of(invocation, settings.handover_reserve, handover)
    services = Services(
        settings=settings,
        model=claude,
        store=store,
        uploads=dependencies.open_uploads(settings),
        tools=lambda workspace, web: [
            *tools_of(settings, workspace, web),
            *outward_tools(settings, store, writer.vendor, writer.app),
        ],
        endpoint=_endpoint(settings),
        retry_budget=RetryBudget(
            seconds=settings.model_patience, left=lambda: invocation.seconds_left() - deadline.reserve
        ),
        now_ms=dependencies.sessions.now_ms,
        observer=invocation.observer,
        file_ids=FileIds(dependencies.sessions.sent_forms(writer.vendor), claude, settings.session_ttl),
        builder=LambdaBuilder(settings.build_function),
        wake_up=wake_up_later(settings.wake_ups_queue, writer.vendor, writer.sid, invocation.observer),
    )
    warming = asyncio.create_task(claude.warm_up())
    keeping = asyncio.create_task(kept_alive(services.uploads, turn))
    try:
        await compose(turn, events, deadline, services).run()
    finally:
        # The turn is over, so nobody needs a connection that is still not open.
        warming.cancel()
        await asyncio.gather(warming, keeping, return_exceptions=True)


def compose(turn: OwnedTurn, events: EventLog, deadline: Deadline, services: Services) -> Orchestrator:
    """The orchestrator of a turn with all its parts; run it once."""
    settings, writer = services.settings, turn.writer
    context = TurnContext(
        settings=settings,
        writer=writer,
        events=events,
        entries=list(turn.history),
        message=message_of(turn.history, writer.turn),
        model_name=turn.model,
        now_ms=services.now_ms,
        observer=services.observer,
    )
    seen, progress = seen_versions(turn.history), progress_of(turn.history, writer.turn)
    attachments = Attachments(services.uploads, writer.vendor, writer.app, attached_in(turn.history))
    workspace = Workspace(services.store, writer.vendor, writer.app, seen, attachments)
    workspace.base = base_of(turn.history, writer.turn)
    check = (
        AppCheck(services.builder, writer.vendor, writer.app, lambda: workspace.base)
        if services.builder
        else None
    )
    searches = TurnSearches(context, SecretTexts(context, workspace, services.store))
    offered = [*services.tools(workspace, searches), *([check_app_tool(check)] if check else [])]
    if has_preview(turn.history, writer.turn):
        offered.append(look_at_preview_tool(attachments))
    tools = {tool.name: tool for tool in offered}
    journal = Journal(context, progress, seen)
    fetches = Fetches(context, journal)
    originals = Originals(services.uploads, services.store, writer.vendor, writer.app, services.originals)
    media = Media(services.model, originals, services.file_ids)
    budget = Budget(context, journal, media)
    asker = Asker(
        context,
        journal,
        budget,
        OfferedTools(tools, services.endpoint, fetches, settings),
        services.retry_budget,
        healing=Healing(context, journal, media, services.file_ids),
        model_name=progress.model or turn.model,
    )
    consents = Consents(context, services.store, tools, turn.consents)
    app = AppLook(context, journal, services.store)
    parts = TurnParts(
        journal=journal,
        asker=asker,
        compactor=Compactor(context, journal, budget, services.retry_budget),
        new_step=lambda: Step(context, journal, workspace, tools, consents),
        ending=Ending(context, journal, asker, deadline, services.wake_up),
        titling=Titling(context, journal.spending, budget, services.retry_budget)
        if turn.is_first and not progress.step
        else None,
        app=app,
        fetches=fetches,
        checks=Checks(context, journal, app, check),
        deadline=deadline,
        is_shown=turn.has_waited,
    )
    return Orchestrator(context, parts)


async def take_over(  # noqa: PLR0913 - whose turn, at whose wish, and who is told
    dependencies: Dependencies,
    vendor: str,
    sid: str,
    observer: Observer,
    *,
    handed_over_by: int | None,
    asked: Asked,
) -> OwnedTurn | None:
    """Takes over a turn whose lease has ended or whose owner handed it over; None if there is none.

    One that was asked to stop is ended instead. Raises as SessionManager.claim.
    """
    sessions, store = dependencies.sessions, open_store(dependencies.settings)
    taken = await takeover.take_over(sessions, store, vendor, sid, handed_over_by=handed_over_by, asked=asked)
    if taken is not None and taken.view.state.is_stopping:
        await takeover.close(store, taken, sessions.now_ms(), dependencies.shown_model, observer)
        return None
    return taken.owned() if taken is not None else None


async def close_abandoned(dependencies: Dependencies, vendor: str, sid: str, observer: Observer) -> None:
    """Ends a turn that stands in the way of another message, and keeps what the page shows of it.

    Does nothing if there is no such turn.
    """
    store, shown_model = open_store(dependencies.settings), dependencies.shown_model
    await takeover.close_abandoned(dependencies.sessions, store, vendor, sid, shown_model, observer)


def tools_of(settings: Settings, workspace: Workspace, web: WebAccess) -> list[Tool[Any]]:
    """The tools of this product: those for files; if there is a key for it, web search and pages of the web.

    Claude is offered the latter only by an endpoint that does not open pages itself.
    """
    tools = [*file_tools(workspace), ask_user_tool()]
    if settings.exa_api_key:
        tools.append(web_search_tool(settings.exa_base_url, settings.exa_api_key, web))
        tools.append(web_fetch_tool(settings.exa_base_url, settings.exa_api_key, web))
    return tools


def outward_tools(settings: Settings, store: FileStore, vendor: str, app_id: str) -> list[Tool[Any]]:
    """The tools whose effect is outside the product, of which the vendor is asked first."""
    sites = open_sites(settings)
    publishing = [publish_app_tool(sites, store, vendor, app_id)] if sites is not None else []
    pusher = GitPusher(git_function(settings.git_function), store, vendor, app_id)
    return [*publishing, push_app_tool(pusher)]
