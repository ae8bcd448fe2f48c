"""A stand-in for Exa's search on this machine, so that `web_search` works without a key, and for tests."""

from dev.exa.pages import PAGES, Page
from dev.exa.server import (
    BROKEN,
    GARBAGE,
    HANGS,
    RATE_LIMITED,
    ExaServer,
    Fault,
    huge,
    serve,
)

__all__ = [
    "BROKEN",
    "GARBAGE",
    "HANGS",
    "PAGES",
    "RATE_LIMITED",
    "ExaServer",
    "Fault",
    "Page",
    "huge",
    "serve",
]
