"""Observes one invocation: what it logs, counts and measures goes out when it ends."""

import asyncio
import contextlib
import itertools
import os
import resource
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, Protocol

from aicode.telemetry import emf
from aicode.telemetry.export import Exporter, Fact, Observed, Span
from aicode.telemetry.log import logger, places_of
from aicode.telemetry.metrics import METRICS

EXPORT_SECONDS = 2.0
# How long nothing is sent to somebody who did not take it: an answer in one piece waits for each try.
EXPORT_PAUSE = 60.0
Level = Literal["info", "warning", "error"]
Log = Callable[[Level, str, Mapping[str, object]], None]
# How many invocations the process had before. What it works with is made anew now and then, this is not.
_earlier_invocations = itertools.count().__next__


def _write_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()  # what waits in a buffer is frozen with the process


class Wanted(Protocol):
    """Where what is observed is wanted, beside the log: `Settings` has it."""

    @property
    def otlp_endpoint(self) -> str | None:
        """Where traces go."""
        ...

    @property
    def otlp_headers(self) -> tuple[tuple[str, str], ...]:
        """What traces are sent with, such as a key."""
        ...

    @property
    def sentry_dsn(self) -> str | None:
        """Where errors are reported."""
        ...


@dataclass(slots=True, kw_only=True)
class Telemetry:
    """What the invocations of a process are observed with. `counters` are read at both ends of each.

    `pauses` says until when nothing is sent to an exporter that failed.

    Metrics are the function's, by the name that it was deployed with, so that two stacks don't share theirs.
    Nothing of OpenTelemetry or Sentry is imported unless an endpoint or a DSN is given.
    """

    service: str
    function: str = field(default_factory=lambda: os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""))
    otlp_endpoint: str | None = None
    otlp_headers: tuple[tuple[str, str], ...] = ()
    sentry_dsn: str | None = None
    counters: Mapping[str, Callable[[], int]] = field(default_factory=dict[str, Callable[[], int]])
    log: Log | None = None
    write: Callable[[str], None] = _write_line
    exporters: Sequence[Exporter] | None = None
    earlier: Callable[[], int] = _earlier_invocations
    clock: Callable[[], float] = time.monotonic
    pauses: dict[Exporter, float] = field(default_factory=dict[Exporter, float])

    @staticmethod
    def of(service: str, wanted: Wanted, round_trips: Callable[[], int]) -> "Telemetry":
        """That of a function with settings, which counts its round trips to Redis."""
        return Telemetry(
            service=service,
            otlp_endpoint=wanted.otlp_endpoint,
            otlp_headers=wanted.otlp_headers,
            sentry_dsn=wanted.sentry_dsn,
            counters={"RedisRoundTrips": round_trips},
        )

    def observer(self, request_id: str) -> "Observer":
        """The observer of one invocation."""
        if self.exporters is None:
            self.exporters = _exporters(self.otlp_endpoint, self.otlp_headers, self.sentry_dsn)
        observer = Observer(self, request_id)
        if self.earlier() == 0:
            observer.count("ColdStarts")
        return observer


class Observer:
    """One invocation, observed. `request_id` is the id by which its log lines and its errors are found.

    Names of metrics are those of METRICS; facts that are named like a metric's dimensions are its dimensions.
    """

    def __init__(self, telemetry: Telemetry, request_id: str) -> None:
        self.request_id = request_id
        self._telemetry = telemetry
        self._log = telemetry.log or self._log_line
        self._counted = {name: counter() for name, counter in telemetry.counters.items()}
        self._ids: dict[str, Fact] = {}
        self._samples: list[emf.Sample] = []
        self._began = time.monotonic()
        self._offset = time.time() - self._began
        whole = Span(
            name=telemetry.service, began=self._began + self._offset, ended=0.0, parent=None, facts={}
        )
        self._spans = [whole]
        self._around = [0]
        self._rest: dict[str, float] = {}
        self._crashes: list[BaseException] = []
        self._is_finished = False

    def bind(self, **ids: Fact) -> None:
        """Adds ids that all lines of this invocation carry from now on."""
        self._ids |= ids

    # -- the log ------------------------------------------------------------------------------------------

    def info(self, what: str, **facts: object) -> None:
        """Logs a line. Facts are ids, names, counts and durations, and never anybody's text."""
        self._log("info", what, {**self._known(), **facts})

    def warning(self, what: str, **facts: object) -> None:
        """As `info`, for what somebody should look at some day."""
        self._log("warning", what, {**self._known(), **facts})

    def crash(self, error: BaseException) -> None:
        """Logs type and place of an error that nobody foresaw, but not its text, which may quote a vendor."""
        facts = {**self._known(), "error": type(error).__name__, "at": places_of(error)}
        self._log("error", "unexpected error", facts)
        self._crashes.append(error)

    def _known(self) -> dict[str, Fact]:
        return {"request_id": self.request_id, **self._ids}

    def _log_line(self, level: Level, what: str, facts: Mapping[str, object]) -> None:
        getattr(logger(self._telemetry.service), level)(what, extra=dict(facts), stacklevel=4)

    # -- metrics and spans --------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """How long the invocation has lasted."""
        return time.monotonic() - self._began

    def count(self, name: str, value: float = 1, **facts: Fact) -> None:
        """Adds a value of a metric."""
        known = {key for names in METRICS[name].by for key in names}
        dimensions = {key: str(facts[key]) for key in facts if key in known}
        self._samples.append(emf.Sample(name, value, dimensions))

    def time(self, name: str, seconds: float, **facts: Fact) -> None:
        """Adds a value of a metric that is measured in milliseconds."""
        self.count(name, round(seconds * 1000), **facts)

    def total(self, name: str) -> float:
        """The sum of a metric's values so far."""
        return sum(sample.value for sample in self._samples if sample.name == name)

    def times(self, name: str) -> int:
        """How many values a metric has so far."""
        return sum(sample.name == name for sample in self._samples)

    def measured(self, what: str, seconds: float, **facts: Fact) -> None:
        """Notes work that has just ended, as the metric `...Duration` and as a span."""
        self.time(f"{what}Duration", seconds, **facts)
        now = time.monotonic() + self._offset
        span = Span(name=what, began=now - seconds, ended=now, parent=self._around[-1], facts=facts)
        self._spans.append(span)

    @contextlib.contextmanager
    def measuring(self, what: str, **facts: Fact) -> Generator[dict[str, Fact]]:
        """Measures the block, likewise, with what is noted meanwhile inside it. The block may add facts.

        Blocks contain each other or follow each other. What runs side by side is told when it has ended.
        """
        began, place = time.monotonic(), len(self._spans)
        span = Span(name=what, began=began + self._offset, ended=0.0, parent=self._around[-1], facts=facts)
        self._spans.append(span)
        self._around.append(place)
        try:
            yield facts
        finally:
            self._around.remove(place)
            span.ended = time.monotonic() + self._offset
            self.time(f"{what}Duration", span.ended - span.began, **facts)

    def measure_the_rest(self, what: str) -> None:
        """Measures from now to the invocation's end, likewise."""
        self._rest[what] = time.monotonic()

    # -- the end ------------------------------------------------------------------------------------------

    async def finish(self, **facts: Fact) -> None:
        """Writes the metrics, exports the rest; the facts are the request's. Only the first call counts."""
        if self._is_finished:
            return
        self._is_finished = True
        telemetry = self._telemetry
        self.time("RequestDuration", self.seconds, **facts)
        self._spans[0].facts |= facts
        for what, began in self._rest.items():
            self.measured(what, time.monotonic() - began)
        for name, counter in telemetry.counters.items():
            self.count(name, counter() - self._counted[name])
        self.count("MemoryUsed", _memory_mb())
        for line in emf.lines(
            telemetry.function or telemetry.service, self._samples, self._known(), round(time.time() * 1000)
        ):
            telemetry.write(line)
        self._spans[0].ended = time.monotonic() + self._offset
        observed = Observed(
            service=telemetry.service, ids=self._known(), spans=self._spans, crashes=self._crashes
        )
        for exporter in telemetry.exporters or ():
            if telemetry.clock() >= telemetry.pauses.get(exporter, 0.0):
                await self._export(exporter, observed)

    async def _export(self, exporter: Exporter, observed: Observed) -> None:
        try:
            async with asyncio.timeout(EXPORT_SECONDS):
                await asyncio.to_thread(exporter.export, observed)
        except Exception as error:  # noqa: BLE001 - exporters are foreign code, and no answer hangs on them
            self._telemetry.pauses[exporter] = self._telemetry.clock() + EXPORT_PAUSE
            self.warning("not exported", exporter=type(exporter).__name__, error=type(error).__name__)


@cache
def _exporters(
    otlp_endpoint: str | None, otlp_headers: tuple[tuple[str, str], ...], sentry_dsn: str | None
) -> Sequence[Exporter]:
    """The exporters, one of each for the process: they hold threads and connections."""
    exporters: list[Exporter] = []
    if otlp_endpoint:
        from aicode.telemetry.traces import Traces  # noqa: PLC0415 - for those who asked for it

        exporters.append(Traces(otlp_endpoint, dict(otlp_headers)))
    if sentry_dsn:
        from aicode.telemetry.reports import Reports  # noqa: PLC0415 - likewise

        exporters.append(Reports(sentry_dsn))
    return exporters


def _memory_mb() -> int:
    """The most memory that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024  # what Linux counts in, in bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 2**20
