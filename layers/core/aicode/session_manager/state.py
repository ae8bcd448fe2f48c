"""A session without its messages: what its meta hash says, and why it is not there."""

import json
from dataclasses import dataclass
from typing import cast

from aicode.api_types import PendingTool, SessionMetadata, SessionStatus
from aicode.errors import NotFound, SessionExpired


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """A session's meta hash, read. `last_seq` is the latest finished turn's last event.

    `last_durable_seq` is the last event that an owner who died had stored, None where none died: numbers
    above it may have been shown twice.
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


def state_of(sid: str, meta: dict[str, str], *, now: int, ttl: int) -> SessionState:
    """A session's state by its meta hash; `now` and its life in milliseconds."""
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


def gone(outcome: str) -> NotFound | SessionExpired:
    """Why a session is not there: `expired`, or anything else."""
    if outcome == "expired":
        return SessionExpired("This session has expired; begin a new one.")
    return NotFound("There is no such session.")


def _status(meta: dict[str, str], now: int) -> SessionStatus:
    if meta["state"] == "running" and int(meta["lease"]) <= now:
        return "interrupted"
    return cast("SessionStatus", meta["state"])


def _last_durable_seq(meta: dict[str, str]) -> int | None:
    """A session that the version before has written calls it `torn`."""
    found = meta.get("last_durable_seq", meta.get("torn"))
    return int(found) if found else None
