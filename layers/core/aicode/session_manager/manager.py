"""Sessions in Upstash Redis: the seed's SessionManager, each operation one round trip wherever it can be."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from aicode.errors import (
    BudgetExceeded,
    MessageIdReused,
    NotFound,
    RateLimited,
    SessionBusy,
    SessionExpired,
    TooManyTurns,
)
from aicode.models import PendingTool, SessionMetadata, SessionStatus, SessionSummary
from aicode.session_manager import keys
from aicode.session_manager.client import CommandError, RedisClient
from aicode.session_manager.records import Entry, UserRecord, decode, encode
from aicode.session_manager.turns import OpenTurn, TurnLimits, TurnWriter
from aicode.settings import Settings

RATE_WINDOW_MS = 60_000
DAY_SECONDS = 86_400
LIST_LIMIT = 200
EVENT_PAGE = 200
# The same words whether app or session is absent or another's: an answer must not tell them apart.
NOTHING_THERE = "There is no such app or session."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn:
    """A message as the chat function admits it; `session_id` None makes a session."""

    vendor: str
    app: str
    session_id: str | None
    message_id: str
    text: str
    model: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An open turn: its writer, the history before and with the message, and the session's frozen model."""

    writer: TurnWriter
    history: Sequence[Entry]
    model: str
    title: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The message was admitted before, as this turn."""

    session_id: str
    turn: int


@dataclass(frozen=True, slots=True)
class OwnerUnknown:
    """Redis does not know who owns the app: ask the file store, then ask again with `owner_known`."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The session's turn lost its owner: close it, then begin again."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """A session's meta hash, read. `last_seq` is the latest finished turn's last event.

    `torn` is the last event that an owner who died had stored: numbers above it may have been shown twice.
    """

    sid: str
    vendor: str
    app: str
    title: str
    status: SessionStatus
    turn: int
    epoch: int
    first_epoch: int
    last_seq: int
    torn: int | None
    message_id: str
    metadata: SessionMetadata
    pending: list[PendingTool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """What GET session is made from."""

    state: SessionState
    entries: Sequence[Entry]
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class LoggedEvents:
    """One entry of the event log: consecutive frames of a turn, the last with sequence number `last_seq`."""

    cursor: str
    turn: int
    last_seq: int
    frames: bytes


class SessionManager:
    """All session state of one deployment. Every failure to reach it is StoreUnavailable."""

    def __init__(
        self, client: RedisClient, settings: Settings, *, now_ms: Callable[[], int] | None = None
    ) -> None:
        self._client = client
        self._settings = settings
        self._limits = TurnLimits(lease=int(settings.turn_lease * 1000), ttl=settings.session_ttl * 1000)
        self.now_ms = now_ms or (lambda: int(time.time() * 1000))

    async def begin(
        self, new: NewTurn, *, owner_known: bool = False, stale: str = ""
    ) -> Begun | Duplicate | OwnerUnknown | Abandoned:
        """Admits the message in one round trip, or raises why not; what a summary speaks of is not loaded.

        Raises NotFound, SessionExpired, SessionBusy, RateLimited, TooManyTurns, BudgetExceeded,
        MessageIdReused. `stale` is an earlier owner of the message id whose session has expired since.
        """
        now = self.now_ms()
        sid = new.session_id or secrets.token_urlsafe(18)
        session = keys.SessionKeys(sid)
        message_hash = digest(new.text)
        record: UserRecord = {"kind": "user", "id": new.message_id, "text": new.text, "at": now}
        reply = await self._client.script(
            "begin",
            [
                *(session.meta, session.history, session.events, session.files, session.marker),
                *(keys.running(new.vendor), keys.rate(new.vendor), keys.tokens(new.vendor, now)),
                *(keys.owner(new.app), keys.index(new.vendor, new.app)),
                keys.message_ids(new.vendor, new.app),
            ],
            *(now, sid, new.vendor, new.app, int(new.session_id is None), secrets.token_hex(8)),
            *(new.message_id, message_hash, encode(record), new.title, new.model, stale),
            *(self._limits.lease, self._limits.ttl, RATE_WINDOW_MS, self._settings.rate_limit_per_minute),
            *(self._settings.max_concurrent_turns, self._settings.daily_token_budget, int(owner_known)),
        )
        outcome = cast("list[Any]", reply)
        if outcome[0] == "ok":
            return self._begun(new, sid, now, outcome)
        if outcome[0] == "duplicate":
            return await self._duplicate(new, str(outcome[1]), message_hash, owner_known=owner_known)
        if outcome[0] == "owner_unknown":
            return OwnerUnknown()
        if outcome[0] == "abandoned":
            return Abandoned(int(outcome[1]))
        raise _refusal(outcome, now)

    def _begun(self, new: NewTurn, sid: str, now: int, outcome: list[Any]) -> Begun:
        turn, epoch, history = int(outcome[1]), int(outcome[2]), decode(outcome[5])
        opened = OpenTurn(
            sid=sid,
            vendor=new.vendor,
            app=new.app,
            turn=turn,
            epoch=epoch,
            records=1,
            tokens_today=int(outcome[6]),
        )
        writer = TurnWriter(self._client, opened, self._limits, renewed_at=now)
        return Begun(
            writer=writer,
            history=history,
            model=str(outcome[3]),
            title=str(outcome[4]),
            is_new=new.session_id is None,
        )

    async def _duplicate(
        self, new: NewTurn, earlier: str, message_hash: str, *, owner_known: bool
    ) -> Begun | Duplicate | OwnerUnknown | Abandoned:
        sid, turn, known_hash = earlier.split(" ")
        if not await self._client.command("EXISTS", keys.SessionKeys(sid).meta):
            return await self.begin(new, owner_known=owner_known, stale=earlier)
        if known_hash != message_hash or new.session_id not in (None, sid):
            raise MessageIdReused("This messageId belongs to another message.")
        return Duplicate(sid, int(turn))

    async def claim(
        self, vendor: str, sid: str, *, handed_over_by: int | None = None
    ) -> tuple[TurnWriter, SessionView] | None:
        """Takes over a running turn whose owner is dead or has handed it over; None where there is none.

        From then on nothing that the earlier owner writes is accepted.
        """
        now = self.now_ms()
        session = keys.SessionKeys(sid)
        outcome = cast(
            "list[Any]",
            await self._client.script(
                "claim",
                [session.meta, session.events, keys.running(vendor)],
                *(now, sid, vendor, secrets.token_hex(8), self._limits.lease, handed_over_by or ""),
            ),
        )
        if outcome[0] != "ok":
            return None
        turn = int(outcome[1])
        view = await self.read(vendor, sid, since=int(str(outcome[3]).partition("-")[0]))
        known = max((entry["n"] for entry in view.entries if entry["turn"] == turn), default=0)
        epoch = int(outcome[2])
        opened = OpenTurn(sid=sid, vendor=vendor, app=view.state.app, turn=turn, epoch=epoch, records=known)
        # Taken over late in the session's life: the first flush lengthens it.
        return TurnWriter(self._client, opened, self._limits, renewed_at=0), view

    async def read(
        self,
        vendor: str,
        sid: str,
        *,
        since: int = 0,
        before: tuple[int, int] | None = None,
        count: int | None = None,
    ) -> SessionView:
        """A session with its history from turn `since`, oldest first; `count` latest before an entry's place.

        Raises NotFound or SessionExpired.
        """
        session = keys.SessionKeys(sid)
        latest = f"({before[0]}-{before[1]}" if before else "+"
        limit = ["COUNT", count] if count else []
        meta, marker, history, files = await self._client.pipeline(
            [
                ["HGETALL", session.meta],
                ["GET", session.marker],
                ["XREVRANGE", session.history, latest, f"{since}-0", *limit],
                ["HGETALL", session.files],
            ]
        )
        state = self._state(sid, vendor, _pairs(meta), marker)
        return SessionView(state=state, entries=decode(_sound(history))[::-1], files=_pairs(files))

    async def state(self, vendor: str, sid: str) -> SessionState:
        """A session without its messages. Raises NotFound or SessionExpired."""
        session = keys.SessionKeys(sid)
        meta, marker = await self._client.pipeline([["HGETALL", session.meta], ["GET", session.marker]])
        return self._state(sid, vendor, _pairs(meta), marker)

    async def events(self, vendor: str, sid: str, cursor: str) -> tuple[SessionState, Sequence[LoggedEvents]]:
        """The next entries of the event log behind `cursor` (`<epoch>-<seq>`), and the session's state.

        Two billed commands. Raises NotFound or SessionExpired once the session is gone.
        """
        session = keys.SessionKeys(sid)
        meta, log = await self._client.pipeline(
            [
                ["HGETALL", session.meta],
                ["XRANGE", session.events, f"({cursor}", "+", "COUNT", EVENT_PAGE],
            ]
        )
        found = _pairs(meta)
        marker = None if found else await self._client.command("GET", session.marker)
        state = self._state(sid, vendor, found, marker)
        entries = [
            LoggedEvents(entry_id, int(fields[1]), int(entry_id.partition("-")[2]), fields[3].encode("ascii"))
            for entry_id, fields in cast("list[tuple[str, list[str]]]", _sound(log) or [])
        ]
        return state, entries

    async def list_sessions(
        self, vendor: str, app: str, *, owner_known: bool = False
    ) -> list[SessionSummary] | OwnerUnknown:
        """The app's sessions, the latest changed first, at most 200.

        Raises NotFound where the app is another vendor's.
        """
        owner, found_sids = await self._client.pipeline(
            [["GET", keys.owner(app)], ["ZREVRANGE", keys.index(vendor, app), 0, LIST_LIMIT - 1]]
        )
        if _sound(owner) is None and not owner_known:
            return OwnerUnknown()
        if owner not in (None, vendor):
            raise NotFound("There is no such app.")
        sids = cast("list[str]", _sound(found_sids))
        if not sids:
            return []
        replies = await self._client.pipeline([["HGETALL", keys.SessionKeys(sid).meta] for sid in sids])
        # An expired one stays in the index until a new session clears away all that is left of it.
        found = [(sid, pairs) for sid, reply in zip(sids, replies, strict=True) if (pairs := _pairs(reply))]
        states = [self._state(sid, vendor, pairs, None) for sid, pairs in found]
        return [
            {
                "sessionId": state.sid,
                "title": state.title,
                "status": state.status,
                "createdAt": state.metadata["createdAt"],
                "updatedAt": state.metadata["updatedAt"],
            }
            for state in states
        ]

    async def entry_of_message(
        self, vendor: str, app: str, sid: str, message_id: str
    ) -> tuple[int, int] | None:
        """The place in the history of the vendor's message with this id."""
        known = await self._client.command("HGET", keys.message_ids(vendor, app), message_id)
        if not isinstance(known, str) or not known.startswith(f"{sid} "):
            return None
        return int(known.split(" ")[1]), 1

    async def cancel(self, vendor: str, sid: str) -> bool:
        """Asks the running turn to stop; False where none runs. Raises NotFound or SessionExpired."""
        session = keys.SessionKeys(sid)
        arguments = (self.now_ms(), vendor, secrets.token_hex(8))
        outcome = await self._client.script("cancel", [session.meta, session.marker], *arguments)
        if outcome in ("not_found", "expired"):
            raise _gone(str(outcome))
        return outcome == "ok"

    async def delete(self, vendor: str, sid: str) -> None:
        """Removes the session; its running turn stops. Raises NotFound or SessionExpired."""
        state = await self.state(vendor, sid)
        session = keys.SessionKeys(sid)
        outcome = await self._client.script(
            "delete",
            [
                *(session.meta, session.history, session.events, session.files, session.marker),
                *(keys.running(vendor), keys.index(vendor, state.app), keys.message_ids(vendor, state.app)),
            ],
            *(sid, vendor, secrets.token_hex(8)),
        )
        if outcome in ("not_found", "expired"):
            raise _gone(str(outcome))

    async def delete_app_sessions(self, vendor: str, app: str) -> None:
        """Removes all sessions of an app and what Redis knows of its owner; running turns stop."""
        while sids := cast("list[str]", await self._client.command("ZRANGE", keys.index(vendor, app), 0, 99)):
            for sid in sids:
                try:
                    await self.delete(vendor, sid)
                except (NotFound, SessionExpired):
                    await self._client.command("ZREM", keys.index(vendor, app), sid)
        await self._client.command("DEL", keys.owner(app), keys.message_ids(vendor, app))

    def _state(self, sid: str, vendor: str, meta: dict[str, str], marker: object) -> SessionState:
        if not meta or meta.get("vendor") != vendor:
            raise _gone("expired" if not meta and marker == vendor else "not_found")
        updated = int(meta["updated"])
        return SessionState(
            sid=sid,
            vendor=vendor,
            app=meta["app"],
            title=meta["title"],
            status=self._status(meta),
            turn=int(meta["turn"]),
            epoch=int(meta["epoch"]),
            first_epoch=int(meta["first_epoch"]),
            last_seq=int(meta.get("last_seq", 0)),
            torn=int(meta["torn"]) if meta.get("torn") else None,
            message_id=meta["message_id"],
            pending=json.loads(meta.get("pending", "[]")),
            metadata={
                "model": meta["model"],
                "createdAt": int(meta["created"]),
                "updatedAt": updated,
                "expiresAt": updated + self._limits.ttl,
                "turns": int(meta["turn"]),
                "usage": {
                    "inputTokens": int(meta.get("input", 0)),
                    "outputTokens": int(meta.get("output", 0)),
                    "cacheReadTokens": int(meta.get("cache_read", 0)),
                    "cacheWriteTokens": int(meta.get("cache_write", 0)),
                    "costUsd": float(meta.get("cost", 0)),
                },
            },
        )

    def _status(self, meta: dict[str, str]) -> SessionStatus:
        if meta["state"] == "running" and int(meta["lease"]) <= self.now_ms():
            return "interrupted"
        return cast("SessionStatus", meta["state"])


def digest(text: str) -> str:
    """What tells one message from another under the same messageId."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _pairs(reply: object) -> dict[str, str]:
    items = cast("list[str]", _sound(reply) or [])
    return dict(zip(items[::2], items[1::2], strict=True))


def _sound(reply: object) -> object:
    if isinstance(reply, CommandError):
        raise reply
    return reply


def _gone(outcome: str) -> NotFound | SessionExpired:
    if outcome == "expired":
        return SessionExpired("This session has expired; begin a new one.")
    return NotFound("There is no such session.")


def _refusal(outcome: list[Any], now: int) -> Exception:
    kind = str(outcome[0])
    if kind == "busy":
        return SessionBusy(
            "Claude is still answering in this session.",
            retry_after=2,
            details={"turnId": int(outcome[1])},
        )
    if kind == "rate_limited":
        seconds = -(-int(outcome[1]) // 1000)
        return RateLimited("Too many messages in a minute.", retry_after=seconds)
    if kind == "too_many_turns":
        return TooManyTurns("Too many turns are running at once.", retry_after=5)
    if kind == "budget_exceeded":
        midnight = DAY_SECONDS - now // 1000 % DAY_SECONDS
        return BudgetExceeded("Today's token budget is used up.", retry_after=midnight)
    if kind == "not_found":
        return NotFound(NOTHING_THERE)
    return _gone(kind)
