"""A signed-in vendor's request as a Function URL hands it to a function, and what the function answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dev.stand_ins import local_settings
from dev.token import make_token


@dataclass(frozen=True)
class Invocation:
    """The context that Lambda gives along."""

    aws_request_id: str = "invocation-1"
    invoked_function_arn: str = "function"
    remaining_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def error(self) -> Any:
        return self.json["error"]


def token(vendor: str) -> str:
    """A token that a function with a local stack's settings takes."""
    return make_token(local_settings({}), vendor)


def function_event(
    method: str, path: str, *, query: str = "", headers: Mapping[str, str] | None = None, body: str = ""
) -> dict[str, object]:
    """Cookies come apart from the other headers: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads"""
    given = dict(headers or {})
    cookies = given.pop("cookie", "")
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": given,
        "requestContext": {
            "http": {"method": method, "path": path},
            "requestId": "request-1",
            "stage": "$default",
        },
        "cookies": cookies.split("; ") if cookies else [],
        "body": body,
        "isBase64Encoded": False,
    }
