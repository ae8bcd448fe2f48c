"""What the page shows of a step that is not final yet: text, thinking and calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aicode.history import PartialRecord


@dataclass(slots=True)
class Shown:
    """The sum of a step's events so far; `hear` adds the next one.

    `calls` has the names of all calls that the step shows, by id; `open_calls` those that are not settled.
    `paused_calls` were open when the step began: the API had paused in them, and goes on with them.
    """

    texts: list[str] = field(default_factory=list[str])
    thoughts: list[str] = field(default_factory=list[str])
    calls: dict[str, str] = field(default_factory=dict[str, str])
    open_calls: dict[str, str] = field(default_factory=dict[str, str])
    paused_calls: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.clear()

    def hear(self, kind: str, data: Mapping[str, object]) -> None:
        """Adds an event. The events that make the step final, or take it back, clear what was shown."""
        if kind == "text_delta":
            self.texts.append(str(data["text"]))
        elif kind == "thinking_delta":
            self.thoughts.append(str(data["text"]))
        elif kind == "tool_use_start":
            self.calls[str(data["toolId"])] = self.open_calls[str(data["toolId"])] = str(data["toolName"])
        elif kind == "tool_use_progress" and data["status"] != "running":
            self.open_calls.pop(str(data["toolId"]), None)
        elif kind == "step_complete":
            self.finish()
        elif kind == "step_reset":
            self.clear()

    def finish(self) -> None:
        """Begins the next step; calls that are still open stay so."""
        self.paused_calls = dict(self.open_calls)
        self.clear()

    def clear(self) -> None:
        """Forgets all events of the step so far."""
        for part in (self.texts, self.thoughts, self.calls):
            part.clear()
        self.open_calls = dict(self.paused_calls)

    @property
    def text(self) -> str:
        """The text so far, in one piece."""
        return "".join(self.texts)

    def records(self, now: int) -> list[PartialRecord]:
        """The record that the history keeps of it if the turn ends before the step is final.

        It holds the paused calls too, because only this step would have had their results. There is none if
        nothing was shown.
        """
        calls = [{"id": call, "name": name} for call, name in (self.paused_calls | self.calls).items()]
        if not (self or calls):
            return []
        thinking = "".join(self.thoughts)
        return [{"kind": "partial", "text": self.text, "thinking": thinking, "calls": calls, "at": now}]

    def __bool__(self) -> bool:
        return bool(self.texts or self.thoughts or self.calls)
