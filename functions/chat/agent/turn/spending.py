"""Counts the tokens that a turn spends, and knows those of the vendor's day."""

from collections.abc import Sequence

from aicode.api_types import Usage
from aicode.history import Record, SpentRecord, add_usage, no_usage, subtract_usage, total_tokens
from aicode.telemetry import Observer
from chat.observed_turn import note_tokens


class Spending:
    """What the turn has spent: in `total`, and `unstored`, the part that the store does not know yet.

    `tokens_today` is what all turns of the vendor had spent on this day when this turn last wrote.
    """

    def __init__(self, before: Usage, observer: Observer) -> None:
        self._observer = observer
        self.total = before
        self.unstored = no_usage()
        self.tokens_today = 0

    def add(self, model: str, usage: Usage) -> None:
        """Adds what an answer of the model used."""
        note_tokens(self._observer, model, usage)
        self.total = add_usage(self.total, usage)
        self.unstored = add_usage(self.unstored, usage)

    def stored(self, tokens_today: int) -> None:
        """Notes that all so far is stored, and the vendor's tokens of the day that the store brought back."""
        self.tokens_today, self.unstored = tokens_today, no_usage()

    def estimate_today(self) -> int:
        """The vendor's tokens of the day, those included that this turn has not stored yet."""
        return self.tokens_today + total_tokens(self.unstored)

    def beside(self, records: Sequence[Record], now: int) -> list[SpentRecord]:
        """A record of the unstored tokens that are in none of these records; no record if there are none."""
        rest = self.unstored
        for record in records:
            if record["kind"] == "step" or record["kind"] == "summary":
                rest = subtract_usage(rest, record["usage"])
        return [{"kind": "spent", "usage": rest, "at": now}] if any(rest.values()) else []
