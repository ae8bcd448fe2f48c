"""A signed-in vendor's request as a Function URL hands it to a function."""

from collections.abc import Mapping

from dev.stand_ins import local_settings
from dev.token import make_token


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
