"""The names of everything this product keeps in Redis."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """The keys of one session: `meta` (hash), `history` and `events` (streams), `files` (hash).

    `contents` (hash, by the entry's id) holds the whole of those records that the history has in their small
    form, as long as Claude may be sent them.
    `tombstone` outlives the session, so that an expired one can be told from one that never was.
    """

    sid: str

    @property
    def meta(self) -> str:
        return f"s:{self.sid}:m"

    @property
    def history(self) -> str:
        return f"s:{self.sid}:h"

    @property
    def contents(self) -> str:
        return f"s:{self.sid}:c"

    @property
    def events(self) -> str:
        return f"s:{self.sid}:e"

    @property
    def files(self) -> str:
        return f"s:{self.sid}:f"

    @property
    def tombstone(self) -> str:
        return f"s:{self.sid}:x"


def running(vendor: str) -> str:
    """Sorted set: the vendor's running sessions by the end of their lease."""
    return f"run:{vendor}"


def readers(vendor: str) -> str:
    """Sorted set: the slots of the vendor's readers by the end of their lease."""
    return f"readers:{vendor}"


def rate(vendor: str) -> str:
    """List: when the vendor's latest messages were admitted, newest first."""
    return f"rate:{vendor}"


def tokens(vendor: str, now_ms: int) -> str:
    """Counter: tokens the vendor used on this UTC day."""
    return f"tokens:{vendor}:{time.strftime('%Y%m%d', time.gmtime(now_ms / 1000))}"


def told(sid: str, epoch: int, what: str) -> str:
    """String: this owner of a turn has told what it spent on `what` beside it. Short-lived."""
    return f"told:{sid}:{epoch}:{what}"


def owner(app: str) -> str:
    """String: the vendor who owns the app, as far as Redis was told."""
    return f"own:{app}"


def index(vendor: str, app: str) -> str:
    """Sorted set: the app's sessions by their latest change; one that was deleted stands at 0 for a while."""
    return f"ix:{vendor}:{app}"


def message_ids(vendor: str, app: str) -> str:
    """Hash: messageId to `<session> <turn> <digest of the message>`."""
    return f"mid:{vendor}:{app}"
