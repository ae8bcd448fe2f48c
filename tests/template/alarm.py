"""When an alarm fires, worked out as CloudWatch does, as far as the alarms of stacks/watch.yaml use it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a second; `late` says how many seconds pass until CloudWatch has it."""

    at: int
    value: float
    late: int = MINUTE


Series = Mapping[str, Sequence[Point]]
"""Points by their metric's name and the value of its last dimension, such as `Errors ai-code-chat`."""


class _NoDataError(Exception):
    """A metric that an expression needs has no data in this period."""


def fires(alarm: Any, series: Series) -> bool:
    """True if the alarm goes off at one of the minutes in which it looks at the series."""
    last = max(point.at + point.late for points in series.values() for point in points)
    period, periods = _period(alarm), alarm["EvaluationPeriods"]
    minutes = range(0, last + (periods + 2) * period, MINUTE)
    return any(_breaches(alarm, series, minute) for minute in minutes)


def covered_seconds(alarm: Any) -> int:
    """How far back the alarm looks."""
    return _period(alarm) * alarm["EvaluationPeriods"]


def _breaches(alarm: Any, series: Series, now: int) -> bool:
    period, periods = _period(alarm), alarm["EvaluationPeriods"]
    begins = [now // period * period - back * period for back in range(1, periods + 1)]
    values = [_value(alarm, series, begin, now) for begin in begins]
    breaching = [value for value in values if value is not None and _is_over(alarm, value)]
    return len(breaching) >= alarm.get("DatapointsToAlarm", periods)


def _is_over(alarm: Any, value: float) -> bool:
    if alarm["ComparisonOperator"] == "GreaterThanThreshold":
        return value > alarm["Threshold"]
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    return value >= alarm["Threshold"]


def _period(alarm: Any) -> int:
    periods = {alarm["Period"]} if "Period" in alarm else {stat["Period"] for stat in _stats(alarm).values()}
    assert len(periods) == 1
    return periods.pop()


def _stats(alarm: Any) -> dict[str, Any]:
    return {query["Id"]: query["MetricStat"] for query in alarm["Metrics"] if "MetricStat" in query}


def _value(alarm: Any, series: Series, begin: int, now: int) -> float | None:
    """The value of the period that begins at a second, from what CloudWatch has by now; None without data."""
    if "Metrics" not in alarm:
        stat = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        values = _known(alarm, series, begin, begin + alarm["Period"], now)
        if len(values) < _fewest(alarm, stat):
            return None
        return _statistic(stat, values)
    found = {
        name: _statistic(stat["Stat"], _known(stat["Metric"], series, begin, begin + stat["Period"], now))
        for name, stat in _stats(alarm).items()
    }
    [expression] = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
    try:
        return _calculated(expression, found)
    except _NoDataError:
        return None


def _fewest(alarm: Any, stat: str) -> float:
    """How many values a percentile needs where an alarm ignores those of few."""
    if alarm.get("EvaluateLowSampleCountPercentile") != "ignore":
        return 1
    return 10 / (1 - float(stat.removeprefix("p")) / 100)


def _known(metric: Any, series: Series, begin: int, end: int, now: int) -> list[float]:
    name = f"{metric['MetricName']} {metric['Dimensions'][-1]['Value']}"
    points = series.get(name, ())
    return [point.value for point in points if begin <= point.at < end and point.at + point.late <= now]


def _statistic(stat: str, values: list[float]) -> float | None:
    if not values:
        return None
    if stat.startswith("p"):
        return sorted(values)[math.ceil(float(stat[1:]) / 100 * len(values)) - 1]
    return float({"Sum": sum, "SampleCount": len, "Maximum": max}[stat](values))


class _Names(dict[str, Any]):
    """The metrics of an expression by their ids."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if value is None:
            raise _NoDataError
        return value


def _calculated(expression: str, found: Mapping[str, float | None]) -> float:
    def those_of(prefix: str) -> list[float | None]:
        return [value for name, value in found.items() if name.startswith(prefix)]

    def filled(values: list[float | None], value: float) -> list[float]:
        return [value if each is None else each for each in values]

    def either(condition: bool, yes: float, no: float) -> float:
        return yes if condition else no

    functions = {"METRICS": those_of, "FILL": filled, "SUM": sum, "IF": either}
    names = _Names({**found, **functions})
    return float(eval(expression, {"__builtins__": {}}, names))  # noqa: S307 - our own template's, in a test
