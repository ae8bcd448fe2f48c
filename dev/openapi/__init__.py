"""The API's OpenAPI 3.1 document, made from the code: `python -m dev.openapi > docs/openapi.json`."""

from dev.openapi.document import build

__all__ = ["build"]
