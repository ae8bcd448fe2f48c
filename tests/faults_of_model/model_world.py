"""The conversation in one process: the real door to Claude over HTTP, a real session store and file store."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from aicode.api_types import Attachment
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.history.vendor_view import messages
from aicode.session_manager.manager import OwnedTurn, SessionManager
from aicode.session_manager.turn_writer import TurnWriter
from aicode.settings import Settings
from chat.agent.composition import Services, compose, tools_of
from chat.agent.model.claude import Claude
from chat.agent.model.retry import RetryBudget
from chat.agent.orchestrator import Orchestrator
from chat.agent.turn.file_ids import FileIds
from chat.agent.turn.offered_tools import Endpoint
from chat.agent.turn.originals import ByteCache
from chat.client_buffer import ClientBuffer
from chat.event_log import EventLog
from chat.handover import Deadline
from dev import claude
from dev.claude import Script
from dev.claude.received import Received
from dev.claude.script import Reply
from dev.claude.server import ClaudeServer
from tests.end_to_end.stack import Event, events_of
from tests.faults_of_model.jobs import dice
from tests.memory_uploads import MemoryUploads
from tests.observing import Operators
from tests.session_store import new_turn, session_store

VENDOR, MODEL = "alice", "claude-sonnet-5-5"


@dataclass(slots=True)
class FaultWorld:
    """Turns of one vendor. Titles are asked for where a test wants them."""

    settings: Settings
    model: Claude
    server: ClaudeServer
    sessions: SessionManager
    store: SqliteFileStore
    rng: random.Random
    uploads: MemoryUploads
    wants_titles: bool = False
    uploads_files: bool = False
    operators: Operators = field(default_factory=Operators)
    writer: TurnWriter | None = None
    endpoint: Endpoint = field(default_factory=Endpoint)

    async def new_app(self) -> str:
        app = await self.store.create_app(VENDOR, "App")
        self.uploads.app = app["appId"]
        return app["appId"]

    async def turn(
        self, app: str, text: str, sid: str | None = None, attachments: Sequence[Attachment] = ()
    ) -> tuple[str, list[Event]]:
        """Runs a whole turn; gives its session and all of its events."""
        new = new_turn(text, vendor=VENDOR, app=app, sid=sid, model=MODEL, title="Title")
        new = replace(new, attachments=attachments)
        begun = await self.sessions.begin(new, owner_known=True)
        assert isinstance(begun, OwnedTurn)
        self.writer = begun.writer
        live = ClientBuffer()
        async with asyncio.timeout(3600):
            await self._orchestrator(begun, live).run()
        live.close()
        frames = b"".join([chunk async for chunk in live.chunks()])
        return begun.writer.sid, events_of(frames)

    @property
    def attempts(self) -> list[dict[str, object]]:
        """The lines of log."""
        return [{"what": what, **facts} for what, facts in self.operators.logged]

    def _orchestrator(self, begun: OwnedTurn, live: ClientBuffer) -> Orchestrator:
        log = EventLog(begun.writer, live, self.sessions.now_ms)
        log.emit("connection_established", {"sessionId": begun.writer.sid})
        settings = self.settings if self.wants_titles else replace(self.settings, title_model=None)
        services = Services(
            settings=settings,
            model=self.model,
            store=self.store,
            uploads=self.uploads,
            file_ids=FileIds(self.sessions.sent_forms(VENDOR), self.model, settings.session_ttl)
            if self.uploads_files
            else None,
            tools=lambda workspace, searches: tools_of(settings, workspace, searches),
            retry_budget=RetryBudget(
                seconds=settings.model_patience,
                chance=self.rng.random,
                clock=asyncio.get_running_loop().time,
            ),
            now_ms=self.sessions.now_ms,
            observer=self.operators.observer(),
            originals=ByteCache(),
            endpoint=self.endpoint,
        )
        deadline = Deadline(seconds_left=lambda: 100_000.0, reserve=20, prepare=_nothing, hand_over=_nothing)
        return compose(begun, log, deadline, services)

    async def tokens_today(self) -> int:
        """What the vendor's day has counted."""
        return (await self.sessions.budget(VENDOR))["usedTokens"]

    def least_tokens(self) -> int:
        """What the day must count at least: what each answer was given that the model began."""
        return sum(one.given.weight for one in self.server.requests if one.status == 200 and one.given)

    async def files(self, app: str) -> dict[str, str]:
        listing = await self.store.list_files(VENDOR, app)
        paths = [file["path"] for file in listing.files]
        files = await self.store.read_files(VENDOR, app, paths)
        return {file["path"]: file["content"] for file in files if "content" in file}

    async def stored_text(self, sid: str) -> str:
        """Claude's words in the session's latest turn, as GET shows them."""
        view = await self.sessions.read(VENDOR, sid)
        entries = [entry for entry in view.entries if entry["turn"] == view.state.turn]
        said = [one["content"] for one in messages(entries) if one["role"] == "assistant"]
        return "".join(block["text"] for content in said for block in content if block["type"] == "text")


@asynccontextmanager
async def fault_world(
    folder: Path,
    replies: Callable[[Received, int], Reply],
    seed: str,
    variables: Mapping[str, str] = MappingProxyType({}),
    *,
    asides: bool = True,
) -> AsyncGenerator[FaultWorld]:
    """A world whose model answers so, until left."""
    own = {"DAILY_TOKEN_BUDGET": "0", "MODEL_IDLE_TIMEOUT_SECONDS": "5"}
    async with (
        claude.serve(script=Script(replies, asides=asides)) as server,
        session_store({"ANTHROPIC_BASE_URL": server.url, **own, **variables}) as known,
    ):
        door = Claude(known.settings)
        store = SqliteFileStore(folder / "files.db")
        try:
            uploads = MemoryUploads(VENDOR, "")
            yield FaultWorld(known.settings, door, server, known.sessions, store, dice(seed), uploads)
        finally:
            await door.close()
            store.close()


async def _nothing() -> None:
    return None
