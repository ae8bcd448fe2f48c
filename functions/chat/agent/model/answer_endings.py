"""What follows from each reason for which an answer ends.

Every literal of the SDK's `StopReason` has its row; a test fails when the SDK adds one. A reason that is not
here ends the turn, and nothing that the answer asks for is run: nobody knows what it would mean.
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
    """A limit cut the answer off: text goes on in a further call, a cut call is told of and never run."""
    REFUSED = auto()
    """Claude declined: the turn ends in an error, and the refused words leave the conversation."""
    COMPACT = auto()
    """The conversation fills the model's window: it is shortened once and asked again."""


NEXT_ACTIONS: Mapping[str, NextAction] = {
    "end_turn": NextAction.FINISH,
    "stop_sequence": NextAction.FINISH,
    "tool_use": NextAction.RUN_TOOLS,
    "max_tokens": NextAction.CONTINUE,
    # The API pauses only while it runs tools of its own, and it is sent none. Should it pause nevertheless,
    # what came is kept and a further call follows: only behind such a tool may Claude's words come last.
    "pause_turn": NextAction.CONTINUE,
    "refusal": NextAction.REFUSED,
    "model_context_window_exceeded": NextAction.COMPACT,
}


def next_action(stop_reason: str, *, has_calls: bool) -> NextAction:
    """What follows from an answer; one that asks for tools without naming any is over."""
    outcome = NEXT_ACTIONS.get(stop_reason, NextAction.FINISH)
    return NextAction.FINISH if outcome is NextAction.RUN_TOOLS and not has_calls else outcome
