"""What the server saw of a request, for tests to look at."""

import time
from dataclasses import dataclass, field
from typing import Any

from dev.claude.cache import InputUsage
from dev.http import Exchange


@dataclass(slots=True)
class Received:
    """One request and what became of it. Times are monotonic seconds; `status` 0 = not answered yet.

    `given` is what was paid for its prompt; None if it was not valid.
    """

    number: int
    path: str
    headers: dict[str, str] = field(repr=False)
    exchange: Exchange = field(repr=False)
    body: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    given: InputUsage | None = field(default=None, repr=False)
    status: int = 0
    error: str | None = None
    received_at: float = field(default_factory=time.monotonic)
    first_byte_at: float | None = None
    finished_at: float | None = None

    @property
    def disconnected_at(self) -> float | None:
        """When the client hung up before the answer was over; None where it did not."""
        return self.exchange.disconnected_at

    async def disconnected(self) -> None:
        """Waits until the client has hung up."""
        await self.exchange.disconnected.wait()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation that was sent."""
        return self.body.get("messages", [])

    def as_json(self) -> dict[str, Any]:
        """The same for a test in another process; without headers, which hold the key."""
        return {
            "number": self.number,
            "path": self.path,
            "body": self.body,
            "status": self.status,
            "error": self.error,
            "receivedAt": self.received_at,
            "firstByteAt": self.first_byte_at,
            "finishedAt": self.finished_at,
            "disconnectedAt": self.disconnected_at,
        }
