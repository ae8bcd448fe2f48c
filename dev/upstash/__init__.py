"""Upstash's REST protocol on this machine, in front of an embedded Valkey (or fakeredis)."""

from dev.upstash.faults import Fault, Faults
from dev.upstash.server import Upstash, serve

__all__ = ["Fault", "Faults", "Upstash", "serve"]
