"""Published apps on this machine: a port of their own, as in AWS they have a distribution of their own.

Use `serve`.
"""

from dev.sites.server import serve

__all__ = ["serve"]
