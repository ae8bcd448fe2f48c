"""Helps with the content of the Messages API, a list of typed blocks of which most are text."""

from collections.abc import Iterable
from typing import cast

from aicode.history.media import MEDIA, media_text
from aicode.history.records import ApiBlock


def text_block(text: str) -> ApiBlock:
    """The text as a block."""
    return {"type": "text", "text": text}


def result_blocks(result: ApiBlock) -> list[ApiBlock]:
    """The content of a `tool_result` block; a plain string, as older sessions hold it, becomes one block."""
    content = result.get("content")
    if isinstance(content, str):
        return [text_block(content)] if content else []
    return cast("list[ApiBlock]", content) if isinstance(content, list) else []


def text_of(blocks: Iterable[ApiBlock]) -> str:
    """The blocks as one text, a line each; media appear in words, other blocks as their type in brackets."""
    return "\n".join(map(_line_of, blocks))


def _line_of(block: ApiBlock) -> str:
    if block.get("type") == "text":
        return str(block.get("text", ""))
    return media_text(block) if block.get("type") == MEDIA else f"[{block.get('type')}]"
