"""The one table of metrics: what each counts in, and the dimensions it is published by.

Each is published for its function, whose name is the dimension `Service`, and once more with each of the sets
named. They have few values, and never an id: CloudWatch bills each combination as a metric of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

NAMESPACE = "AICode"
SERVICE = "Service"
Unit = Literal["Count", "Milliseconds", "Megabytes", "None"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's unit, and the sets of dimensions that it is published by beside its function.

    Of one that `adds_up`, an invocation publishes the sum of its values, and of others each value.
    """

    unit: Unit
    by: tuple[tuple[str, ...], ...] = ()
    adds_up: bool = False


METRICS: Mapping[str, Metric] = {
    # every function
    "RequestDuration": Metric("Milliseconds", (("Route",), ("Status",))),
    "StoreUnavailable": Metric("Count"),
    "RedisRoundTrips": Metric("Count"),
    "ColdStarts": Metric("Count"),
    "MemoryUsed": Metric("Megabytes"),
    # the chat function: turns
    "FirstByte": Metric("Milliseconds"),
    "FirstToken": Metric("Milliseconds"),
    "Turns": Metric("Count", (("Outcome",),)),
    "TurnErrors": Metric("Count"),
    "TurnDuration": Metric("Milliseconds"),
    "StepDuration": Metric("Milliseconds"),
    "ToolDuration": Metric("Milliseconds", (("Tool",), ("Tool", "Result"))),
    "CheckDuration": Metric("Milliseconds", (("Result",),)),
    "AttemptDuration": Metric("Milliseconds", (("Reason",),)),
    "InputTokens": Metric("Count", (("Model",),), adds_up=True),
    "OutputTokens": Metric("Count", (("Model",),), adds_up=True),
    "CacheReadTokens": Metric("Count", (("Model",),), adds_up=True),
    "CacheWriteTokens": Metric("Count", (("Model",),), adds_up=True),
    "Dollars": Metric("None", (("Model",),), adds_up=True),
    # the chat function: streams, and turns that change hands
    "ReaderDuration": Metric("Milliseconds"),
    "Resumes": Metric("Count"),
    "Recoveries": Metric("Count"),
    "HandOvers": Metric("Count", (("Result",),)),
    # the other functions
    "Cancels": Metric("Count"),
    "Removed": Metric("Count"),
}
