"""What Claude is told: a system prompt fixed for the session, the tools, the app's state beside a message.

All of it is stable to the byte from one request to the next, because whatever changes in front makes the
prompt cache useless for all that follows: no clock, no ids, tools sorted by name.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from aicode.models import FileInfo
from aicode.session_manager.records import Entry
from chat.agent.conversation import ApiMessage, context_of
from chat.agent.model import Request
from chat.agent.sections import APP_FILES, PROJECT_RULES, section
from chat.agent.tools.tool import Tool

RULES_PATH = "AGENTS.md"
RULES_LIMIT = 16_000
LISTED_FILES = 300
LISTING_LIMIT = 12_000
MARKED_MESSAGES = 3
SYSTEM_PROMPT = Path(__file__).with_name("system_prompt.md").read_text(encoding="utf-8")


def request(
    model: str, tools: Iterable[Tool[Any]], messages: Sequence[ApiMessage], cache_ttl: str = "5m"
) -> Request:
    """A Messages API request for the next step, but for the options of the answer.

    Four cache breakpoints, as many as there may be: one behind the system prompt (tools and prompt are the
    same for everybody), and one at the end of each of the last three messages of the user. The last but one
    is where the request before ended: the cache looks only 20 blocks back from a breakpoint, and a step with
    eleven parallel calls adds more than that.
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """
    control = {"type": "ephemeral"} if cache_ttl == "5m" else {"type": "ephemeral", "ttl": cache_ttl}
    return {
        "model": model,
        "system": [{"type": "text", "text": SYSTEM_PROMPT, "cache_control": control}],
        "tools": [tool.definition() for tool in sorted(tools, key=lambda tool: tool.name)],
        "messages": _marked(messages, control),
    }


def _marked(messages: Sequence[ApiMessage], control: dict[str, str]) -> list[ApiMessage]:
    """The messages with breakpoints; the ones given stay as they are."""
    marked = list(messages)
    ends = [at for at, message in enumerate(messages) if message["role"] == "user"][-MARKED_MESSAGES:]
    for at in ends:
        *others, last = cast("list[dict[str, object]]", messages[at]["content"])
        marked[at] = {"role": "user", "content": [*others, {**last, "cache_control": control}]}
    return marked


def app_context(files: Sequence[FileInfo], rules: str, entries: Sequence[Entry]) -> list[str]:
    """What Claude, who was told these entries, must be told of the app: its files, the vendor's rules.

    Each a section of its own, bounded, and only where it is not what was told last. Sizes are left out, so
    that an edit changes nothing here.
    """
    found = [section(APP_FILES, _listing(files))]
    known_rules = context_of(entries, PROJECT_RULES)
    if rules.strip():
        cut = f"\n[cut: read {RULES_PATH} for the rest]" if len(rules) > RULES_LIMIT else ""
        found.append(section(PROJECT_RULES, rules[:RULES_LIMIT] + cut))
    elif known_rules:
        found.append(section(PROJECT_RULES, "(none any more)"))
    return [text for text in found if text not in (context_of(entries, APP_FILES), known_rules)]


def _listing(files: Sequence[FileInfo]) -> str:
    listed: list[str] = []
    room = LISTING_LIMIT
    for file in files[:LISTED_FILES]:
        room -= len(file["path"]) + 1
        if room < 0:
            break
        listed.append(file["path"])
    if len(files) > len(listed):
        listed.append(f"... and {len(files) - len(listed)} more; use list_files to see all")
    return "\n".join(listed) or "(the app is empty)"
