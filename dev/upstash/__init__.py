"""Upstash's REST protocol on this machine, in front of an embedded Valkey."""

from dev.upstash.faults import Fault, Faults
from dev.upstash.server import Upstash, serve
from dev.upstash.valkey import ValkeyUnavailableError

__all__ = ["Fault", "Faults", "Upstash", "ValkeyUnavailableError", "serve"]
