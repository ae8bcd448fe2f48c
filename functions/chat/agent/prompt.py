"""What Claude is told: a system prompt fixed for the session, the tools, the app's state beside a message.

All of it is stable to the byte from one request to the next, because whatever changes in front makes the
prompt cache useless for all that follows: no clock, no ids, tools sorted by name.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from aicode.models import FileInfo
from chat.agent.conversation import ApiMessage
from chat.agent.model import Request
from chat.agent.tools.tool import Tool

MAX_TOKENS = 32_000
RULES_PATH = "AGENTS.md"
RULES_LIMIT = 16_000
LISTED_FILES = 300
SYSTEM_PROMPT = Path(__file__).with_name("system_prompt.md").read_text(encoding="utf-8")


def request(model: str, tools: Iterable[Tool[Any]], messages: Sequence[ApiMessage]) -> Request:
    """A Messages API request for the next step.

    Cache breakpoints: one behind the system prompt (tools and prompt are the same for everybody), and the
    API's own that moves along with the end of the conversation.
    """
    return {
        "model": model,
        "max_tokens": MAX_TOKENS,
        "system": [
            {"type": "text", "text": SYSTEM_PROMPT, "cache_control": {"type": "ephemeral"}},
        ],
        "tools": [tool.definition() for tool in sorted(tools, key=lambda tool: tool.name)],
        "messages": list(messages),
        "thinking": {"type": "adaptive", "display": "summarized"},
        "cache_control": {"type": "ephemeral"},
    }


def app_context(files: Sequence[FileInfo], rules: str) -> str:
    """What is told of the app beside a message: its files with their sizes, and the vendor's rules."""
    if files:
        listed = [f"{file['path']} ({file['size']} bytes)" for file in files[:LISTED_FILES]]
        if len(files) > LISTED_FILES:
            listed.append(f"... and {len(files) - LISTED_FILES} more; use list_files to see all")
        tree = "\n".join(listed)
    else:
        tree = "(the app is empty)"
    text = f"<app_files>\n{tree}\n</app_files>"
    if rules.strip():
        text += f"\n<project_rules>\n{rules[:RULES_LIMIT]}\n</project_rules>"
    return text
