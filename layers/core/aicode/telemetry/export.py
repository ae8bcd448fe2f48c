"""What there is to export of an invocation, for those who want more than the log has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Fact = str | int | float | bool | None


@dataclass(slots=True, kw_only=True)
class Span:
    """A stretch of work, in seconds since 1970; `parent` is the place of the span around it in the list."""

    name: str
    began: float
    ended: float
    parent: int | None
    facts: dict[str, Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What there is to export of one invocation: its spans, the first around all others, and its crashes."""

    service: str
    ids: Mapping[str, Fact]
    spans: Sequence[Span]
    crashes: Sequence[BaseException]


class NotExportedError(Exception):
    """What was to be sent has not arrived."""


class Exporter(Protocol):
    """Sends what was observed elsewhere. It is called in a thread, at the end of an invocation."""

    def export(self, observed: Observed, /) -> None:
        """Sends it, as far as there is something to send. Raises whatever tells that it has not arrived."""
        ...
