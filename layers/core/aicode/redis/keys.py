"""The names of all keys in Redis."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """The keys of one session: `meta` (hash), `history` and `events` (streams), `files` (hash).

    `files` holds the latest modification of each path, and under `/undone/<turn>` the revisions of the app at
    which a restore took the turn's changes back and brought them back again, in turns.
    `contents` (hash, by the entry's id) holds whole records whose small form is in the history, as long as
    Claude may be sent them. `tombstone` (string) outlives the session, so that an expired session can be
    distinguished from one that never was.
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
    """Sorted set: the slots of the vendor's readers, `<session> <nonce>`, by the end of their lease."""
    return f"readers:{vendor}"


def rate(vendor: str) -> str:
    """List: when the vendor's latest messages were admitted, newest first."""
    return f"rate:{vendor}"


def requests(vendor: str, kind: str, minute: int) -> str:
    """Counter: the vendor's reads or writes of apps, files and sessions in this minute since the epoch."""
    return f"requests:{vendor}:{kind}:{minute}"


def tokens(vendor: str, now_ms: int) -> str:
    """Counter: tokens the vendor used on this UTC day, with the estimates of calls that have told nothing."""
    return f"tokens:{vendor}:{time.strftime('%Y%m%d', time.gmtime(now_ms / 1000))}"


def searches(vendor: str, now_ms: int) -> str:
    """Counter: searches of the web that the vendor's turns made on this UTC day."""
    return f"searches:{vendor}:{time.strftime('%Y%m%d', time.gmtime(now_ms / 1000))}"


def searches_of_turn(sid: str, turn: int) -> str:
    """Set: the ids of the calls that searched the web in this turn."""
    return f"searched:{sid}:{turn}"


def sent_form(vendor: str, sha256: str) -> str:
    """String: in which form Claude is sent the picture or document with these bytes."""
    return f"sent:{vendor}:{sha256}"


def counted(sid: str, epoch: int, what: str) -> str:
    """String, short-lived: exists if this owner of a turn has counted its tokens for `what`."""
    return f"told:{sid}:{epoch}:{what}"


def owner(app: str) -> str:
    """String: the vendor who owns the app; absent if Redis does not know it."""
    return f"own:{app}"


def index(vendor: str, app: str) -> str:
    """Sorted set: the app's sessions by their latest change; a deleted one keeps the score 0 for a while."""
    return f"ix:{vendor}:{app}"


def message_ids(vendor: str, app: str) -> str:
    """Hash: messageId to `<session> <turn> <digest of the message>`."""
    return f"mid:{vendor}:{app}"
