"""Connections that block, and the certificates that this process trusts.

These are read once: that takes longer than most requests.
"""

import ssl
from functools import cache
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult


@cache
def certificates() -> ssl.SSLContext:
    """The TLS context of everything that this process calls."""
    return ssl.create_default_context()


def connection_to(url: SplitResult, seconds: float) -> HTTPConnection:
    """A connection to the URL's host, over TLS where the scheme says so; each wait is at most so long."""
    if url.scheme == "https":
        return HTTPSConnection(url.netloc, timeout=seconds, context=certificates())
    return HTTPConnection(url.netloc, timeout=seconds)
