"""What the turn does next after each `stop_reason` that an answer can have.

Every literal of the SDK's `StopReason` has its row; a test fails when the SDK adds one. A reason that is not
in the table ends the turn without running any calls, because it is unknown what they would mean.
"""

from collections.abc import Mapping
from enum import Enum, auto


class NextAction(Enum):
    """What the turn does next."""

    FINISH = auto()
    """The turn is over; calls, if there are any, are not run."""
    RUN_TOOLS = auto()
    """The calls are run and their results sent back."""
    CONTINUE = auto()
    """A limit cut the answer off: Claude is asked to go on. Its calls are never run; Claude is told so."""
    RESUME = auto()
    """The API paused in the middle of tools that it runs itself: the answer goes back as it came, with
    nothing behind it, and the API goes on. Calls in it are never run."""
    REFUSED = auto()
    """Claude declined: the turn ends in an error, and it is left out of later requests."""
    COMPACT = auto()
    """The conversation fills the model's window: it is shortened once, then Claude is asked again."""


NEXT_ACTIONS: Mapping[str, NextAction] = {
    "end_turn": NextAction.FINISH,
    "stop_sequence": NextAction.FINISH,
    "tool_use": NextAction.RUN_TOOLS,
    "max_tokens": NextAction.CONTINUE,
    "pause_turn": NextAction.RESUME,
    "refusal": NextAction.REFUSED,
    "model_context_window_exceeded": NextAction.COMPACT,
}


def next_action(stop_reason: str, *, has_calls: bool) -> NextAction:
    """What follows from an answer; `tool_use` without any calls ends the turn."""
    outcome = NEXT_ACTIONS.get(stop_reason, NextAction.FINISH)
    return NextAction.FINISH if outcome is NextAction.RUN_TOOLS and not has_calls else outcome
