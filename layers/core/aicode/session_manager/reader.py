"""Reads sessions: their state, history and events, each in one round trip."""

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import cast

from aicode.api_types import SessionSummary
from aicode.errors import NotFound, TooManyStreams
from aicode.history import MESSAGE_KINDS, Entry, decode
from aicode.redis import CommandError, RedisClient, keys
from aicode.session_manager.state import SessionState, gone, state_of, summary_of

LIST_LIMIT = 200
EVENT_PAGE = 200
# Streams that one session may have open: a page in four tabs.
SESSION_READERS = 4


@dataclass(frozen=True, slots=True)
class OwnerUnknown:
    """Redis does not know who owns the app: ask the file store, then repeat the call with `owner_known`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session with a page of its history; `is_full` if the page reached its limit."""

    state: SessionState
    entries: Sequence[Entry]
    files: dict[str, str]
    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The limits of a page: so many entries that make `messages`, or `size` bytes, whatever comes first."""

    messages: int = 10**9
    size: int = 10**9


EVERYTHING = Page()


@dataclass(frozen=True, slots=True)
class LoggedEvents:
    """One entry of the event log: consecutive frames of a turn, of which the last has number `last_seq`."""

    cursor: str
    turn: int
    last_seq: int
    frames: bytes


class SessionReader:
    """Reads the sessions of one deployment. Raises StoreUnavailable if Redis does not answer."""

    def __init__(
        self, client: RedisClient, ttl: int, max_readers: int, now_ms: Callable[[], int] | None
    ) -> None:
        self._client = client
        self._ttl = ttl
        self._max_readers = max_readers
        self.now_ms = now_ms or (lambda: int(time.time() * 1000))

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def read(
        self,
        vendor: str,
        sid: str,
        *,
        since: int = 0,
        before: tuple[int, int] | None = None,
        page: Page = EVERYTHING,
    ) -> SessionView:
        """A session with the last page of its conversation, oldest entry first.

        Only entries from turn `since` on and before the place `before` count. Records that a summary stands
        for come in their small form. Raises NotFound or SessionExpired.
        """
        latest = f"({before[0]}-{before[1]}" if before else "+"
        return await self._read(vendor, sid, (latest, f"{since}-0", page.messages, page.size, 0))

    async def read_turn(self, vendor: str, sid: str, turn: int) -> SessionView:
        """A session with the entries of one turn, also of one that is not in the conversation any more."""
        bounds = (f"({turn + 1}-0", f"{turn}-0", EVERYTHING.messages, EVERYTHING.size)
        return await self._read(vendor, sid, (*bounds, 1))

    async def _read(self, vendor: str, sid: str, asked: Sequence[str | int]) -> SessionView:
        session = keys.SessionKeys(sid)
        keys_of_session = [session.meta, session.tombstone, session.history, session.contents, session.files]
        reply = await self._client.script("read", keys_of_session, *asked, *MESSAGE_KINDS)
        meta, tombstone, history, files, is_full = reply
        return SessionView(
            state=self._state(sid, vendor, pairs(meta), tombstone),
            entries=decode(history)[::-1],
            files=pairs(files),
            is_full=is_full == 1,
        )

    async def turn_before(self, sid: str, turn: int, n: int) -> list[Entry]:
        """The entries of a turn before its entry `n`, in the small form that the history keeps for good."""
        history = keys.SessionKeys(sid).history
        found = await self._client.command("XRANGE", history, f"{turn}-0", f"({turn}-{n}")
        return decode([(place, fields[1]) for place, fields in cast("list[tuple[str, list[str]]]", found)])

    async def state(self, vendor: str, sid: str) -> SessionState:
        """A session without its messages. Raises NotFound or SessionExpired."""
        session = keys.SessionKeys(sid)
        meta, tombstone = await self._client.pipeline([["HGETALL", session.meta], ["GET", session.tombstone]])
        return self._state(sid, vendor, pairs(meta), tombstone)

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
        """The session's state and the log's first entries, for a reader that stays while the turn runs.

        The third value is one of the vendor's slots for readers, None if no turn is running. The reader has
        it until it calls `detach`, or for `seconds` at most. Six billed commands, or three without a slot.
        Raises TooManyStreams if the vendor or the session has no slot left, NotFound or SessionExpired.
        """
        session = keys.SessionKeys(sid)
        outcome, *found = await self._client.script(
            "attach",
            [session.meta, session.events, keys.readers(vendor)],
            *(self.now_ms(), vendor, sid, secrets.token_hex(8), int(seconds * 1000)),
            *(self._max_readers, SESSION_READERS, EVENT_PAGE),
        )
        if outcome == "too_many_streams":
            raise TooManyStreams("Too many streams are open at once: close a tab, or wait.", retry_after=5)
        state, entries = await self._events(vendor, session, *found[:2])
        return state, entries, str(found[2]) if outcome == "ok" else None

    async def detach(self, vendor: str, slot: str) -> None:
        """Frees a reader's slot."""
        await self._client.command("ZREM", keys.readers(vendor), slot)

    async def _events(
        self, vendor: str, session: keys.SessionKeys, meta: object, log: object
    ) -> tuple[SessionState, Sequence[LoggedEvents]]:
        found = pairs(meta)
        tombstone = None if found else await self._client.command("GET", session.tombstone)
        state = self._state(session.sid, vendor, found, tombstone)
        entries = [
            LoggedEvents(entry_id, int(fields[1]), int(entry_id.partition("-")[2]), fields[3].encode("ascii"))
            for entry_id, fields in cast("list[tuple[str, list[str]]]", _without_error(log) or [])
        ]
        return state, entries

    async def list_sessions(
        self, vendor: str, app: str, *, owner_known: bool = False
    ) -> list[SessionSummary] | OwnerUnknown:
        """The app's sessions, the latest changed first, at most 200.

        Raises NotFound if the app is another vendor's.
        """
        owner, found_sids = await self._client.pipeline(
            [
                ["GET", keys.owner(app)],
                # Deleted sessions have the score 0.
                ["ZREVRANGEBYSCORE", keys.index(vendor, app), "+inf", "(0", "LIMIT", 0, LIST_LIMIT],
            ]
        )
        if _without_error(owner) is None and not owner_known:
            return OwnerUnknown()
        if owner not in (None, vendor):
            raise NotFound("There is no such app.")
        sids = cast("list[str]", _without_error(found_sids))
        if not sids:
            return []
        replies = await self._client.pipeline([["HGETALL", keys.SessionKeys(sid).meta] for sid in sids])
        # An expired session stays in the index until the app's next new session removes it.
        found = [(sid, meta) for sid, reply in zip(sids, replies, strict=True) if (meta := pairs(reply))]
        return [summary_of(self._state(sid, vendor, meta, None)) for sid, meta in found]

    async def message_ids(self, sid: str, turns: Collection[int]) -> dict[int, str]:
        """The ids of the vendor's messages of these turns, in one round trip; none if there are no turns."""
        if not turns:
            return {}
        history = keys.SessionKeys(sid).history
        places = [f"{turn}-1" for turn in turns]
        replies = await self._client.pipeline([["XRANGE", history, place, place] for place in places])
        found = [cast("list[tuple[str, list[str]]]", _without_error(reply)) for reply in replies]
        entries = decode([(place, fields[1]) for reply in found for place, fields in reply])
        records = {entry["turn"]: entry["record"] for entry in entries}
        return {turn: record["id"] for turn, record in records.items() if record["kind"] == "user"}

    async def entry_of_message(
        self, vendor: str, app: str, sid: str, message_id: str
    ) -> tuple[int, int] | None:
        """The place in the history of the vendor's message with this id; None if there is none."""
        known = await self._client.command("HGET", keys.message_ids(vendor, app), message_id)
        if not isinstance(known, str) or not known.startswith(f"{sid} "):
            return None
        return int(known.split(" ")[1]), 1

    def _state(self, sid: str, vendor: str, meta: dict[str, str], tombstone: object) -> SessionState:
        if not meta or meta.get("vendor") != vendor:
            raise gone("expired" if not meta and tombstone == vendor else "not_found")
        return state_of(sid, meta, now=self.now_ms(), ttl=self._ttl)


def pairs(reply: object) -> dict[str, str]:
    """A hash by a reply that lists its fields and values in turns."""
    items = cast("list[str]", _without_error(reply) or [])
    return dict(zip(items[::2], items[1::2], strict=True))


def _without_error(reply: object) -> object:
    if isinstance(reply, CommandError):
        raise reply
    return reply
