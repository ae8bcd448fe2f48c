"""Takes the answers to what waiting turns ask for: the first one counts, the last one lets the turn go on."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from aicode.errors import AlreadyAnswered, NotFound
from aicode.history import WaitingRequest, encode
from aicode.redis import RedisClient, keys
from aicode.session_manager.answering import (
    NO_PREVIEW,
    Answered,
    GivenAnswer,
    answered,
    answered_record,
    check_answer,
    kept_answer,
    remembered_by,
)
from aicode.session_manager.reader import SessionReader
from aicode.session_manager.state import SessionState
from aicode.session_manager.turn_writer import TurnLimits


class AnswerTaker(SessionReader):
    """The part of the SessionManager that takes answers."""

    def __init__(
        self,
        client: RedisClient,
        limits: TurnLimits,
        max_readers: int,
        now_ms: Callable[[], int] | None,
    ) -> None:
        super().__init__(client, limits.ttl, max_readers, now_ms)
        self._limits = limits

    async def answer(self, vendor: str, sid: str, approval_id: str, given: GivenAnswer) -> Answered:
        """Answers a request of the turn that waits: the first answer counts, the last one lets it go on.

        The same answer again is the same answer, also in later turns, of which the latest twenty are known.
        Raises AlreadyAnswered for another one, InvalidRequest if it does not fit what was asked, TooManyTurns
        where the turn cannot go on at once, NotFound or SessionExpired.
        """
        state = await self.state(vendor, sid)
        asked = next((each for each in state.waiting if each["approvalId"] == approval_id), None)
        if asked is not None:
            check_answer(asked, given)
        return await self._answer(state, approval_id, asked, given)

    async def _answer(
        self, state: SessionState, approval_id: str, asked: WaitingRequest | None, given: GivenAnswer
    ) -> Answered:
        now, session = self.now_ms(), keys.SessionKeys(state.sid)
        # For a preview the page answers by itself, within moments: there is no later time to choose.
        is_limited = asked is not None and asked["kind"] != "preview"
        # What the turn did not ask for when it was looked at can only have been answered before.
        record = encode(answered_record(asked, given, now)) if asked is not None else ""
        remembered = remembered_by(asked, given) if given.remember == "session" else ""
        kept = kept_answer(asked, given)
        reply = cast(
            "list[Any]",
            await self._client.script(
                "answer",
                [session.meta, session.history, session.tombstone, keys.running(state.vendor)],
                *(now, state.sid, state.vendor, self._limits.lease),
                *(approval_id, kept, record, remembered, self._limits.turns if is_limited else 0),
            ),
        )
        return answered(reply, state.app, kept, given)

    async def expire(self, vendor: str, sid: str) -> int | None:
        """Answers what a turn has waited for longer than it may with a no.

        Gives the fencing token by which the turn is handed over, if that was the last answer it waited for.
        Raises NotFound or SessionExpired.
        """
        return await self.expire_overdue(await self.state(vendor, sid))

    async def expire_overdue(self, state: SessionState) -> int | None:
        """As `expire`, for a state that was read just now; takes no round trip where nothing is overdue."""
        for asked in state.overdue(self.now_ms()):
            with suppress(AlreadyAnswered, NotFound):
                done = await self._answer(state, asked["approvalId"], asked, NO_PREVIEW)
                if done.handover is not None:
                    return done.handover
        return None
