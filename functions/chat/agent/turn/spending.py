"""What a turn has spent: the tokens of its answers, and those of the vendor's day."""

from collections.abc import Sequence

from aicode.api_types import Usage
from aicode.history.records import Record, SpentRecord
from aicode.history.usage import add_usage, no_usage, subtract_usage, total_tokens


class Spending:
    """Counts what the turn spends. `total` is the turn's, `unstored` what the store does not know yet.

    `tokens_today` are those that all turns of the vendor had spent on this day when the turn last wrote.
    """

    def __init__(self, before: Usage) -> None:
        self.total = before
        self.unstored = no_usage()
        self.tokens_today = 0

    def add(self, usage: Usage) -> None:
        """Tokens that an answer took."""
        self.total = add_usage(self.total, usage)
        self.unstored = add_usage(self.unstored, usage)

    def stored(self, tokens_today: int) -> None:
        """All so far is in the store, which told the sum of the vendor's day."""
        self.tokens_today, self.unstored = tokens_today, no_usage()

    def estimate_today(self) -> int:
        """The vendor's tokens of the day, with those that this turn has not stored yet."""
        return self.tokens_today + total_tokens(self.unstored)

    def beside(self, records: Sequence[Record], now: int) -> list[SpentRecord]:
        """A record of what none of these records tells of the tokens that are stored with them, if any."""
        rest = self.unstored
        for record in records:
            if record["kind"] == "step" or record["kind"] == "summary":
                rest = subtract_usage(rest, record["usage"])
        return [{"kind": "spent", "usage": rest, "at": now}] if any(rest.values()) else []
