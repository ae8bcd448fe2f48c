"""The session routes over a real local store, and turns to read."""

import json
import time
from dataclasses import dataclass, field
from typing import Any, cast

from aicode.api_types import Consent, PolicyName
from aicode.auth import Authenticator
from aicode.history.records import Record
from aicode.redis.client import RedisClient
from aicode.request_limits import RequestLimits
from aicode.session_manager.manager import OwnedTurn, SessionManager
from aicode.session_manager.state import SessionState
from aicode.session_manager.turn_writer import Batch
from aicode.settings import Settings
from aicode.telemetry import Observer
from dev.upstash import Upstash
from session.app import answer
from session.dependencies import Dependencies
from tests.function_event import Invocation, function_event, token
from tests.observing import Operators
from tests.session_store import counted, ended, new_turn, step

BASE = "/api/vendor/ai-chat-v2"
ORIGIN = "https://code.example.com"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class World:
    """The routes as a client has them, the store behind them, and what else they were told."""

    settings: Settings
    redis: Upstash
    client: RedisClient
    sessions: SessionManager
    apps: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    fenced_off: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    policies: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    handed_over: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    operators: Operators = field(default_factory=Operators)
    clock: int = field(default_factory=lambda: int(time.time() * 1000))
    messages: int = 0

    @property
    def _limits(self) -> RequestLimits:
        reads, writes = self.settings.read_limit_per_minute, self.settings.write_limit_per_minute
        return RequestLimits(self.client, reads=reads, writes=writes, now_ms=lambda: self.clock)

    async def ask(
        self,
        method: str,
        below: str,
        *,
        vendor: str = "alice",
        body: str = "",
    ) -> Answer:
        path, _, query = below.partition("?")
        headers = {"authorization": f"Bearer {token(vendor)}", "content-type": "application/json"}
        event = function_event(method, BASE + path, query=query, headers=headers, body=body)
        needed = Dependencies(
            settings=self.settings,
            authenticator=Authenticator(self.settings),
            admit=self._limits.admit,
            sessions=self.sessions,
            files=self,
            hand_over=self.hand_over,
            telemetry=self.operators.telemetry,
        )
        answered = await answer(event, Invocation(), needed)
        text = cast("str", answered["body"])
        return Answer(answered["statusCode"], answered["headers"], json.loads(text) if text else None)

    async def begin(
        self, text: str = "Hi", *, sid: str | None = None, app: str = "app-1", message_id: str | None = None
    ) -> OwnedTurn:
        self.messages += 1
        new = new_turn(text, app=app, sid=sid, message_id=message_id or f"m{self.messages}")
        begun = await self.sessions.begin(new, owner_known=True)
        assert isinstance(begun, OwnedTurn)
        return begun

    async def turn(self, text: str = "Hi", *, sid: str | None = None, answer: str = "Hello") -> str:
        """A whole turn with one step; gives the session's id."""
        begun = await self.begin(text, sid=sid)
        await self.end(begun, [step(answer), ended()])
        return begun.writer.sid

    async def end(self, begun: OwnedTurn, records: list[Record], state: str = "idle") -> None:
        batch = Batch(frames=b"", last_seq=9, records=records, **counted(begun))
        await begun.writer.end(self.clock, batch, state)

    async def owns(self, vendor: str, app: str, /) -> bool:
        return (vendor, app) in self.apps

    async def hand_over(self, _vendor: str, sid: str, epoch: int, _observer: Observer, /) -> None:
        self.handed_over.append((sid, epoch))

    async def set_policy(self, _vendor: str, app: str, name: PolicyName, consent: Consent, /) -> None:
        self.policies.append((app, name, consent))

    async def fence_off(self, state: SessionState, /) -> None:
        """Notes whom the files refuse from now on."""
        self.fenced_off.append((state.sid, state.epoch))
