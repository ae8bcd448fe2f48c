"""The header by which a function knows that a request came over the edge, which adds it."""

import hmac
from collections.abc import Mapping

from aicode.errors import ForbiddenOrigin

HEADER = "x-origin-secret"


def check_origin_secret(headers: Mapping[str, str], secret: str | None) -> None:
    """Raises ForbiddenOrigin where there is a secret that the headers (in lower case) do not hold."""
    if secret is not None and not hmac.compare_digest(_bytes(headers.get(HEADER, "")), _bytes(secret)):
        raise ForbiddenOrigin("Requests come over the address of the page.")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
