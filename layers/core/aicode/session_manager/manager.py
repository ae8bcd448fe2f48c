"""Begins, takes over, stops and deletes turns and sessions, if possible in one round trip each."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from aicode.api_types import Budget, SessionSummary
from aicode.errors import NotFound, SessionExpired
from aicode.history import decode, encode, first_call_estimate
from aicode.redis import RedisClient, keys
from aicode.session_manager.admission import (
    LIMITS,
    Abandoned,
    Asked,
    Duplicate,
    NewTurn,
    OwnedTurn,
    digest,
    known_turn,
    message_record,
    ms_to_next_day,
    refusal,
)
from aicode.session_manager.answer_taker import AnswerTaker
from aicode.session_manager.answering import Cancelled
from aicode.session_manager.reader import OwnerUnknown, SessionView, pairs
from aicode.session_manager.sent_forms import SentForms
from aicode.session_manager.state import SessionState, consents_of, gone, summary_of
from aicode.session_manager.turn_writer import DayTokens, OpenTurn, TurnLimits, TurnWriter
from aicode.settings import Settings

RATE_WINDOW_MS = 60_000
# An owner notices a cancellation within a quarter of a second, then waits up to a second for its tools.
STOP_SECONDS = 2.0
STOP_POLL = 0.05
FenceOff = Callable[[SessionState], Awaitable[None]]


class SessionManager(AnswerTaker):
    """Reads and changes the sessions of one deployment. Raises StoreUnavailable if Redis does not answer."""

    def __init__(
        self, client: RedisClient, settings: Settings, *, now_ms: Callable[[], int] | None = None
    ) -> None:
        self._settings = settings
        limits = TurnLimits(
            lease=int(settings.turn_lease * 1000),
            ttl=settings.session_ttl * 1000,
            turns=settings.max_concurrent_turns,
        )
        super().__init__(client, limits, settings.max_readers, now_ms)

    async def begin(
        self, new: NewTurn, *, owner_known: bool = False
    ) -> OwnedTurn | Duplicate | OwnerUnknown | Abandoned:
        """Admits a message in one round trip, and loads the history from the latest summary on.

        Raises NotFound, SessionExpired, SessionBusy, RateLimited, TooManyTurns, BudgetExceeded,
        MessageIdReused, or else `new.refused`, if it is not admitted. A Duplicate's session may have expired
        since.
        """
        now = self.now_ms()
        sid = new.session_id or secrets.token_urlsafe(18)
        session = keys.SessionKeys(sid)
        record = message_record(new, now)
        reserve = first_call_estimate(new.text, new.attachments)
        reply = await self._client.script(
            "begin",
            [
                *(session.meta, session.history, session.contents),
                *(session.events, session.files, session.tombstone),
                *(keys.running(new.vendor), keys.rate(new.vendor), keys.tokens(new.vendor, now)),
                *(keys.owner(new.app), keys.index(new.vendor, new.app)),
                keys.message_ids(new.vendor, new.app),
            ],
            *(now, sid, new.vendor, new.app, int(new.session_id is None), secrets.token_hex(8)),
            *(new.message_id, digest(new), encode(record), new.title, new.model),
            *(self._limits.lease, self._limits.ttl, RATE_WINDOW_MS, self._settings.rate_limit_per_minute),
            *(self._settings.max_concurrent_turns, self._settings.daily_token_budget, int(owner_known)),
            *(new.replaces or "", reserve, int(new.refused is not None)),
        )
        outcome = cast("list[Any]", reply)
        if outcome[0] == "ok":
            day = DayTokens(at=now, counted=int(outcome[6]), reserved=reserve)
            return self._begun(new, sid, day, outcome)
        if outcome[0] == "duplicate":
            return known_turn(new, str(outcome[1]))
        if outcome[0] == "owner_unknown":
            return OwnerUnknown()
        if new.refused is not None and outcome[0] in ("refused", "abandoned"):
            raise new.refused
        if outcome[0] in ("abandoned", "waiting"):
            return Abandoned(int(outcome[1]))
        raise refusal(outcome, now)

    def _begun(self, new: NewTurn, sid: str, day: DayTokens, outcome: list[Any]) -> OwnedTurn:
        turn, epoch, history = int(outcome[1]), int(outcome[2]), decode(outcome[5])
        opened = OpenTurn(sid=sid, vendor=new.vendor, app=new.app, turn=turn, epoch=epoch, records=1, day=day)
        writer = TurnWriter(self._client, opened, self._limits, renewed_at=day.at)
        return OwnedTurn(
            writer=writer,
            message_id=new.message_id,
            history=history,
            model=str(outcome[3]),
            title=str(outcome[4]),
            consents=consents_of(str(outcome[7])),
        )

    async def claim(
        self,
        vendor: str,
        sid: str,
        *,
        handed_over_by: int | None = None,
        asked: Asked = "no",
        with_waiting: bool = False,
    ) -> tuple[TurnWriter, SessionView] | None:
        """Takes over a turn whose lease has ended or whose owner handed it over; None if there is none.

        One that waits for its vendor is taken only `with_waiting`, to be ended: nothing can be answered then.
        From then on the session refuses all that the earlier owner writes. Where the vendor asked for it, it
        raises RateLimited, TooManyTurns or BudgetExceeded as a new message would.
        """
        now, session = self.now_ms(), keys.SessionKeys(sid)
        by = "" if handed_over_by is None else handed_over_by
        outcome = cast(
            "list[Any]",
            await self._client.script(
                "claim",
                [
                    *(session.meta, session.events, keys.running(vendor)),
                    *(keys.rate(vendor), keys.tokens(vendor, now)),
                ],
                *(now, sid, vendor, secrets.token_hex(8), self._limits.lease, by, asked),
                *(RATE_WINDOW_MS, self._settings.rate_limit_per_minute),
                *(self._settings.max_concurrent_turns, self._settings.daily_token_budget),
                int(with_waiting),
            ),
        )
        if outcome[0] in LIMITS:
            raise refusal(outcome, now)
        if outcome[0] != "ok":
            return None
        turn, since = int(outcome[1]), int(str(outcome[3]).partition("-")[0])
        claimed = OpenTurn(sid=sid, vendor=vendor, app="", turn=turn, epoch=int(outcome[2]), records=0)
        # The session may end soon. `renewed_at=0` makes the first flush renew its life and the lease.
        async with TurnWriter(self._client, claimed, self._limits, renewed_at=0).lease_released_on_failure():
            view = await self.read(vendor, sid, since=since)
        known = max((entry["n"] for entry in view.entries if entry["turn"] == turn), default=0)
        opened = replace(claimed, app=view.state.app, records=known)
        return TurnWriter(self._client, opened, self._limits, renewed_at=0), view

    async def rename(self, vendor: str, sid: str, title: str) -> SessionSummary:
        """Gives the session the vendor's own title. Its life does not slide.

        Raises NotFound or SessionExpired.
        """
        session = keys.SessionKeys(sid)
        meta, mark = await self._client.script("rename", [session.meta, session.tombstone], vendor, title)
        return summary_of(self._state(sid, vendor, pairs(meta), mark))

    def sent_forms(self, vendor: str) -> SentForms:
        """In which form Claude is sent the vendor's pictures and documents."""
        return SentForms(self._client, vendor, self._limits.ttl)

    async def budget(self, vendor: str) -> Budget:
        """What the vendor has used of the day's tokens or reserved, and when the next day begins."""
        now = self.now_ms()
        used = await self._client.command("GET", keys.tokens(vendor, now))
        return {
            "usedTokens": int(used or 0),
            "limitTokens": self._settings.daily_token_budget or None,
            "resetsAt": now + ms_to_next_day(now),
        }

    async def cancel(self, vendor: str, sid: str, *, with_waiting: bool = True) -> Cancelled | None:
        """Asks the running turn to stop, or `with_waiting` also one that waits; None if there is neither.

        Raises NotFound or SessionExpired.
        """
        session = keys.SessionKeys(sid)
        outcome, *by = cast(
            "list[str]",
            await self._client.script(
                "cancel",
                [session.meta, session.tombstone, keys.running(vendor)],
                *(self.now_ms(), sid, vendor, secrets.token_hex(8), self._limits.lease, int(with_waiting)),
            ),
        )
        if outcome in ("not_found", "expired"):
            raise gone(outcome)
        return Cancelled(int(by[0]) if by[0] else None) if outcome == "ok" else None

    async def stop(self, vendor: str, sid: str) -> None:
        """Cancels the running turn and waits until its owner has ended it, for two seconds at most.

        Raises NotFound or SessionExpired.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + STOP_SECONDS
        # Each look cancels anew, because another turn may be running by then.
        while await self.cancel(vendor, sid, with_waiting=False) and clock() < until:  # noqa: ASYNC110 - the owner is another process
            await asyncio.sleep(STOP_POLL)

    async def delete(self, vendor: str, sid: str, *, fence_off: FenceOff | None = None) -> None:
        """Removes the session; its running turn stops. Raises NotFound or SessionExpired.

        The owner of a turn that has not ended may still be about to commit files. So `fence_off` is called
        before the session is removed; it makes the file store refuse that owner.
        """
        while not await self._delete(await self.state(vendor, sid), fence_off):
            pass

    async def _delete(self, state: SessionState, fence_off: FenceOff | None) -> bool:
        """False if the turn has a new owner since `state` was read, whom `fence_off` has not fenced off."""
        if fence_off is not None and state.status in ("running", "interrupted"):
            await fence_off(state)
        sid, vendor, app = state.sid, state.vendor, state.app
        session = keys.SessionKeys(sid)
        outcome = await self._client.script(
            "delete",
            [
                *(session.meta, session.history, session.contents),
                *(session.events, session.files, session.tombstone),
                *(keys.running(vendor), keys.index(vendor, app)),
            ],
            *(sid, vendor, secrets.token_hex(8), state.epoch),
        )
        if outcome in ("not_found", "expired"):
            raise gone(str(outcome))
        return outcome == "ok"

    async def release(self, vendor: str, sid: str, epoch: int) -> None:
        """Ends the lease of a turn that this owner handed over, so that anybody may take it up."""
        session = keys.SessionKeys(sid)
        await self._client.script("release", [session.meta, keys.running(vendor)], sid, epoch)

    async def note_restore(
        self, vendor: str, app: str, restored: Mapping[str, Mapping[int, bool]], *, to: int, revision: int
    ) -> None:
        """Notes that files of the app were brought back to its revision `to`, as its new `revision`.

        `restored` has by session the turns whose files all were: True for one that was done by revision `to`,
        False for one that had not begun by then. It may be noted again. A session that is gone is passed
        over.
        """
        calls: list[tuple[list[str], list[str | int]]] = []
        for sid, turns in restored.items():
            session = keys.SessionKeys(sid)
            told = [part for turn, was_done in turns.items() for part in (turn, int(was_done))]
            calls.append(([session.meta, session.files], [vendor, app, to, revision, *told]))
        await self._client.scripts("restored", calls)

    async def delete_app_sessions(self, vendor: str, app: str) -> None:
        """Removes all sessions of an app, and the app's own keys; running turns stop."""
        while sids := cast("list[str]", await self._client.command("ZRANGE", keys.index(vendor, app), 0, 99)):
            for sid in sids:
                with suppress(NotFound, SessionExpired):
                    await self.delete(vendor, sid)
                await self._client.command("ZREM", keys.index(vendor, app), sid)
        await self._client.command("DEL", keys.owner(app), keys.message_ids(vendor, app))
