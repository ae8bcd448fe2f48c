"""Reading JSON without knowing its shape."""

import json
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """True if a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """True if a JSON value is a list."""
    return isinstance(value, list)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`; ValueError where it is none, or holds NaN or a lone surrogate."""
    value: object = json.loads(body or b"", parse_constant=_no_constant)
    if not is_object(value):
        raise ValueError("the body must be a JSON object")
    # json.loads takes the escape of half a character; nothing else on the way does.
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
