"""Writes a running turn for its owner, until it ends. Every write is fenced and may be repeated."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, cast

from aicode.api_types import Usage
from aicode.errors import FencedError, SessionDeletedError, StoreUnavailable
from aicode.history import Record, WaitingRequest, no_usage, stored_forms
from aicode.redis import CommandError, RedisClient, keys

EVENT_LIFE_MS = 600_000
SearchCount = Literal["ok", "turn", "day"]
FLUSH_IS_REPEATED = "equal or smaller"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """How long a turn's lease and a session live, in milliseconds; how many turns of a vendor run at once."""

    lease: int
    ttl: int
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTokens:
    """The vendor's counter of the day of `at`, after a write: all that was `counted`.

    A part of it is `reserved` for calls of the model that this owner of a turn is about to make.
    """

    at: int
    counted: int
    reserved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurn:
    """A running turn, its owner's fencing token `epoch`, and how many `records` the turn has already."""

    sid: str
    vendor: str
    app: str
    turn: int
    epoch: int
    records: int
    day: DayTokens | None = None


@dataclass(frozen=True, slots=True)
class Signals:
    """What a write brings back: if the vendor asked to stop, and the vendor's tokens of the day."""

    cancelled: bool
    tokens_today: int = 0


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one write stores: events as frames, records, file modifications, tokens spent.

    `counted` is what the vendor's counter of the day of `counted_at` gets, which may be less than nothing.
    Later turns load the history only from the place `since` (turn, n) on; None leaves that as it is.
    """

    frames: bytes = b""
    last_seq: int = 0
    records: Sequence[Record] = ()
    modifications: Mapping[str, str] = field(default_factory=dict[str, str])
    usage: Usage = field(default_factory=no_usage)
    counted: int = 0
    counted_at: int = 0
    step: int = 0
    pending: str = "[]"
    since: tuple[int, int] | None = None


class TurnWriter:
    """Writes a turn for its one owner.

    Every method raises FencedError once another owner has taken over, SessionDeletedError once the session
    is gone, and StoreUnavailable if Redis does not answer.
    """

    def __init__(self, client: RedisClient, turn: OpenTurn, limits: TurnLimits, *, renewed_at: int) -> None:
        self._client = client
        self._keys = keys.SessionKeys(turn.sid)
        self._limits = limits
        self._renewed_at = renewed_at
        self._records = turn.records
        self.sid = turn.sid
        self.vendor = turn.vendor
        self.app = turn.app
        self.turn = turn.turn
        self.epoch = turn.epoch
        self.day = turn.day

    async def flush(self, now: int, frames: bytes, last_seq: int) -> Signals:
        """Appends events to the log (none if `frames` is empty) and asks if the vendor wants to stop.

        It takes two billed commands, one without events; six more to renew the lease after a third of it.
        """
        commands: list[list[str | int | float]] = [["HMGET", self._keys.meta, "epoch", "cancel"]]
        if frames:
            entry = f"{self.epoch}-{last_seq}"
            commands.insert(
                0,
                ["XADD", self._keys.events, "NOMKSTREAM", entry, "t", self.turn, "d", frames.decode("ascii")],
            )
        renew = now - self._renewed_at > self._limits.lease / 3
        if renew:
            commands.append(self._renewal(now))
        replies = await self._client.pipeline(commands)
        if renew:
            self._renewed_at = now
        epoch, cancel = self._fields(replies[1 if frames else 0])
        self._refuse_stale(epoch)
        if frames and isinstance(replies[0], CommandError) and FLUSH_IS_REPEATED not in str(replies[0]):
            raise replies[0]
        return Signals(cancelled=cancel == str(self.turn))

    async def checkpoint(self, now: int, batch: Batch) -> Signals:
        """Stores part of the turn, at least one record, in one atomic write; repeating it changes nothing.

        Raises StoreUnavailable, with nothing written, also if the history has other records in this place.
        """
        session = self._keys
        reply = await self._client.script(
            "checkpoint",
            [
                *(session.meta, session.history, session.contents),
                *(session.events, session.files, keys.tokens(self.vendor, batch.counted_at)),
            ],
            *(now, self.epoch, self._limits.lease, self._limits.ttl),
            *(self.turn, batch.last_seq, batch.frames.decode("ascii")),
            *(batch.step, batch.pending, f"{batch.since[0]}-{batch.since[1]}" if batch.since else ""),
            *(*_spent(batch.usage), batch.counted),
            *(len(batch.records), len(batch.modifications)),
            *self._entries(batch.records),
            *(part for item in batch.modifications.items() for part in item),
        )
        outcome = self._outcome(reply)
        self._records += len(batch.records)
        return Signals(cancelled=outcome[1] == str(self.turn), tokens_today=int(outcome[2]))

    async def end(self, now: int, batch: Batch, state: str, *, unless_cancelled: bool = False) -> bool:
        """Ends the turn; False, with nothing written, if `unless_cancelled` and the vendor asked to stop."""
        session = self._keys
        reply = await self._client.script(
            "end",
            [
                *(session.meta, session.history, session.contents),
                *(session.events, session.files, session.tombstone),
                *(keys.running(self.vendor), keys.index(self.vendor, self.app)),
                *(keys.message_ids(self.vendor, self.app), keys.tokens(self.vendor, batch.counted_at)),
                keys.owner(self.app),
            ],
            *(now, self.sid, self.epoch, self._limits.ttl, EVENT_LIFE_MS),
            *(self.turn, batch.last_seq, batch.frames.decode("ascii"), state, int(unless_cancelled)),
            *(*_spent(batch.usage), batch.counted),
            *(len(batch.records), len(batch.modifications)),
            *(form for record in batch.records for form in stored_forms(record)),
            *(part for item in batch.modifications.items() for part in item),
        )
        return self._outcome(reply)[0] == "ok"

    async def wait(self, now: int, batch: Batch, requests: Sequence[WaitingRequest]) -> bool:
        """Lets the turn wait for the answers to these requests: it runs nowhere then, and has no owner.

        False, with nothing written, if the vendor asked to stop. Repeating it changes nothing.
        """
        session = self._keys
        reply = await self._client.script(
            "wait",
            [
                *(session.meta, session.history, session.contents),
                *(session.events, session.files, session.tombstone),
                *(keys.running(self.vendor), keys.index(self.vendor, self.app)),
                *(keys.message_ids(self.vendor, self.app), keys.tokens(self.vendor, batch.counted_at)),
                keys.owner(self.app),
            ],
            *(now, self.sid, self.epoch, self._limits.ttl),
            *(self.turn, batch.last_seq, batch.frames.decode("ascii"), batch.step),
            *(json.dumps(requests), " ".join(request["approvalId"] for request in requests)),
            *(*_spent(batch.usage), batch.counted),
            *(len(batch.records), len(batch.modifications)),
            *self._entries(batch.records),
            *(part for item in batch.modifications.items() for part in item),
        )
        return self._outcome(reply)[0] == "ok"

    async def release(self) -> None:
        """Ends the lease now, so that another process may take the turn over."""
        keys_of_turn = [self._keys.meta, keys.running(self.vendor)]
        self._outcome(await self._client.script("release", keys_of_turn, self.sid, self.epoch))

    async def release_lease(self) -> None:
        """As `release`, but ignores a store that does not answer, because the lease ends by itself too."""
        with suppress(FencedError, StoreUnavailable):
            await self.release()

    @asynccontextmanager
    async def lease_released_on_failure(self) -> AsyncGenerator[None]:
        """Releases the lease if the block fails."""
        done = False
        try:
            yield
            done = True
        finally:
            if not done:
                await self.release_lease()

    async def set_title(self, title: str) -> bool:
        """Sets the session's title; False, with nothing written, if its vendor has given it one."""
        reply = await self._client.script("title", [self._keys.meta], self.epoch, title)
        return self._outcome(reply)[0] == "ok"

    async def count_tokens(self, at: int, counted: int, what: str) -> int:
        """Counts tokens for the vendor's day, only once for each `what`; gives the day's counter."""
        keys_of_count = [keys.tokens(self.vendor, at), keys.counted(self.sid, self.epoch, what)]
        return int(await self._client.script("spend", keys_of_count, counted))

    async def count_search(self, now: int, call_id: str, *, most_a_turn: int, most_a_day: int) -> SearchCount:
        """Counts a call that is about to search the web; only `ok` lets it. The same call counts once.

        So a call whose turn was taken over, and that may have searched before, is not counted again.
        """
        reply = await self._client.script(
            "search",
            [
                *(self._keys.meta, keys.searches_of_turn(self.sid, self.turn)),
                keys.searches(self.vendor, now),
            ],
            *(self.epoch, call_id, most_a_turn, most_a_day),
        )
        return cast("SearchCount", self._outcome(reply)[0])

    async def count_fetches(self, now: int, call_ids: Sequence[str], *, most_a_day: int) -> SearchCount:
        """Counts pages that the API has opened for these calls among the searches; `day` if that were all."""
        reply = await self._client.script(
            "fetched",
            [
                *(self._keys.meta, keys.searches_of_turn(self.sid, self.turn)),
                keys.searches(self.vendor, now),
            ],
            *(self.epoch, most_a_day, *call_ids),
        )
        return cast("SearchCount", self._outcome(reply)[0])

    def _renewal(self, now: int) -> list[str | int | float]:
        session = self._keys
        return self._client.script_command(
            "renew",
            [
                *(session.meta, keys.running(self.vendor), session.tombstone),
                *(session.history, session.contents, session.events, session.files),
                *(keys.index(self.vendor, self.app), keys.message_ids(self.vendor, self.app)),
                keys.owner(self.app),
            ],
            *(now, self.sid, self.epoch, self._limits.lease, self._limits.ttl),
        )

    def _entries(self, records: Sequence[Record]) -> list[str]:
        parts: list[str] = []
        for offset, record in enumerate(records, start=1):
            parts += [f"{self.turn}-{self._records + offset}", *stored_forms(record)]
        return parts

    def _fields(self, reply: object) -> list[str | None]:
        if isinstance(reply, CommandError):
            raise reply
        return cast("list[str | None]", reply)

    def _refuse_stale(self, epoch: str | None) -> None:
        if epoch is None:
            raise SessionDeletedError
        if int(epoch) != self.epoch:
            raise FencedError

    def _outcome(self, reply: object) -> list[str]:
        outcome = cast("list[str]", reply)
        if outcome[0] == "gone":
            raise SessionDeletedError
        if outcome[0] == "fenced":
            raise FencedError
        if outcome[0] == "conflict":
            raise StoreUnavailable("The session's history holds something else in this place.")
        return outcome


def _spent(usage: Usage) -> tuple[int, int, int, int, float]:
    return (
        usage["inputTokens"],
        usage["outputTokens"],
        usage["cacheReadTokens"],
        usage["cacheWriteTokens"],
        usage["costUsd"],
    )
