"""What answers used: tokens and their price, added up."""

from aicode.api_types import Usage


def total_tokens(usage: Usage) -> int:
    """All that an answer was given to read, from the cache too, and what it wrote."""
    read = usage["inputTokens"] + usage["cacheReadTokens"] + usage["cacheWriteTokens"]
    return read + usage["outputTokens"]


def no_usage() -> Usage:
    """Nothing spent yet."""
    return {"inputTokens": 0, "outputTokens": 0, "cacheReadTokens": 0, "cacheWriteTokens": 0, "costUsd": 0.0}


def subtract_usage(one: Usage, other: Usage) -> Usage:
    """What is left of one without the other."""
    return {
        "inputTokens": one["inputTokens"] - other["inputTokens"],
        "outputTokens": one["outputTokens"] - other["outputTokens"],
        "cacheReadTokens": one["cacheReadTokens"] - other["cacheReadTokens"],
        "cacheWriteTokens": one["cacheWriteTokens"] - other["cacheWriteTokens"],
        "costUsd": round(one["costUsd"] - other["costUsd"], 8),
    }


def add_usage(one: Usage, other: Usage) -> Usage:
    """Both together."""
    return {
        "inputTokens": one["inputTokens"] + other["inputTokens"],
        "outputTokens": one["outputTokens"] + other["outputTokens"],
        "cacheReadTokens": one["cacheReadTokens"] + other["cacheReadTokens"],
        "cacheWriteTokens": one["cacheWriteTokens"] + other["cacheWriteTokens"],
        "costUsd": round(one["costUsd"] + other["costUsd"], 8),
    }
