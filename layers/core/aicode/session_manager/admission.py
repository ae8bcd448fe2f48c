"""How a message is admitted to a session: as a new turn, as a duplicate of an earlier one, or refused."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aicode.api_types import Attachment, Consent
from aicode.errors import (
    BudgetExceeded,
    InvalidRequest,
    MessageIdReused,
    NotFound,
    RateLimited,
    SessionBusy,
    TooManyTurns,
)
from aicode.history import Entry, UserRecord
from aicode.session_manager.state import gone
from aicode.session_manager.turn_writer import TurnWriter

DAY_MS = 86_400_000
# The same words for an absent app or session and for another vendor's: an answer must not tell them apart.
NOTHING_THERE = "There is no such app or session."
NO_SUCH_MESSAGE = "There is no such message in this conversation."


# What the scripts answer where a limit of the vendor's is reached.
LIMITS = frozenset({"rate_limited", "too_many_turns", "budget_exceeded"})
Asked = Literal["no", "again", "anew"]
"""Whether a vendor asks that an interrupted turn goes on: `anew`, which counts as a message, or `again`, by
its message once more, which has been counted already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTurn:
    """A message that asks for a turn. If `session_id` is None, a session is made for it.

    `replaces` is the id of an earlier message of the session: the turn goes on from before it. `attachments`
    are what the uploads with the `upload_ids` are. `preview` says that the page of the message shows the
    app's preview. A message that is `refused` makes no turn, but it may have
    made one before, or the session may have a reason of its own to refuse it.
    """

    vendor: str
    app: str
    session_id: str | None
    message_id: str
    text: str
    model: str
    title: str
    replaces: str | None = None
    preview: bool = False
    upload_ids: Sequence[str] = ()
    attachments: Sequence[Attachment] = ()
    refused: InvalidRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedTurn:
    """A turn that this process owns: admitted just now, or taken over from an owner who is gone.

    `history` holds the conversation's entries from the latest summary on, those of this turn included.
    `model` and `title` are the session's. For a turn that was taken over, `last_seq` is the number of its
    last stored event, and `shows_unfinished` is true if the page shows something of it that is not final.
    `has_waited` is true if all that the page shows stays: the turn has waited, and goes on behind it.
    `consents` is what the vendor's earlier answers hold for in the session, by the policy's name.
    """

    writer: TurnWriter
    message_id: str
    history: Sequence[Entry]
    model: str
    title: str
    is_taken_over: bool = False
    last_seq: int = 0
    shows_unfinished: bool = False
    has_waited: bool = False
    consents: Mapping[str, Consent] = field(default_factory=dict[str, Consent])

    @property
    def is_first(self) -> bool:
        """True if the conversation begins with this turn; a summary stands for earlier ones."""
        turn = self.writer.turn
        return all(entry["turn"] == turn and entry["record"]["kind"] != "summary" for entry in self.history)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The message was admitted before, as this turn."""

    session_id: str
    turn: int


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The session's turn lost its owner, or waits for its vendor: close it, then begin again."""

    turn: int


def message_record(new: NewTurn, now: int) -> UserRecord:
    """The message as it stands in the history."""
    record: UserRecord = {"kind": "user", "id": new.message_id, "text": new.text, "at": now}
    if new.attachments:
        record["attachments"] = list(new.attachments)
    if new.preview:
        record["preview"] = True
    if new.replaces is not None:
        record["replaces"] = new.replaces
    return record


def digest(new: NewTurn) -> str:
    """A short hash of the message, to compare it with an earlier one that had the same messageId."""
    found = _hash(new.text)
    if new.replaces is not None:
        found = _hash(f"{found} replaces {new.replaces}")
    if new.upload_ids:
        found = _hash(f"{found} with {' '.join(new.upload_ids)}")
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def known_turn(new: NewTurn, earlier: str) -> Duplicate:
    """The turn of the earlier message with this messageId; raises MessageIdReused if that was another."""
    sid, turn, known_digest = earlier.split(" ")
    if known_digest != digest(new) or new.session_id not in (None, sid):
        raise MessageIdReused("This messageId belongs to another message.")
    return Duplicate(sid, int(turn))


def ms_to_next_day(now: int) -> int:
    """Milliseconds from `now` (epoch milliseconds) to the next midnight in UTC."""
    return DAY_MS - now % DAY_MS


def refusal(outcome: list[Any], now: int) -> Exception:
    """Why a message was not admitted, by what the script answered."""
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
        seconds = -(-ms_to_next_day(now) // 1000)
        return BudgetExceeded("Today's token budget is used up.", retry_after=seconds)
    if kind in ("not_found", "unknown_message"):
        return NotFound(NOTHING_THERE if kind == "not_found" else NO_SUCH_MESSAGE)
    return gone(kind)
