"""Makes the request for the next answer: a fixed system prompt, the tools, the conversation.

Each request begins with the same bytes as the one before it, because a change makes the prompt cache useless
for everything behind it. So there is no clock and no id in it, and tools are sorted by name.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

import aicode
from chat.agent.model import Request
from chat.agent.prompt.conversation import ApiMessage

MARKED_MESSAGES = 3


def _system_prompt() -> str:
    """The prompt with the names of the packages that the preview has: both read the same list."""
    text = Path(__file__).with_name("system_prompt.md").read_text(encoding="utf-8")
    listed = json.loads(Path(aicode.__file__).with_name("packages.json").read_bytes())
    return text.replace("{packages}", ", ".join(package["name"] for package in listed["packages"]))


SYSTEM_PROMPT = _system_prompt()


def model_request(
    model: str, tools: Iterable[Mapping[str, object]], messages: Sequence[ApiMessage], cache_ttl: str = "5m"
) -> Request:
    """A Messages API request for the next answer, without its options; `tools` are definitions for the API.

    It has four cache breakpoints, as many as the API allows: one behind the system prompt (tools and prompt
    are the same for everybody), and one at the end of each of the last three messages of the user. The second
    last is where the request before this one ended. It is needed because the cache looks only 20 blocks back
    from a breakpoint, and a step with eleven parallel calls adds more than that.
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """
    control = {"type": "ephemeral"} if cache_ttl == "5m" else {"type": "ephemeral", "ttl": cache_ttl}
    return {
        "model": model,
        "system": [{"type": "text", "text": SYSTEM_PROMPT, "cache_control": control}],
        "tools": sorted(tools, key=lambda tool: str(tool["name"])),
        "messages": _marked(messages, control),
    }


def _marked(messages: Sequence[ApiMessage], control: dict[str, str]) -> list[ApiMessage]:
    """The messages with breakpoints; the messages passed in are not changed."""
    marked = list(messages)
    ends = [at for at, message in enumerate(messages) if message["role"] == "user"][-MARKED_MESSAGES:]
    for at in ends:
        *others, last = cast("list[dict[str, object]]", messages[at]["content"])
        marked[at] = {"role": "user", "content": [*others, {**last, "cache_control": control}]}
    return marked
