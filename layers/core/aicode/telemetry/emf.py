"""Metrics as lines of the log that CloudWatch makes metrics of. Pure.

Powertools has such a writer too. In it all metrics of a line have the same dimensions: a turn would take
dozens of lines. And a function imports Powertools only if it logs, since that is a third of its cold start.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aicode.telemetry.metrics import METRICS, NAMESPACE, SERVICE

MOST_VALUES = 100
Dimensions = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric, with those of its dimensions that are known."""

    name: str
    value: float
    dimensions: Dimensions = field(default_factory=dict[str, str])


@dataclass(slots=True)
class _Line:
    """One line. A dimension has one value in it, which counts for all metrics that are published by it."""

    dimensions: dict[str, str]
    values: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    dimensions_of: dict[str, Dimensions] = field(default_factory=dict[str, Dimensions])

    def takes(self, sample: Sample) -> bool:
        """True if there is room for the value, and none of its dimensions has another value here."""
        known = self.dimensions_of.get(sample.name, sample.dimensions)
        if known != sample.dimensions or len(self.values.get(sample.name, ())) == MOST_VALUES:
            return False
        return all(self.dimensions.get(name, value) == value for name, value in sample.dimensions.items())

    def add(self, sample: Sample) -> None:
        self.dimensions.update(sample.dimensions)
        self.dimensions_of[sample.name] = sample.dimensions
        values = self.values.setdefault(sample.name, [])
        if values and METRICS[sample.name].adds_up:
            values[0] += sample.value
        else:
            values.append(sample.value)

    def encoded(self, fields: Mapping[str, object], at_ms: int) -> str:
        published: dict[tuple[tuple[str, ...], ...], list[dict[str, str]]] = {}
        for name in self.values:
            sets = ((), *(names for names in METRICS[name].by if self.dimensions_of[name].keys() >= {*names}))
            published.setdefault(sets, []).append({"Name": name, "Unit": METRICS[name].unit})
        directives = [
            {"Namespace": NAMESPACE, "Dimensions": [[SERVICE, *names] for names in sets], "Metrics": metrics}
            for sets, metrics in published.items()
        ]
        values = {name: found if found[1:] else found[0] for name, found in self.values.items()}
        members = {**fields, **self.dimensions, **values}
        meta = {"Timestamp": at_ms, "CloudWatchMetrics": directives}
        return json.dumps({"_aws": meta, **members}, separators=(",", ":"))


def lines(
    function: str, samples: Iterable[Sample], fields: Mapping[str, object], at_ms: int
) -> Iterable[str]:
    """The samples in as few lines as they fit into; each line has the fields, which no metric is made of."""
    written: list[_Line] = []
    for sample in samples:
        line = next((line for line in written if line.takes(sample)), None)
        if line is None:
            line = _Line({SERVICE: function})
            written.append(line)
        line.add(sample)
    return [line.encoded(fields, at_ms) for line in written]
