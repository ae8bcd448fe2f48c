"""What the page shows of a step that is not final yet: text, thinking, and calls that it shows as open."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aicode.history.records import PartialRecord


@dataclass(slots=True)
class Shown:
    """The sum of a step's events so far; `hear` takes the next one in.

    `calls` has the names of all calls that were begun, by id; `open_calls` those that are not settled.
    """

    texts: list[str] = field(default_factory=list[str])
    thoughts: list[str] = field(default_factory=list[str])
    calls: dict[str, str] = field(default_factory=dict[str, str])
    open_calls: dict[str, str] = field(default_factory=dict[str, str])

    def hear(self, kind: str, data: Mapping[str, object]) -> None:
        """Takes in an event. What is final by it, or was taken back, is not shown here any more."""
        if kind == "text_delta":
            self.texts.append(str(data["text"]))
        elif kind == "thinking_delta":
            self.thoughts.append(str(data["text"]))
        elif kind == "tool_use_start":
            self.calls[str(data["toolId"])] = self.open_calls[str(data["toolId"])] = str(data["toolName"])
        elif kind == "tool_use_progress" and data["status"] != "running":
            self.open_calls.pop(str(data["toolId"]), None)
        elif kind in ("step_complete", "step_reset"):
            self.clear()

    def clear(self) -> None:
        """Nothing is shown that is not final."""
        for part in (self.texts, self.thoughts, self.calls, self.open_calls):
            part.clear()

    @property
    def text(self) -> str:
        """The text as a whole."""
        return "".join(self.texts)

    def record(self, now: int) -> PartialRecord:
        """What is shown, as the history keeps it of a turn that ends before it is final."""
        calls = [{"id": call, "name": name} for call, name in self.calls.items()]
        thinking = "".join(self.thoughts)
        return {"kind": "partial", "text": self.text, "thinking": thinking, "calls": calls, "at": now}

    def __bool__(self) -> bool:
        return bool(self.texts or self.thoughts or self.calls)
