"""Every way in which the API is known to fail, drawn by chance."""

import random
from collections.abc import Callable
from copy import copy

from dev.claude import Cut, Event, Raw, Reply, Stall, StreamError
from dev.claude.script import Control, CutKind

FIRST_EVENTS = 6
"""So many events every answer has, whatever it says."""
FIRST_BYTES = 400
CUTS: list[CutKind] = ["end", "reset", "half_chunk"]
STATUSES = [408, 409, 429, 500, 502, 503, 504, 529]

Fault = Callable[[Reply, random.Random], Reply]


def broken(reply: Reply, rng: random.Random) -> Reply:
    """The reply, failing in some way that is worth another try."""
    return rng.choice(RETRYABLE)(reply, rng)


def _status(_: Reply, rng: random.Random) -> Reply:
    wait = rng.choice([None, None, 0, 1, 2.5])
    return Reply(status=rng.choice(STATUSES), retry_after=wait)


def _page(_: Reply, rng: random.Random) -> Reply:
    return Reply(status=rng.choice([200, 502]), body=b"<html><body>502 Bad Gateway</body></html>")


def _at_event(*controls: Control) -> Fault:
    def strike(reply: Reply, rng: random.Random) -> Reply:
        struck = copy(reply)
        struck.at = {rng.randrange(FIRST_EVENTS): rng.choice(controls)}
        return struck

    return strike


def _at_byte(reply: Reply, rng: random.Random) -> Reply:
    struck = copy(reply)
    struck.cut_at_byte, struck.cut_kind = rng.randint(1, FIRST_BYTES), rng.choice(CUTS)
    return struck


def _without_end(reply: Reply, rng: random.Random) -> Reply:
    struck = copy(reply)
    struck.cut = rng.choice(CUTS)
    return struck


RETRYABLE: list[Fault] = [
    _status,
    _status,
    _page,
    _at_event(*(StreamError(kind) for kind in ("overloaded_error", "api_error", "rate_limit_error"))),
    _at_event(*(Cut(kind) for kind in CUTS)),
    _at_event(Stall(), Stall(ping_every=1.0)),
    _at_event(Raw(), Raw(b"data: \xff\n\n"), Event("content_block_delta", {"index": 99})),
    _at_byte,
    _without_end,
]
