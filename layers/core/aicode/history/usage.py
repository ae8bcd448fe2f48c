"""Adds up the tokens that answers used and their price, weighs and estimates them for the vendor's day."""

import json
from collections.abc import Iterable

from aicode.api_types import Attachment, Usage
from aicode.history.media import attachment_media, media_tokens, without_media

BYTES_PER_TOKEN = 3
# An answer of which nothing is known yet, as long as the average one that COSTS.md counts.
ANSWER_TOKENS = 1_200
# What a turn's first request has beside the message: prompt and tools, a usual app's files and rules, a short
# conversation that comes from the cache; two answers, because the session's title is asked for beside it.
FIRST_REQUEST_TOKENS = 12_000


def total_tokens(usage: Usage) -> int:
    """All tokens that an answer read, from the cache too, and wrote."""
    read = usage["inputTokens"] + usage["cacheReadTokens"] + usage["cacheWriteTokens"]
    return read + usage["outputTokens"]


def weighed_tokens(usage: Usage) -> int:
    """What an answer counts in the vendor's day: what came from the cache a tenth, as its price is."""
    read = usage["inputTokens"] + usage["cacheWriteTokens"] + cached_weight(usage["cacheReadTokens"])
    return read + usage["outputTokens"]


def cached_weight(tokens: int) -> int:
    """What so many tokens from the cache count in the vendor's day."""
    return -(-tokens // 10)


def estimated_tokens(part: object) -> int:
    """The tokens of a part of a request, rather too many: one for three bytes of its JSON.

    English has more bytes to a token, code and Chinese have about three: no language makes it too few.
    Blocks that stand for media count what Claude is sent for them.
    """
    bare, tokens = without_media(part)
    written = json.dumps(bare, ensure_ascii=False, separators=(",", ":"))
    return tokens - (-len(written.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def first_call_estimate(message: str, attachments: Iterable[Attachment] = ()) -> int:
    """What is reserved for the first call of a turn that begins with this message."""
    attached = sum(media_tokens(attachment_media(attachment)) for attachment in attachments)
    return FIRST_REQUEST_TOKENS + 2 * ANSWER_TOKENS + estimated_tokens(message) + attached


def no_usage() -> Usage:
    """A usage of nothing."""
    return {"inputTokens": 0, "outputTokens": 0, "cacheReadTokens": 0, "cacheWriteTokens": 0, "costUsd": 0.0}


def subtract_usage(one: Usage, other: Usage) -> Usage:
    """The one usage minus the other."""
    return {
        "inputTokens": one["inputTokens"] - other["inputTokens"],
        "outputTokens": one["outputTokens"] - other["outputTokens"],
        "cacheReadTokens": one["cacheReadTokens"] - other["cacheReadTokens"],
        "cacheWriteTokens": one["cacheWriteTokens"] - other["cacheWriteTokens"],
        "costUsd": round(one["costUsd"] - other["costUsd"], 8),
    }


def add_usage(one: Usage, other: Usage) -> Usage:
    """The sum of both usages."""
    return {
        "inputTokens": one["inputTokens"] + other["inputTokens"],
        "outputTokens": one["outputTokens"] + other["outputTokens"],
        "cacheReadTokens": one["cacheReadTokens"] + other["cacheReadTokens"],
        "cacheWriteTokens": one["cacheWriteTokens"] + other["cacheWriteTokens"],
        "costUsd": round(one["costUsd"] + other["costUsd"], 8),
    }
