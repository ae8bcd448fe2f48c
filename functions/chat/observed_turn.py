"""How a turn left its owner, as the operators count it."""

from aicode.api_types import Usage
from aicode.telemetry import Observer
from aicode.telemetry.export import Fact

# Ends that were asked for, by the vendor, by a limit or by Claude: nothing is broken.
AS_MEANT = frozenset({"complete", "cancelled", "budget_exceeded", "step_limit", "model_refused"})
# The turn goes on elsewhere or later, and its end is counted there.
NO_END = frozenset({"handed_over", "released", "superseded", "waiting"})


def note_outcome(observer: Observer, outcome: str, **ids: Fact) -> None:
    """Counts and logs how a turn left its owner; what it has used is what this invocation has used.

    The ids are those of a turn that is not the invocation's own.
    """
    observer.count("Turns", Outcome=outcome)
    if outcome not in NO_END:
        observer.count("TurnErrors", 0 if outcome in AS_MEANT else 1)
    if outcome == "store_unavailable":
        observer.count("StoreUnavailable")  # as a request that is refused for it
    observer.info(
        "turn ended",
        **ids,
        outcome=outcome,
        ms=round(observer.total("TurnDuration")),
        first_token_ms=round(observer.total("FirstToken")) or None,
        steps=observer.times("StepDuration"),
        tools=observer.times("ToolDuration"),
        attempts=observer.times("AttemptDuration"),
        input_tokens=observer.total("InputTokens"),
        output_tokens=observer.total("OutputTokens"),
        cache_read_tokens=observer.total("CacheReadTokens"),
        cache_write_tokens=observer.total("CacheWriteTokens"),
        dollars=round(observer.total("Dollars"), 6),
    )


def note_tokens(observer: Observer, model: str, usage: Usage) -> None:
    """Counts what an answer of a model used, also one that broke off."""
    observer.count("InputTokens", usage["inputTokens"], Model=model)
    observer.count("OutputTokens", usage["outputTokens"], Model=model)
    observer.count("CacheReadTokens", usage["cacheReadTokens"], Model=model)
    observer.count("CacheWriteTokens", usage["cacheWriteTokens"], Model=model)
    observer.count("Dollars", usage["costUsd"], Model=model)
