"""The models that the server knows, and what it says about them."""

from typing import Any

CONTEXT_WINDOW_TOKENS = 1_000_000
MAX_OUTPUT_TOKENS = 128_000
NAMES = {
    "claude-sonnet-5-5": "Claude Sonnet 5.5",
    "claude-opus-5-5": "Claude Opus 5.5",
    "claude-haiku-5-5": "Claude Haiku 5.5",
    "claude-fable-5-1": "Claude Fable 5.1",
}


def model_info(model: str) -> dict[str, Any]:
    """The body of `GET /v1/models/{id}` for a known model."""
    return {
        "type": "model",
        "id": model,
        "display_name": NAMES[model],
        "created_at": "1970-01-01T00:00:00Z",
        "deprecated_at": None,
        "retires_at": None,
        "lifecycle": "active",
        "line": model.split("-")[1],
        "max_input_tokens": CONTEXT_WINDOW_TOKENS,
        "max_tokens": MAX_OUTPUT_TOKENS,
        "capabilities": None,
    }
