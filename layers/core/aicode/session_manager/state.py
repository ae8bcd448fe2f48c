"""The state of a session by its meta hash, and the error for a session that is not there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aicode.api_types import (
    Consent,
    PendingTool,
    SessionMetadata,
    SessionStatus,
    SessionSummary,
)
from aicode.errors import NotFound, SessionExpired
from aicode.history import Branches, WaitingRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """A session's meta hash, parsed.

    `last_seq` is the number of the last event of the latest turn that ended or waited. `waiting` is what a
    turn that waits has asked for and got no answer to yet. `is_stopping` is true once the vendor has asked
    the latest turn to stop. `consents` is what the vendor's answers hold for in the session, by the policy's
    name.

    If an owner of the turn died, `last_durable_seq` is the number of the last event that it had stored, else
    None. The next owner gave the numbers above it anew, so a browser may have other events under them.
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
    last_durable_seq: int | None
    message_id: str
    metadata: SessionMetadata
    pending: list[PendingTool]
    waiting: list[WaitingRequest]
    is_stopping: bool
    consents: Mapping[str, Consent]
    replaced: str

    def overdue(self, now: int) -> list[WaitingRequest]:
        """What the turn has waited for longer than it may."""
        return [request for request in self.waiting if request.get("deadline", now + 1) <= now]

    @property
    def branches(self) -> Branches:
        """The turns whose place others took; read when it is asked for, as few callers ask."""
        return Branches.parsed(self.replaced)


def state_of(sid: str, meta: dict[str, str], *, now: int, ttl: int) -> SessionState:
    """A session's state by its meta hash; `now` and `ttl`, its life, are in milliseconds."""
    updated = int(meta["updated"])
    return SessionState(
        sid=sid,
        vendor=meta["vendor"],
        app=meta["app"],
        title=meta["title"],
        status=_status(meta, now),
        turn=int(meta["turn"]),
        epoch=int(meta["epoch"]),
        first_epoch=int(meta["first_epoch"]),
        last_seq=int(meta.get("last_seq", 0)),
        last_durable_seq=_last_durable_seq(meta),
        message_id=meta["message_id"],
        pending=json.loads(meta.get("pending", "[]")),
        waiting=_waiting(meta),
        is_stopping=meta.get("cancel") == meta["turn"],
        consents=consents_of(meta.get("consents", "")),
        replaced=meta.get("replaced", ""),
        metadata={
            "model": meta["model"],
            "createdAt": int(meta["created"]),
            "updatedAt": updated,
            "expiresAt": updated + ttl,
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


def summary_of(state: SessionState) -> SessionSummary:
    """The session as a line of the list."""
    return {
        "sessionId": state.sid,
        "title": state.title,
        "status": state.status,
        "createdAt": state.metadata["createdAt"],
        "updatedAt": state.metadata["updatedAt"],
    }


def gone(outcome: str) -> NotFound | SessionExpired:
    """The error for a session that is not there: SessionExpired for `expired`, else NotFound."""
    if outcome == "expired":
        return SessionExpired("This session has expired; begin a new one.")
    return NotFound("There is no such session.")


def _status(meta: dict[str, str], now: int) -> SessionStatus:
    if meta["state"] == "running" and int(meta["lease"]) <= now:
        return "interrupted"
    return cast("SessionStatus", meta["state"])


def _last_durable_seq(meta: dict[str, str]) -> int | None:
    """The meta hash of a session from the version before has it under the name `torn`."""
    found = meta.get("last_durable_seq", meta.get("torn"))
    return int(found) if found else None


def _waiting(meta: dict[str, str]) -> list[WaitingRequest]:
    if meta["state"] != "waiting":
        return []
    answered = {line.partition(" ")[0] for line in meta.get("answers", "").splitlines()}
    requests = cast("list[WaitingRequest]", json.loads(meta.get("waiting", "[]")))
    return [request for request in requests if request["approvalId"] not in answered]


def consents_of(remembered: str) -> dict[str, Consent]:
    """What the vendor's answers hold for in the session, by the policy's name; the latest word counts."""
    pairs = (word.partition("=") for word in remembered.split())
    return {name: cast("Consent", consent) for name, _, consent in pairs}
