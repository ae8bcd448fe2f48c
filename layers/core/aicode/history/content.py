"""Content as the Messages API has it: a list of typed blocks, most of which are text."""

from collections.abc import Iterable
from typing import cast

from aicode.history.records import ApiBlock


def text_block(text: str) -> ApiBlock:
    """The text as a block."""
    return {"type": "text", "text": text}


def result_blocks(result: ApiBlock) -> list[ApiBlock]:
    """The content of a `tool_result` block; where sessions hold a text in its place it is one block."""
    content = result.get("content")
    if isinstance(content, str):
        return [text_block(content)] if content else []
    return cast("list[ApiBlock]", content) if isinstance(content, list) else []


def text_of(blocks: Iterable[ApiBlock]) -> str:
    """The blocks as text for somebody who reads nothing else; of a picture only its type is told."""
    return "\n".join(
        str(block.get("text", "")) if block.get("type") == "text" else f"[{block.get('type')}]"
        for block in blocks
    )
