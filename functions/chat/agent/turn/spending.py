"""Counts the tokens that a turn spends, in its usage and for the vendor's day."""

from collections.abc import Sequence

from aicode.api_types import Usage
from aicode.history import Record, SpentRecord, add_usage, no_usage, subtract_usage, weighed_tokens
from aicode.telemetry import Observer
from chat.agent.model import Purpose
from chat.agent.turn.reserve import Reserve
from chat.observed_turn import note_tokens


class Spending:
    """What the turn has spent: in `total`, and `unstored`, the part that the store does not know yet.

    `reserve` is the turn's part of the vendor's day.
    """

    def __init__(self, before: Usage, reserve: Reserve, observer: Observer) -> None:
        self._observer = observer
        self.reserve = reserve
        self.total = before
        self.unstored = no_usage()

    def told(self, purpose: Purpose, model: str, usage: Usage) -> None:
        """Adds what an answer of the model used; a title, no step of the turn, for the day alone."""
        note_tokens(self._observer, model, usage)
        self.reserve.told(purpose, weighed_tokens(usage))
        if purpose != "title":
            self.total = add_usage(self.total, usage)
            self.unstored = add_usage(self.unstored, usage)

    def stored(self) -> None:
        """Notes that all so far is stored."""
        self.unstored = no_usage()

    def beside(self, records: Sequence[Record], now: int) -> list[SpentRecord]:
        """A record of the unstored tokens that are in none of these records; no record if there are none."""
        rest = self.unstored
        for record in records:
            if record["kind"] == "step" or record["kind"] == "summary":
                rest = subtract_usage(rest, record["usage"])
        return [{"kind": "spent", "usage": rest, "at": now}] if any(rest.values()) else []
