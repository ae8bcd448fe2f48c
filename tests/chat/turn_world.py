"""Whole turns in this process: a real session store and file store, and a model that does as it is told."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aicode.build.builder import Builder
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Committed
from aicode.history.records import ApiBlock
from aicode.history.usage import no_usage
from aicode.redis import keys
from aicode.redis.client import RedisClient
from aicode.session_manager.manager import Abandoned, OwnedTurn, SessionManager, SessionView
from aicode.settings import Settings
from chat.agent.composition import Services, compose
from chat.agent.model.interface import Answer, AnswerListener, FilesApi, Model, Request, ToolCall
from chat.agent.model.retry import RetryBudget
from chat.agent.prompt.conversation import to_api
from chat.agent.tools.files import file_tools
from chat.agent.tools.tool import Tool
from chat.agent.tools.web_fetch import WebAccess
from chat.agent.tools.web_search import Searches
from chat.agent.turn.file_ids import FileIds
from chat.agent.turn.offered_tools import Endpoint
from chat.agent.turn.originals import ByteCache
from chat.agent.turn.takeover import close_abandoned
from chat.client_buffer import ClientBuffer
from chat.event_log import EventLog
from chat.handover import Deadline
from dev.claude import validate
from dev.upstash import Upstash
from tests.end_to_end.stack import Event, assert_well_formed, events_of
from tests.memory_uploads import MemoryUploads
from tests.observing import Operators
from tests.session_store import new_turn
from tests.waiting import PATIENCE

VENDOR, APP = "alice", "app-1"
MODEL = "claude-sonnet-5-5"
Act = Callable[[Request, AnswerListener], Awaitable[Answer]]
_ids = itertools.count(1)


class ScriptedModel:
    """Plays one act a request, and refuses every request that the API would refuse."""

    def __init__(self, *acts: Act) -> None:
        self._acts = list(acts)
        self.requests: list[Request] = []

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        validate.read_body(json.dumps({**request, "stream": True}).encode())
        self.requests.append(request)
        return await self._acts[len(self.requests) - 1](request, listener)


class Titled:
    """Answers the message, and the call for a title with `title`."""

    def __init__(self, title: str) -> None:
        self._title = title

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        return await says("Hello" if request["model"] == MODEL else self._title)(request, listener)


def message(*content: ApiBlock, stop_reason: str = "end_turn", tokens: int = 10) -> Answer:
    usage = no_usage()
    usage["inputTokens"], usage["costUsd"] = tokens, tokens / 1000
    calls = [_call(block) for block in content if block["type"] == "tool_use"]
    return Answer(content=list(content), stop_reason=stop_reason, model=MODEL, usage=usage, calls=calls)


def _call(block: ApiBlock) -> ToolCall:
    given: Any = block["input"]
    return ToolCall(str(block["id"]), str(block["name"]), None if "INVALID_JSON" in given else given)


def says(text: str, *, stop_reason: str = "end_turn", tokens: int = 10) -> Act:
    """Answers with text."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        listener.text(text)
        return message({"type": "text", "text": text}, stop_reason=stop_reason, tokens=tokens)

    return act


def asks(
    *calls: tuple[str, dict[str, Any]], text: str = "", stop_reason: str = "tool_use", tokens: int = 10
) -> Act:
    """Asks for tools."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        content: list[ApiBlock] = []
        if text:
            listener.text(text)
            content.append({"type": "text", "text": text})
        for name, arguments in calls:
            block: ApiBlock = {
                "type": "tool_use",
                "id": f"toolu_{next(_ids)}",
                "name": name,
                "input": arguments,
            }
            listener.tool_start(str(block["id"]), name)
            listener.tool_ready(_call(block))
            content.append(block)
        return message(*content, stop_reason=stop_reason, tokens=tokens)

    return act


class Halt:
    """A place where whoever comes waits, for ever unless it is opened; the test waits until it is reached."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self._come = asyncio.Event()

    async def reached(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._come.wait()

    async def stand(self) -> None:
        self._come.set()
        await self.open.wait()


def halts(halt: Halt, *, after: str = "") -> Act:
    """Says something and then nothing more until the halt is opened."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        if after:
            listener.text(after)
        await halt.stand()
        return message({"type": "text", "text": after or "Done."})

    return act


def fails(error: Exception, *, after: str = "") -> Act:
    """Breaks."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        if after:
            listener.text(after)
        raise error

    return act


class HaltedStore(SqliteFileStore):
    """A file store whose commits can be made to wait."""

    halt: Halt | None = None

    async def commit(self, vendor: str, app_id: str, commit: Commit) -> Committed:
        if self.halt is not None:
            await self.halt.stand()
        return await super().commit(vendor, app_id, commit)


@dataclass(slots=True)
class Running:
    """A turn under way."""

    task: asyncio.Task[None]
    live: ClientBuffer
    begun: OwnedTurn
    log: EventLog

    @property
    def sid(self) -> str:
        return self.begun.writer.sid

    async def events(self) -> list[Event]:
        """All that the browser got, once the turn is over; raises what the turn raised."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({self.task})
        self.live.close()
        return events_of(b"".join([chunk async for chunk in self.live.chunks()]))


@dataclass(slots=True)
class World:
    settings: Settings
    redis: Upstash
    sessions: SessionManager
    store: HaltedStore
    uploads: MemoryUploads = field(default_factory=lambda: MemoryUploads(VENDOR, APP))
    files_api: FilesApi | None = None
    builder: Builder | None = None
    tools: list[Tool[Any]] = field(default_factory=list[Tool[Any]])
    web_search: Callable[[Searches], Tool[Any]] | None = None
    web_fetch: Callable[[WebAccess], Tool[Any]] | None = None
    endpoint: Endpoint = field(default_factory=Endpoint)
    clock: int = 1_800_000_000_000
    handed_over: int = 0
    seconds_left: float = 900.0
    unprepared: Exception | None = None
    operators: Operators = field(default_factory=Operators)

    async def begin(
        self,
        text: str = "Hi",
        sid: str | None = None,
        *,
        replaces: str | None = None,
        uploads: Sequence[str] = (),
    ) -> OwnedTurn:
        attachments = await self.uploads.attachments(VENDOR, APP, uploads) if uploads else []
        new = new_turn(
            text, vendor=VENDOR, app=APP, sid=sid, model=MODEL, replaces=replaces, attachments=attachments
        )
        begun = await self.sessions.begin(new, owner_known=True)
        if isinstance(begun, Abandoned):
            await close_abandoned(self.sessions, self.store, VENDOR, str(sid), str, self.operators.observer())
            begun = await self.sessions.begin(new, owner_known=True)
        assert isinstance(begun, OwnedTurn)
        return begun

    async def start(
        self,
        *acts: Act,
        sid: str | None = None,
        settings: Settings | None = None,
        model: Model | None = None,
        begun: OwnedTurn | None = None,
        wants_title: bool = False,
    ) -> Running:
        begun, live = begun or await self.begin(sid=sid), ClientBuffer()
        last_seq = begun.last_seq if begun.has_waited else 0
        events = EventLog(begun.writer, live, self.sessions.now_ms, last_seq=last_seq)
        if not begun.has_waited:
            events.emit("connection_established", {"sessionId": begun.writer.sid})
        settings = settings or self.settings
        deadline = Deadline(
            seconds_left=lambda: self.seconds_left,
            reserve=20,
            prepare=self._prepare,
            hand_over=self._hand_over,
        )
        services = Services(
            settings=settings if wants_title else replace(settings, title_model=None),
            model=model or ScriptedModel(*acts),
            store=self.store,
            uploads=self.uploads,
            file_ids=FileIds(self.sessions.sent_forms(VENDOR), self.files_api, settings.session_ttl)
            if self.files_api
            else None,
            originals=ByteCache(),
            tools=lambda workspace, web: [
                *file_tools(workspace),
                *self.tools,
                *([self.web_search(web)] if self.web_search else []),
                *([self.web_fetch(web)] if self.web_fetch else []),
            ],
            endpoint=self.endpoint,
            builder=self.builder,
            retry_budget=RetryBudget(sleep=self._no_sleep, left=lambda: self.seconds_left - 20),
            now_ms=self.sessions.now_ms,
            observer=self.operators.observer(),
        )
        turn = compose(begun, events, deadline, services).run()
        return Running(asyncio.create_task(turn, name="turn"), live, begun, events)

    async def turn(
        self, *acts: Act, sid: str | None = None, settings: Settings | None = None
    ) -> tuple[Running, list[Event]]:
        running = await self.start(*acts, sid=sid, settings=settings)
        return running, await running.events()

    async def view(self, sid: str) -> SessionView:
        return await self.sessions.read(VENDOR, sid)

    async def forget_events(self, sid: str) -> None:
        """What ten minutes do: the session's event log is gone."""
        client = RedisClient(self.redis.url, self.redis.token)
        assert await client.command("DEL", keys.SessionKeys(sid).events) == 1
        await client.close()

    async def files(self) -> dict[str, str]:
        """The texts of the app, by path."""
        listing = await self.store.list_files(VENDOR, APP)
        paths = [file["path"] for file in listing.files]
        files = await self.store.read_files(VENDOR, APP, paths)
        return {file["path"]: file["content"] for file in files if "content" in file}

    async def assert_sound(self, running: Running, events: Sequence[Event]) -> None:
        """What holds after any turn: one end, valid history, a free session, nothing left behind."""
        assert_well_formed(list(events))
        view = await self.view(running.sid)
        assert [entry["record"]["kind"] for entry in view.entries].count("end") == view.state.turn
        messages = [*to_api(view.entries), {"role": "user", "content": "Go on"}]
        validate.read_body(json.dumps({"model": MODEL, "max_tokens": 1, "messages": messages}).encode())
        assert own_tasks() == []
        again, next_events = await self.turn(says("Again."), sid=running.sid)
        assert next_events[-1].type == "message_complete"
        assert again.task.exception() is None
        assert_well_formed(next_events)

    async def _no_sleep(self, _seconds: float) -> None:
        await asyncio.sleep(0)

    async def _prepare(self) -> None:
        if self.unprepared is not None:
            raise self.unprepared

    async def _hand_over(self) -> None:
        self.handed_over += 1


async def requests_of(world: World, sid: str | None, *acts: Act) -> tuple[str, list[Request]]:
    """One turn: its session, and the requests it made."""
    model = ScriptedModel(*acts)
    running = await world.start(sid=sid, model=model)
    await running.events()
    return running.sid, model.requests


def own_tasks() -> list[str]:
    """Tasks of the conversation that are still there."""
    codes = [getattr(task.get_coro(), "cr_code", None) for task in asyncio.all_tasks()]
    return [code.co_qualname for code in codes if code is not None and "/functions/chat/" in code.co_filename]
