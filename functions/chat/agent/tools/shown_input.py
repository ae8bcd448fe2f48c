"""The part of a call's input that the page shows while the turn runs."""

import json

from chat.agent.model.interface import ToolCall

SHOWN_INPUT_LIMIT = 500


def shown_input(call: ToolCall) -> dict[str, object]:
    """The input with long texts cut and other long values left out; the history has all of it."""
    shown: dict[str, object] = {}
    for name, value in (call.arguments or {}).items():
        if isinstance(value, str) and len(value) > SHOWN_INPUT_LIMIT:
            shown[name] = f"{value[:SHOWN_INPUT_LIMIT]}…"
        elif isinstance(value, (dict, list)) and len(json.dumps(value)) > SHOWN_INPUT_LIMIT:
            continue
        else:
            shown[name] = value
    return shown
