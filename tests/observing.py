"""What the code under test tells its operators, kept for the test."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aicode.telemetry import Observer, Telemetry
from aicode.telemetry.observer import Exporter, Level


@dataclass(slots=True)
class Operators:
    """What operators are told by the observers of one process."""

    logged: list[tuple[str, dict[str, object]]] = field(default_factory=list[tuple[str, dict[str, object]]])
    written: list[str] = field(default_factory=list[str])
    exporters: list[Exporter] = field(default_factory=list[Exporter])
    now: float = 0.0
    telemetry: Telemetry = field(init=False)

    def __post_init__(self) -> None:
        self.telemetry = Telemetry(
            service="chat",
            log=self._log,
            write=self.written.append,
            exporters=self.exporters,
            earlier=itertools.count().__next__,
            clock=lambda: self.now,
        )

    def observer(self, request_id: str = "invocation-1") -> Observer:
        return self.telemetry.observer(request_id)

    def metrics(self, *dimensions: str) -> dict[str, list[float]]:
        """All values of the metrics that were published by exactly these dimensions, such as `Tool=grep`."""
        return metrics_by(self.written).get(frozenset({"Service=chat", *dimensions}), {})

    @property
    def requests(self) -> list[tuple[str, int]]:
        """The requests that are counted: the route of each, and its status."""
        lines = [json.loads(line) for line in self.written]
        return [(line["Route"], int(line["Status"])) for line in lines if "Route" in line]

    def _log(self, _level: Level, what: str, facts: Mapping[str, object]) -> None:
        self.logged.append((what, dict(facts)))


def metrics_by(lines: list[str]) -> dict[frozenset[str], dict[str, list[float]]]:
    """The values that CloudWatch finds in these lines, by dimensions and by name."""
    found: dict[frozenset[str], dict[str, list[float]]] = {}
    for line in lines:
        members: dict[str, Any] = json.loads(line)
        for directive in members["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                metrics = found.setdefault(frozenset(f"{name}={members[name]}" for name in names), {})
                for metric in directive["Metrics"]:
                    value: float | list[float] = members[metric["Name"]]
                    values = value if isinstance(value, list) else [value]
                    metrics.setdefault(metric["Name"], []).extend(values)
    return found
