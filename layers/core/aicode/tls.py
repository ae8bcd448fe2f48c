"""The certificates that this process trusts, read once: that takes longer than most requests."""

import ssl
from functools import cache


@cache
def certificates() -> ssl.SSLContext:
    """The TLS context of everything that this process calls."""
    return ssl.create_default_context()
