"""What the API demands of a single content block."""

import re
from typing import Any

from dev.claude.api_error import invalid
from dev.claude.shape import is_list, is_object

_BLOCK_FIELDS = {
    "text": {"text", "citations", "cache_control"},
    "image": {"source", "cache_control", "transformations"},
    "document": {"source", "cache_control", "citations", "context", "title"},
    "search_result": {"content", "source", "title", "cache_control", "citations"},
    "tool_result": {"tool_use_id", "content", "is_error", "cache_control", "toolset_name"},
    "tool_use": {"id", "input", "name", "cache_control", "caller", "toolset_name"},
    "thinking": {"thinking", "signature"},
    "redacted_thinking": {"data"},
    "server_tool_use": {"id", "input", "name", "cache_control", "caller"},
    "web_search_tool_result": {"tool_use_id", "content", "cache_control", "caller"},
    "web_fetch_tool_result": {"tool_use_id", "content", "cache_control", "caller"},
}
"""The fields that a block may have beside its type (https://platform.claude.com/docs/en/api/messages)."""
ROLE_BLOCKS = {
    "user": ("text", "image", "document", "search_result", "tool_result"),
    "assistant": (
        *("text", "thinking", "redacted_thinking", "tool_use"),
        *("server_tool_use", "web_search_tool_result", "web_fetch_tool_result"),
    ),
    "system": ("text",),
}
_CITATIONS = {
    *("char_location", "page_location", "content_block_location"),
    *("web_search_result_location", "search_result_location"),
}
_TOOL_ID = re.compile(r"[a-zA-Z0-9_-]+")
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def check_block(place: str, role: str, block: Any) -> None:
    """Raises ApiError 400 where a block is none that a message of this role may hold."""
    kind: Any = block.get("type") if is_object(block) else None
    expected = ROLE_BLOCKS[role]
    if not is_object(block) or kind not in expected:
        raise invalid(
            f"{place}: Input tag '{kind}' found using 'type' does not match any of the "
            f"expected tags: {', '.join(repr(name) for name in expected)}"
        )
    extra = set(block) - _BLOCK_FIELDS[kind] - {"type"}
    if extra:
        raise invalid(f"{place}.{kind}.{min(extra)}: Extra inputs are not permitted")
    check_cache_control(f"{place}.{kind}", block.get("cache_control"))
    if kind == "text":
        check_text(place, block.get("text"))
        _check_citations(f"{place}.text.citations", block.get("citations"))
    elif kind in {"tool_use", "server_tool_use"}:
        _check_tool_use(f"{place}.{kind}", block)
    elif kind == "web_fetch_tool_result":
        _check_fetched(f"{place}.{kind}", block)
    elif kind == "tool_result":
        _check_tool_result(f"{place}.tool_result", block)


def _check_tool_use(place: str, block: dict[str, Any]) -> None:
    for name, pattern in (("id", _TOOL_ID), ("name", TOOL_NAME)):
        value = block.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise invalid(f"{place}.{name}: String should match pattern '^{pattern.pattern}$'")
    if not isinstance(block.get("input"), dict):
        raise invalid(f"{place}.input: Input should be an object")


def _check_fetched(place: str, block: dict[str, Any]) -> None:
    match block.get("content"):
        case {"type": "web_fetch_tool_result_error", "error_code": str()}:
            return
        case {"type": "web_fetch_result", "url": str(), "content": {"type": "document", "source": source}}:
            if is_object(source) and source.get("type") in {"text", "base64"} and source.get("data"):
                return
        case _:
            pass
    raise invalid(f"{place}.content: Input does not match any of the expected tags")


def _check_citations(place: str, citations: Any) -> None:
    if citations is None:
        return
    if not is_list(citations):
        raise invalid(f"{place}: Input should be a valid list")
    for n, citation in enumerate(citations):
        if not is_object(citation) or citation.get("type") not in _CITATIONS:
            raise invalid(f"{place}.{n}: Input does not match any of the expected tags")
        if not isinstance(citation.get("cited_text"), str):
            raise invalid(f"{place}.{n}.{citation['type']}.cited_text: Field required")


def _check_tool_result(place: str, block: dict[str, Any]) -> None:
    if not isinstance(block.get("tool_use_id"), str):
        raise invalid(f"{place}.tool_use_id: Field required")
    content: Any = block.get("content")
    if block.get("is_error") and not content:
        raise invalid(f"{place}: content cannot be empty if `is_error` is true")
    if is_list(content):
        for n, part in enumerate(content):
            check_block(f"{place}.content.{n}", "user", part)
    elif content is not None and not isinstance(content, str):
        raise invalid(f"{place}.content: Input should be a valid string")


def check_text(place: str, text: object) -> None:
    """Raises ApiError 400 for a text block that is no text, or an empty one."""
    if not isinstance(text, str):
        raise invalid(f"{place}.text: Input should be a valid string")
    if not text:
        raise invalid(f"{place}: text content blocks must be non-empty")
    if not text.strip():
        raise invalid(f"{place}: text content blocks must contain non-whitespace text")


def check_cache_control(place: str, value: object) -> None:
    """Raises ApiError 400 for a breakpoint that the API doesn't know."""
    match value:
        case None | {"type": "ephemeral", "ttl": "5m" | "1h"}:
            return
        case {"type": "ephemeral"} if is_object(value) and len(value) == 1:
            return
        case _:
            raise invalid(f"{place}.cache_control: Input should be an ephemeral cache control")
