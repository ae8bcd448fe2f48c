"""Estimates what a call of the model will count in the vendor's day, by what is known before it.

What the latest answer was given comes from the prompt cache, and counts a tenth. Only what is new since
then is estimated, rather too high, and its own answer as an average one.
"""

from collections.abc import Sequence

from aicode.history import (
    ANSWER_TOKENS,
    FIRST_REQUEST_TOKENS,
    Entry,
    cached_weight,
    estimated_tokens,
    record_type,
    total_tokens,
)
from aicode.settings import CacheTtl
from chat.agent.model import Request
from chat.agent.prompt import latest_answer, model_view

# A minute less than the cache keeps it: that begins with the request, and what is known is the answer's end.
CACHED_MS = {"5m": 240_000, "1h": 3_540_000}


def next_answer(
    entries: Sequence[Entry], cache_ttl: CacheTtl, now: int, model: str | None = None
) -> int | None:
    """The estimate for the next answer; None if none has come since the conversation was last shortened.

    `model` is who is asked, None for the one who answered last: each has a cache of its own.
    """
    answer, since = latest_answer(entries)
    if answer is None:
        return None
    output = answer["usage"]["outputTokens"]
    before = total_tokens(answer["usage"]) - output
    if model in (None, answer["model"]) and now - answer["at"] < CACHED_MS[cache_ttl]:
        before = cached_weight(before)
    return before + output + _tokens(since) + ANSWER_TOKENS


def anew(entries: Sequence[Entry]) -> int:
    """The estimate for the next answer where nothing that Claude is sent is known to be in the cache."""
    return _tokens(model_view(entries)) + FIRST_REQUEST_TOKENS + ANSWER_TOKENS


def whole_request(request: Request) -> int:
    """As `anew`, for a request that is ready."""
    return estimated_tokens(request) + ANSWER_TOKENS


def _tokens(entries: Sequence[Entry]) -> int:
    records = (entry["record"] for entry in entries)
    return sum(estimated_tokens(record_type(record).model_blocks(record)) for record in records)
