"""The prompt cache, simulated: prefixes that were marked once are read later at the price of a cache hit.

Rules after https://platform.claude.com/docs/en/build-with-claude/prompt-caching: prefix order tools, system,
messages; compared byte by byte; at least 1,024 tokens; up to 20 blocks looked back from a breakpoint.
Lifetimes are not simulated.
"""

import hashlib
import json
import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from dev.claude.shape import is_list

MIN_PREFIX_TOKENS = 1024
LOOK_BACK_BLOCKS = 20
_MAX_ENTRIES = 10_000
# What the bytes of a picture or document count, whatever form they are sent in: a large picture, a full page.
_MEDIA_TOKENS = {"image": 1_600, "document": 3_000}


@dataclass(frozen=True, slots=True)
class InputUsage:
    """How the tokens of a prompt were paid for; the first three add up to the prompt.

    `hour_input_tokens` are those of the created ones that are kept for an hour, not for five minutes.
    """

    input_tokens: int
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    hour_input_tokens: int = 0

    @property
    def total(self) -> int:
        """Tokens of the whole prompt."""
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens

    @property
    def weight(self) -> int:
        """The same, weighed by their price: a read from the cache costs a tenth."""
        return (
            self.input_tokens
            + self.cache_creation_input_tokens
            + math.ceil(self.cache_read_input_tokens / 10)
        )


class PromptCache:
    """Remembers prefixes by their hash for as long as the process lives."""

    def __init__(self) -> None:
        self._prefixes: OrderedDict[bytes, None] = OrderedDict()

    def use(self, body: dict[str, Any]) -> InputUsage:
        """What a request reads from the cache; what it marks is there for the next one."""
        prefixes = list(_prefixes(body))
        total = prefixes[-1].tokens if prefixes else 0
        marked = [n for n, p in enumerate(prefixes) if p.marked and p.tokens >= MIN_PREFIX_TOKENS]
        read = max((self._longest_known(prefixes, at) for at in marked), default=0)
        for at in marked:
            self._remember(prefixes[at].digest)
        last = prefixes[marked[-1]].tokens if marked else 0
        hour = max((prefixes[at].tokens for at in marked if prefixes[at].hour), default=0)
        return InputUsage(total - last, last - read, read, max(0, hour - read))

    def _longest_known(self, prefixes: "list[_Prefix]", breakpoint_at: int) -> int:
        for at in range(breakpoint_at, max(-1, breakpoint_at - LOOK_BACK_BLOCKS), -1):
            if prefixes[at].digest in self._prefixes:
                return prefixes[at].tokens
        return 0

    def _remember(self, digest: bytes) -> None:
        self._prefixes[digest] = None
        self._prefixes.move_to_end(digest)
        while len(self._prefixes) > _MAX_ENTRIES:
            self._prefixes.popitem(last=False)


def count_tokens(body: dict[str, Any]) -> int:
    """A rough count of a request's input tokens: a quarter of its JSON's length."""
    return sum(_tokens(block) for _, block in _blocks(body))


def text_tokens(text: str) -> int:
    """A rough count of a text's tokens, at least one."""
    return max(1, len(text) // 4)


class _Prefix(NamedTuple):
    digest: bytes
    tokens: int
    marked: bool
    hour: bool


def _prefixes(body: dict[str, Any]) -> Iterator[_Prefix]:
    blocks = list(_blocks(body))
    automatic = _last_cacheable(blocks) if body.get("cache_control") else -1
    running = hashlib.sha256(str(body.get("model")).encode())
    tokens = 0
    for at, (place, block) in enumerate(blocks):
        running.update(f"\n{place}\n{_bare(block)}".encode())
        tokens += _tokens(block)
        mark: Any = block.get("cache_control") or (at == automatic and body.get("cache_control"))
        yield _Prefix(running.digest(), tokens, bool(mark), bool(mark) and mark.get("ttl") == "1h")


def _blocks(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block of a prompt with its place, in the order in which the cache reads them."""
    tools: list[dict[str, Any]] = body.get("tools") or []
    for tool in tools:
        yield "tool", tool
    for block in _as_blocks(body.get("system") or []):
        yield "system", block
    # Other thinking or tool choice settings leave tools and system cached, but not the messages.
    settings = json.dumps([body.get("thinking"), body.get("tool_choice")])
    messages: list[dict[str, Any]] = body.get("messages") or []
    for message in messages:
        for block in _as_blocks(message["content"]):
            yield f"{settings} {message['role']}", block


def _as_blocks(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _last_cacheable(blocks: list[tuple[str, dict[str, Any]]]) -> int:
    for at in range(len(blocks) - 1, -1, -1):
        if blocks[at][1].get("type") not in {"thinking", "redacted_thinking"}:
            return at
    return -1


def _bare(block: dict[str, Any]) -> str:
    """A block without its marks: setting or moving a breakpoint doesn't change a prefix."""
    bare = {key: value for key, value in block.items() if key != "cache_control"}
    return json.dumps(bare, ensure_ascii=False, separators=(",", ":"))


def _tokens(block: dict[str, Any]) -> int:
    if block.get("type") in _MEDIA_TOKENS:
        return _MEDIA_TOKENS[block["type"]]
    parts: Any = block.get("content")
    if block.get("type") != "tool_result" or not is_list(parts):
        return text_tokens(_bare(block))
    return text_tokens(_bare({**block, "content": []})) + sum(map(_tokens, parts))
