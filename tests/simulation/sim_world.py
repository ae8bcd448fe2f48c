"""A vendor's page, function processes that die, and stores that fail: one seed decides all of it."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from sim_model import Meter, SimulatedModel, wait_tool
from sim_store import KilledError, Network, Process, SimulatedFiles, SimulatedRedis
from sim_waits import waiting_tools, wake

from aicode.errors import FencedError, NotFound, RequestError, SessionBusy, SessionExpired, StoreUnavailable
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import FileStore, TurnRef
from aicode.session_manager.manager import Abandoned, Duplicate, OwnedTurn, SessionManager
from aicode.session_manager.state import SessionState
from aicode.settings import Settings
from chat.agent.composition import Services, compose
from chat.agent.model.interface import Model
from chat.agent.model.retry import RetryBudget
from chat.agent.tools.files import file_tools
from chat.agent.turn.takeover import close_abandoned, take_over
from chat.client_buffer import ClientBuffer
from chat.event_log import EventLog
from chat.event_reader import EventReader, LastEvent
from chat.handover import Deadline, reserve_of
from dev.upstash.valkey import EmbeddedValkey
from tests.end_to_end.stack import TERMINAL, Event, events_of
from tests.line_builder import LineBuilder
from tests.memory_uploads import MemoryUploads
from tests.observing import Operators
from tests.session_store import new_turn

VENDOR = "alice"
START_MS = 1_800_000_000_000
LEASE = 30.0
MODEL = "claude-sonnet-5-5"


@dataclass(slots=True)
class Page:
    """What a browser has of one turn."""

    events: list[Event] = field(default_factory=list[Event])

    @property
    def ended(self) -> bool:
        return bool(self.events) and self.events[-1].type in TERMINAL

    @property
    def place(self) -> LastEvent | None:
        return LastEvent(self.events[-1].turn, self.events[-1].seq) if self.events else None

    def take(self, chunk: bytes) -> None:
        """Some frames more."""
        for event in events_of(chunk):
            if event.type == "connection_established":
                self.events.clear()
            self.events.append(event)


@dataclass(frozen=True, slots=True)
class Message:
    """What the vendor sends; `replaces` is the id of an earlier message."""

    id: str
    text: str
    replaces: str | None = None


def _heard(task: "asyncio.Task[Any]") -> None:
    """Nobody waits for some processes; how such a one failed would be told whenever memory is freed."""
    if not task.cancelled():
        task.exception()


class World:
    """One session of one vendor, from its first message to its last, in a store that is emptied for it.

    Virtual time stands still while Valkey is asked. Its own clock runs on in real time, so that keys live
    for all the hours that a seed takes.
    """

    def __init__(self, seed: int, valkey: EmbeddedValkey, files: SqliteFileStore, app: str) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a seed makes it repeatable
        valkey.execute([(b"FLUSHALL",)])
        self.network = Network(self.chance, valkey)
        self.files = files
        self.app = app
        self.sid: str | None = None
        self.messages: list[Message] = []
        self.ids = itertools.count(1)
        self.processes: list[Process] = []
        self.models: list[SimulatedModel] = []
        self.meter = Meter()
        self.broken: list[str] = []
        self.fates: Counter[str] = Counter()
        self.published: Counter[str] = Counter()
        self.waking: set[asyncio.Task[None]] = set()
        # After how many chunks a connection breaks.
        self.patience = [10_000, 10_000, 3, 20]
        limit = self.chance.choice(["900", "900", "70", "20"])
        self.limit = float(limit)
        self.settings = Settings.from_env(
            {
                "AICODE_LOCAL": "1",
                "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
                "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9",
                "DAILY_TOKEN_BUDGET": "0",
                "RATE_LIMIT_PER_MINUTE": "1000",
                "MAX_CONCURRENT_TURNS": "50",
                "MAX_READERS": "1000",
                "MAX_STEPS": "6",
                "TITLE_MODEL": "none",
            }
        )

    def now_ms(self) -> int:
        return START_MS + int(asyncio.get_running_loop().time() * 1000)

    def sessions(self, process: Process) -> SessionManager:
        return SessionManager(SimulatedRedis(self.network, process), self.settings, now_ms=self.now_ms)

    def spawn(self, work: Callable[[Process], Coroutine[Any, Any, Any]]) -> Process:
        """A function process that does this one thing."""
        process = Process()
        self.processes.append(process)
        process.task = asyncio.create_task(self._watch(process, work))
        process.task.add_done_callback(_heard)
        return process

    async def _watch(self, process: Process, work: Callable[[Process], Coroutine[Any, Any, Any]]) -> Any:
        try:
            return await work(process)
        except KilledError:
            return None
        except (RequestError, asyncio.CancelledError):
            raise
        except Exception as error:
            self.broken.append(repr(error))
            raise

    # -- the chat function ----------------------------------------------------------------------------

    async def post(self, process: Process, message: Message) -> AsyncIterator[bytes]:
        """POST; what it answers as a stream. Raises what the function refuses with."""
        sessions, store = self.sessions(process), self._store(process)
        new = new_turn(
            message.text,
            vendor=VENDOR,
            app=self.app,
            sid=self.sid,
            message_id=message.id,
            model=MODEL,
            replaces=message.replaces,
        )
        begun = await sessions.begin(new, owner_known=True)
        if isinstance(begun, Abandoned):
            await close_abandoned(sessions, store, VENDOR, str(self.sid), str, Operators().observer())
            begun = await sessions.begin(new, owner_known=True)
        if isinstance(begun, OwnedTurn):
            self.sid = begun.writer.sid
            live = ClientBuffer()
            log = EventLog(begun.writer, live, self.now_ms)
            log.emit("connection_established", {"sessionId": self.sid})
            return self._stream(process, begun, log, live)
        if not isinstance(begun, Duplicate):
            raise SessionBusy("busy")
        self.sid = begun.session_id
        return await self.resume(process, LastEvent(begun.turn, 0), take_up=True)

    async def resume(
        self, process: Process, place: LastEvent | None, *, take_up: bool
    ) -> AsyncIterator[bytes]:
        """GET stream, with or without continue=1."""
        sessions, sid = self.sessions(process), str(self.sid)
        live: AsyncIterator[bytes] | None = None
        if take_up and (await sessions.state(VENDOR, sid)).status == "interrupted":
            live = await self.continued(process, None)
        reader = EventReader(sessions, VENDOR, sid)
        if live is not None:
            return _joined(await reader.first(place) or b"", live)
        first = await reader.attach(place)
        if first is None:
            return _joined(b"", None)
        return reader.follow(first, lambda: 100.0)

    async def continued(self, process: Process, epoch: int | None) -> AsyncIterator[bytes] | None:
        """A turn that this process takes over."""
        store, sid = self._store(process), str(self.sid)
        taken = await take_over(self.sessions(process), store, VENDOR, sid, handed_over_by=epoch)
        if taken is None:
            return None
        live = ClientBuffer()
        log = EventLog(taken.writer, live, self.now_ms, last_seq=taken.last_seq)
        if taken.last_seq == 0:
            log.emit("connection_established", {"sessionId": self.sid})
        elif taken.owned().shows_unfinished:
            log.emit("step_reset", {"reason": "interrupted"})
        return self._stream(process, taken.owned(), log, live)

    def hand_over(self, epoch: int | None) -> None:
        """The turn goes on that this owner has left, unless the event or its sender is lost on the way."""
        if epoch is not None and (not self.network.unreliable or self.chance.random() < 0.9):
            self.spawn(lambda fresh: self._handed_over(fresh, epoch))

    async def _stream(
        self, process: Process, begun: OwnedTurn, log: EventLog, live: ClientBuffer
    ) -> AsyncIterator[bytes]:
        owner = self.spawn(lambda _: self._turn(process, begun, log, live))
        process.task, owner.task = owner.task, None
        async for chunk in live.chunks():
            if process.dead:
                return
            yield chunk

    async def _turn(self, process: Process, begun: OwnedTurn, log: EventLog, live: ClientBuffer) -> None:
        began = asyncio.get_running_loop().time()

        def seconds_left() -> float:
            return began + self.limit - asyncio.get_running_loop().time()

        async def nothing() -> None:
            await process.door()

        async def hand_over() -> None:
            await process.door()
            self.fates["handed over"] += 1
            self.spawn(lambda fresh: self._handed_over(fresh, begun.writer.epoch))

        async def wake_up(seconds: float) -> None:
            await process.door()
            waking = asyncio.create_task(wake(self, begun.writer.sid, seconds))
            self.waking.add(waking)
            waking.add_done_callback(self.waking.discard)

        services = Services(
            settings=self.settings,
            model=self.model(process),
            store=self._store(process),
            uploads=MemoryUploads(VENDOR, self.app),
            tools=lambda workspace, _: [
                *file_tools(workspace),
                wait_tool(process),
                *waiting_tools(process, self.published),
            ],
            wake_up=wake_up,
            retry_budget=RetryBudget(
                chance=self.chance.random, clock=asyncio.get_running_loop().time, left=seconds_left
            ),
            now_ms=self.now_ms,
            observer=Operators().observer(),
            builder=LineBuilder(self._store(process)),
        )
        deadline = Deadline(
            seconds_left=seconds_left,
            reserve=reserve_of(self.limit, self.settings.handover_reserve),
            prepare=nothing,
            hand_over=hand_over,
        )
        try:
            await compose(begun, log, deadline, services).run()
        finally:
            live.close()
        if seconds_left() < 0 and not process.was_stopped:
            self.broken.append("the turn outlived its function")

    async def _handed_over(self, process: Process, epoch: int) -> None:
        stream = await self.continued(process, epoch)
        if stream is not None:
            async for _ in stream:
                pass

    def model(self, process: Process) -> Model:
        """The process's way to the model."""
        model = SimulatedModel(self.chance, process, self.network, self.ids, self.meter)
        self.models.append(model)
        return model

    def _store(self, process: Process) -> FileStore:
        return cast("FileStore", SimulatedFiles(self.files, process, self.network, self.chance))

    # -- the vendor -----------------------------------------------------------------------------------

    async def converse(self, text: str, *, replaces: int | None = None) -> Page:
        """Sends a message and follows it to an end, whatever breaks; gives what the page has at last.

        `replaces` is the turn of the message in whose place it stands.
        """
        place = None if replaces is None else self.messages[replaces - 1].id
        message = Message(f"m{next(self.ids)}", text, place)
        self.messages.append(message)
        page = Page()
        process = self.spawn(lambda own: self._follow(own, page, self.post(own, message)))
        while True:
            outcome = await self._outcome(process)
            if page.ended:
                return page
            await asyncio.sleep(self.chance.choice([0.05, 1.0, 5.0]))
            if isinstance(outcome, (NotFound, SessionExpired)):
                return page
            if self.sid is None or not page.events or isinstance(outcome, (SessionBusy, StoreUnavailable)):
                # Nothing was heard of it: the same message again.
                process = self.spawn(lambda own: self._follow(own, page, self.post(own, message)))
                continue
            take_up = self.chance.random() < 0.7
            last = page.place
            lost = {"interrupted": 0.5, "waiting": 0.1}
            if not take_up and self.chance.random() < lost.get(await self._status(), 0):
                return page  # the vendor loses patience; the next message closes the turn
            process = self.spawn(
                lambda own, last=last, take_up=take_up: self._follow(
                    own, page, self.resume(own, last, take_up=take_up)
                )
            )
            if await self._outcome(process) == "nothing" and (await self._status()) not in (
                "running",
                "interrupted",
                "waiting",
            ):
                return page

    async def delete(self) -> None:
        """DELETE until it is answered; the file store is asked as often as it takes."""
        process, sid = Process(), str(self.sid)
        sessions, store = self.sessions(process), self._store(process)

        async def fence_off(state: SessionState) -> None:
            with suppress(FencedError):
                await store.raise_fence(VENDOR, self.app, TurnRef(sid, state.turn, state.epoch + 1))

        while True:
            try:
                await sessions.stop(VENDOR, sid)
                await sessions.delete(VENDOR, sid, fence_off=fence_off)
            except StoreUnavailable:
                await asyncio.sleep(0.5)
            except NotFound:
                return
            else:
                return

    async def look(self, process: Process, page: Page, *, take_up: bool) -> None:
        """Another device opens the session and follows what it finds, or takes it up where it was left."""
        try:
            stream = await self.resume(process, None, take_up=take_up)
        except (StoreUnavailable, NotFound):
            return  # 503 and it looks again later, or the session is deleted
        async for chunk in stream:
            page.take(chunk)

    async def _status(self) -> str:
        while True:
            try:
                return (await self.sessions(Process()).state(VENDOR, str(self.sid))).status
            except StoreUnavailable:
                await asyncio.sleep(1)

    async def _outcome(self, process: Process) -> Any:
        task = process.task
        assert task is not None
        await asyncio.wait({task})
        return None if task.cancelled() else (task.exception() or task.result())

    async def _follow(
        self, process: Process, page: Page, opening: Coroutine[Any, Any, AsyncIterator[bytes]]
    ) -> str:
        """Reads a stream to its end, or until the connection breaks."""
        stream = await opening
        patience = self.chance.choice(self.patience)
        chunks = 0
        async for chunk in stream:
            chunks += 1
            page.take(chunk)
            if chunks > patience:
                return "disconnected"
        return "ended" if chunks else "nothing"


async def _joined(first: bytes, rest: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    if first:
        yield first
    if rest is not None:
        async for chunk in rest:
            yield chunk
