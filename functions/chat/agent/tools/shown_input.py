"""A call's input as the page is shown it."""

import json

from chat.agent.model.interface import ToolCall

SHOWN_INPUT_LIMIT = 500


def shown_input(call: ToolCall) -> dict[str, object]:
    """The input with long texts cut: events are for looking at, the history has all of it."""
    shown: dict[str, object] = {}
    for name, value in (call.arguments or {}).items():
        if isinstance(value, str) and len(value) > SHOWN_INPUT_LIMIT:
            shown[name] = f"{value[:SHOWN_INPUT_LIMIT]}…"
        elif isinstance(value, (dict, list)) and len(json.dumps(value)) > SHOWN_INPUT_LIMIT:
            continue
        else:
            shown[name] = value
    return shown
