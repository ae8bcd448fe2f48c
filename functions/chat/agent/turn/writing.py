"""Shows the text that Claude writes into a file while it is written, about ten times a second."""

from collections.abc import Callable, Mapping

from chat.agent.tools import PartialInput, Place

PAUSE_MS = 100
# In characters. With each escaped as JSON has to, an event stays smaller than one write to the store may be.
LONGEST_DELTA = 8_000
# A longer path is refused by the tools.
LONGEST_PATH = 512


class Writing:
    """One call on its way to the page, through `show`, with the text that stands at `text_at` in its input.

    What comes meanwhile is not even read until the next event is due.
    """

    def __init__(
        self,
        call_id: str,
        text_at: Place,
        show: Callable[[str, Mapping[str, object]], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._call_id = call_id
        self._input = PartialInput(text_at)
        self._show = show
        self._now_ms = now_ms
        self._pieces: list[str] = []
        self._shown_at = -PAUSE_MS
        self._is_path_shown = False

    def hear(self, piece: str) -> None:
        """Takes the next piece of the input, and shows what there is to show if an event is due."""
        self._pieces.append(piece)
        now = self._now_ms()
        if not 0 <= now - self._shown_at < PAUSE_MS:
            self._show_more(now)

    def finish(self) -> None:
        """Shows what is left: the input is complete."""
        self._show_more(self._now_ms())

    def _show_more(self, now: int) -> None:
        text = self._input.feed("".join(self._pieces))
        self._pieces.clear()
        path = self._input.path
        if path is not None and not self._is_path_shown and len(path) <= LONGEST_PATH:
            self._is_path_shown, self._shown_at = True, now
            self._emit({"path": path}, text[:LONGEST_DELTA])
            text = text[LONGEST_DELTA:]
        for start in range(0, len(text), LONGEST_DELTA):
            self._shown_at = now
            self._emit({}, text[start : start + LONGEST_DELTA])

    def _emit(self, more: Mapping[str, object], delta: str) -> None:
        self._show("tool_use_input", {"toolId": self._call_id, **more, "delta": delta})
