"""The API's OpenAPI 3.1 document, made from the code: `make openapi`."""

from dev.openapi.document import build

__all__ = ["build"]
