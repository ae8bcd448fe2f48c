"""A session store on an embedded Valkey, with a clock that a test moves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aicode.history.records import Record
from aicode.redis.client import RedisClient
from aicode.session_manager.manager import NewTurn, OwnedTurn, SessionManager
from aicode.session_manager.turn_writer import Batch
from dev.upstash import Faults, Upstash
from tests.session_store import counted, ended, new_turn, session_store, settings_with

LEASE_MS = 30_000
START_MS = 1_800_000_000_000


@dataclass(slots=True)
class Store:
    """The session store, its server, and the time as the functions see it."""

    redis: Upstash
    client: RedisClient
    sessions: SessionManager
    now: int = START_MS
    messages: int = 0

    @property
    def faults(self) -> Faults:
        assert self.redis.faults is not None
        return self.redis.faults

    def manager(self, **variables: str) -> SessionManager:
        """Another process' view of the same store, with other settings."""
        return SessionManager(self.client, settings_with(self.redis, **variables), now_ms=lambda: self.now)

    def message(
        self, *, sid: str | None = None, message_id: str = "", app: str = "app", **changed: Any
    ) -> NewTurn:
        self.messages += 1
        return new_turn(app=app, sid=sid, message_id=message_id or f"m{self.messages}", **changed)

    async def begin(self, message: NewTurn | None = None, *, sid: str | None = None) -> OwnedTurn:
        begun = await self.sessions.begin(message or self.message(sid=sid), owner_known=True)
        assert isinstance(begun, OwnedTurn)
        return begun

    async def end(self, begun: OwnedTurn, state: str = "idle", *records: Record, **more: Any) -> bool:
        more = {**counted(begun), **more}
        batch = Batch(frames=b"id: 1-9\n\n", last_seq=9, records=records or [ended()], **more)
        return await begun.writer.end(self.now, batch, state)

    async def turn(self, *, sid: str | None = None) -> str:
        """A whole turn; gives the session's id."""
        begun = await self.begin(sid=sid)
        await self.end(begun)
        return begun.writer.sid

    async def keys(self) -> set[str]:
        return set(await self.client.command("KEYS", "*"))

    async def dump(self) -> dict[str, Any]:
        """Everything the store holds, and whether it will go by itself."""
        found: dict[str, Any] = {}
        for key in sorted(await self.keys()):
            kind, ttl = [await self.client.command(name, key) for name in ("TYPE", "PTTL")]
            command, *bounds = READ[kind]
            [content] = await self.client.pipeline([[command, key, *bounds]])
            found[key] = (ttl > 0, content)
        return found


@asynccontextmanager
async def a_store() -> AsyncGenerator[Store]:
    """An empty one, until left."""
    async with session_store() as known:
        store = Store(known.redis, known.client, known.sessions)
        store.sessions.now_ms = lambda: store.now
        yield store


READ = {
    "hash": ("HGETALL",),
    "stream": ("XRANGE", "-", "+"),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "list": ("LRANGE", "0", "-1"),
    "set": ("SMEMBERS",),
    "string": ("GET",),
}


def results(content: str, number: int = 1) -> Record:
    """The result of a call that read something."""
    return {
        "kind": "results",
        "step": number,
        "content": [{"type": "tool_result", "tool_use_id": "t1", "content": content}],
        "tools": [
            {
                "toolId": "t1",
                "toolName": "read_file",
                "status": "completed",
                "isError": False,
                "summary": "Read a.ts",
                "durationMs": 3,
            }
        ],
        "changes": [],
        "seen": {},
        "at": 5,
    }


def frame(seq: int) -> bytes:
    return f'id: 1-{seq}\ndata: {{"type":"text_delta"}}\n\n'.encode()
