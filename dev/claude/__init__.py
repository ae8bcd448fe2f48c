"""The demo model: a Messages API server on this machine, for running without a key and for tests."""

from dev.claude.received import Received
from dev.claude.script import (
    Cut,
    Event,
    FetchedPage,
    Gate,
    Pause,
    Raw,
    RedactedThinking,
    Reply,
    Script,
    ServerToolUse,
    Stall,
    StreamError,
    Text,
    Thinking,
    ToolUse,
    UnknownBlock,
)
from dev.claude.server import ClaudeServer, serve

__all__ = [
    "ClaudeServer",
    "Cut",
    "Event",
    "FetchedPage",
    "Gate",
    "Pause",
    "Raw",
    "Received",
    "RedactedThinking",
    "Reply",
    "Script",
    "ServerToolUse",
    "Stall",
    "StreamError",
    "Text",
    "Thinking",
    "ToolUse",
    "UnknownBlock",
    "serve",
]
