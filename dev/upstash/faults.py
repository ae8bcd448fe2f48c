"""Faults that a test can order: what networks, proxies and full databases do to a Redis client."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal[
    "delay",  # answer `seconds` later than usual
    "drop_request",  # close the connection, nothing was executed
    "drop_answer",  # execute, then close the connection: the client never hears
    "bad_gateway",  # a proxy's 502 with an HTML body, nothing was executed
    "unauthorized",  # 401 as for a wrong token
    "out_of_memory",  # OOM error for each command, nothing was executed
    "hang_answer",  # execute, and never answer
    "hang",  # accept the request and never answer, nothing is executed
]


@dataclass(slots=True)
class Fault:
    """One order. `struck` counts the requests it hit; a delay goes together with another fault."""

    kind: Kind
    times: int | None = None
    """How many requests to hit; None: until cleared."""
    containing: str = ""
    """Only requests whose path or body (JSON as sent) contains this text."""
    skip: int = 0
    """Let so many matching requests pass first."""
    seconds: float = 0.0
    struck: int = 0

    def strikes(self, request: bytes) -> bool:
        """True if this request is hit; counts it."""
        if self.times == 0 or self.containing.encode() not in request:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.struck += 1
        return True


@dataclass(slots=True)
class Faults:
    """The faults in force, changed at any time while the server runs."""

    active: list[Fault] = field(default_factory=list[Fault])

    def add(
        self,
        kind: Kind,
        *,
        times: int | None = None,
        containing: str = "",
        skip: int = 0,
        seconds: float = 0.0,
    ) -> Fault:
        """Order a fault; the returned object tells by `struck` how often it hit.

        Raises ValueError for an unknown kind.
        """
        if kind not in get_args(Kind):
            raise ValueError(f"unknown kind: {kind}")
        fault = Fault(kind, times, containing, skip, seconds)
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        self.active.clear()

    def for_request(self, request: bytes) -> tuple[float, Kind | None]:
        """Seconds to wait, and the first other fault that this request gets."""
        seconds, kind = 0.0, None
        for fault in self.active:
            if fault.kind == "delay":
                seconds += fault.seconds if fault.strikes(request) else 0.0
            elif kind is None and fault.strikes(request):
                kind = fault.kind
        return seconds, kind
