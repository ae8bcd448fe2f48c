"""Counts the pages that the API opens for Claude, among the turn's searches of the web.

They are known only when they have been opened: so a limit can be passed by what one answer may open.
"""

from collections.abc import Iterator, Sequence

from aicode.errors import StoreUnavailable
from aicode.history import SERVER_CALL, Entry, result_blocks, text_of
from chat.agent.model import Answer
from chat.agent.turn.context import TurnContext
from chat.agent.turn.journal import Journal
from chat.agent.turn.searches import ON_THE_WEB, REFUSED

OVER = (
    "You can open no more pages of the web in this turn: its searches, or the vendor's of this day, are used "
    "up. Go on with what you have, and say what you could not look up."
)


class Fetches:
    """The pages that the API opens in one turn; `are_allowed` until its searches or the day's are used up."""

    def __init__(self, turn: TurnContext, journal: Journal) -> None:
        self._turn = turn
        self._journal = journal
        self._is_day_over = False

    @property
    def are_allowed(self) -> bool:
        """True if the next answer may open pages."""
        entries = [entry for entry in self._turn.entries if entry["turn"] == self._turn.writer.turn]
        used = sum(1 for _ in _used(entries))
        return used < self._turn.settings.searches_per_turn and not self._is_day_over

    async def count(self, answer: Answer) -> None:
        """Counts the pages that the answer opened. If they cannot be counted, they were the turn's last."""
        calls = [str(block["id"]) for block in answer.content if block.get("type") == SERVER_CALL]
        if not calls:
            return
        turn, most = self._turn, self._turn.settings.searches_per_day
        try:
            outcome = await turn.writer.count_fetches(turn.now_ms(), calls, most_a_day=most)
        except StoreUnavailable:
            outcome = "day"
        self._is_day_over = self._is_day_over or outcome == "day"

    def tell_claude(self) -> None:
        """Tells Claude once that no more pages can be opened, if it has opened any."""
        turn = self._turn.writer.turn
        records = [entry["record"] for entry in self._journal.entries_and_context() if entry["turn"] == turn]
        has_opened = any(record["kind"] == "step" and _calls(record["content"]) for record in records)
        is_told = any(record["kind"] == "context" and record["text"] == OVER for record in records)
        if has_opened and not is_told and not self.are_allowed:
            self._journal.tell_claude(OVER)


def _used(entries: Sequence[Entry]) -> Iterator[object]:
    """The calls that these entries have of the API's own tools and of ours that use the web."""
    asked: set[object] = set()
    for entry in entries:
        record = entry["record"]
        if record["kind"] == "step":
            yield from _calls(record["content"])
            own = [
                b for b in record["content"] if b.get("name") in ON_THE_WEB and b.get("type") == "tool_use"
            ]
            asked |= {block["id"] for block in own}
        elif record["kind"] == "results":
            for result in record["content"]:
                call = result["tool_use_id"]
                if call in asked and not text_of(result_blocks(result)).startswith(REFUSED):
                    yield call


def _calls(content: Sequence[dict[str, object]]) -> list[object]:
    return [block["id"] for block in content if block.get("type") == SERVER_CALL]
