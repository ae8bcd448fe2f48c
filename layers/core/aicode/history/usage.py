"""Adds up the tokens that answers used, and their price."""

from aicode.api_types import Usage


def total_tokens(usage: Usage) -> int:
    """All tokens that an answer read, from the cache too, and wrote."""
    read = usage["inputTokens"] + usage["cacheReadTokens"] + usage["cacheWriteTokens"]
    return read + usage["outputTokens"]


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
