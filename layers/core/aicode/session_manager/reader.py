"""What is read of sessions: their state, history and events, each in one round trip."""

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from aicode.api_types import PendingTool, SessionMetadata, SessionStatus, SessionSummary
from aicode.errors import NotFound, SessionExpired, TooManyStreams
from aicode.history.records import Entry, decode
from aicode.session_manager.redis import keys
from aicode.session_manager.redis.client import CommandError, RedisClient

LIST_LIMIT = 200
EVENT_PAGE = 200


@dataclass(frozen=True, slots=True)
class OwnerUnknown:
    """Redis does not know who owns the app: ask the file store, then ask again with `owner_known`."""


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


class SessionReader:
    """Reads the sessions of one deployment. Every failure to reach them is StoreUnavailable."""

    def __init__(
        self, client: RedisClient, ttl: int, max_readers: int, now_ms: Callable[[], int] | None
    ) -> None:
        self._client = client
        self._ttl = ttl
        self._max_readers = max_readers
        self.now_ms = now_ms or (lambda: int(time.time() * 1000))

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
        return await self._events(vendor, session, meta, log)

    async def attach(
        self, vendor: str, sid: str, *, seconds: float
    ) -> tuple[SessionState, Sequence[LoggedEvents], str | None]:
        """The same with the log's first entries, for a reader that stays while the turn runs.

        It then has one of the vendor's slots, the third value, until it is detached, for so many seconds at
        most; None where nothing is live. Six billed commands, or three. Raises TooManyStreams where none is
        left, NotFound or SessionExpired.
        """
        session, slot = keys.SessionKeys(sid), secrets.token_hex(8)
        outcome, *found = await self._client.script(
            "attach",
            [session.meta, session.events, keys.readers(vendor)],
            *(self.now_ms(), vendor, slot, int(seconds * 1000), self._max_readers, EVENT_PAGE),
        )
        if outcome == "too_many_streams":
            raise TooManyStreams("Too many streams are open at once.", retry_after=5)
        state, entries = await self._events(vendor, session, *found)
        return state, entries, slot if outcome == "ok" else None

    async def detach(self, vendor: str, slot: str) -> None:
        """Gives a reader's slot back."""
        await self._client.command("ZREM", keys.readers(vendor), slot)

    async def _events(
        self, vendor: str, session: keys.SessionKeys, meta: object, log: object
    ) -> tuple[SessionState, Sequence[LoggedEvents]]:
        found = _pairs(meta)
        marker = None if found else await self._client.command("GET", session.marker)
        state = self._state(session.sid, vendor, found, marker)
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

    def _state(self, sid: str, vendor: str, meta: dict[str, str], marker: object) -> SessionState:
        if not meta or meta.get("vendor") != vendor:
            raise gone("expired" if not meta and marker == vendor else "not_found")
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
                "expiresAt": updated + self._ttl,
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


def _pairs(reply: object) -> dict[str, str]:
    items = cast("list[str]", _sound(reply) or [])
    return dict(zip(items[::2], items[1::2], strict=True))


def _sound(reply: object) -> object:
    if isinstance(reply, CommandError):
        raise reply
    return reply


def gone(outcome: str) -> NotFound | SessionExpired:
    """Why a session is not there: `expired`, or anything else."""
    if outcome == "expired":
        return SessionExpired("This session has expired; begin a new one.")
    return NotFound("There is no such session.")
