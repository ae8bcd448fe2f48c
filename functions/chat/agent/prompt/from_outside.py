"""Finds in a conversation the blocks that came from outside: files, and what tools gave. Pure.

What the vendor and Claude wrote themselves is none of them.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from aicode.history import MEDIA, ApiBlock, is_served, is_server_result, result_blocks
from aicode.media import PDF, PICTURES
from chat.agent.model import BlockKind, Place
from chat.agent.prompt.conversation import Conversation
from chat.agent.prompt.replaced import SERVED, Origin

NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Outside:
    """A block from outside: the one from `origin`, or the `inner`-th part of its content.

    Where the index of `origin` is SERVED, it is all that the API's own tools put into that answer.
    `what` says what it is, `name` is its own name, empty if it has none.
    """

    origin: Origin
    inner: int | None
    block: ApiBlock
    what: str
    name: str

    @property
    def sha256(self) -> str:
        """The hash of its bytes; empty if it has no bytes of its own."""
        return str(self.block.get("sha256", "")) if self.block["type"] == MEDIA else ""


def outside_at(conversation: Conversation, place: Place) -> Outside | None:
    """The block from outside at this place of the request; None if there is none."""
    if len(place) == 1:
        return None
    message, at, *inner = place
    if message >= len(conversation.messages) or at >= len(conversation.origins[message]):
        return None
    origin, block = conversation.origins[message][at], _content(conversation, message)[at]
    if origin is None:
        return None
    if block["type"] == "tool_result":
        parts = _parts(block)
        if inner and inner[0] < len(parts):
            return _part(conversation, origin, block, inner[0], parts[inner[0]])
        return Outside(origin, None, block, f"result of {_tool(conversation, block)}", "")
    return _media(origin, None, block) or _server_result(origin, block)


def all_outside(
    conversation: Conversation, kinds: Collection[BlockKind], messages: Iterable[int]
) -> Iterator[Outside]:
    """Every block from outside in these messages that may be of one of these kinds."""
    for message in messages:
        origins = conversation.origins[message]
        for at, block in enumerate(_content(conversation, message)):
            inner = range(len(_parts(block))) if block["type"] == "tool_result" else (None,)
            for part in inner:
                place = (message, at) if part is None else (message, at, part)
                found = outside_at(conversation, place) if origins[at] is not None else None
                if found is not None and may_be(found, kinds):
                    yield found


def served_in(conversation: Conversation, messages: Iterable[int]) -> list[Outside]:
    """All that the API's own tools put into Claude's answers in these messages: one for each such answer."""
    found: dict[Origin, Outside] = {}
    for message in messages:
        for origin, block in zip(conversation.origins[message], _content(conversation, message), strict=True):
            if origin is not None and (is_served(block) or block.get("citations")):
                whole = Origin(origin.entry, SERVED)
                found[whole] = Outside(whole, None, block, "part from the web of an earlier answer", "")
    return list(found.values())


def may_be(outside: Outside, kinds: Collection[BlockKind]) -> bool:
    """True if it is of one of these kinds, by its media type; a page that was fetched may be a document."""
    block = outside.block
    is_picture = block["type"] == MEDIA and block.get("mediaType") in PICTURES
    is_document = block["type"] == "web_fetch_tool_result" or block.get("mediaType") == PDF
    return (is_picture and "picture" in kinds) or (is_document and "document" in kinds)


def _part(
    conversation: Conversation, origin: Origin, result: ApiBlock, inner: int, part: ApiBlock
) -> Outside:
    return _media(origin, inner, part) or Outside(
        origin, inner, part, f"part of the result of {_tool(conversation, result)}", ""
    )


def _media(origin: Origin, inner: int | None, block: ApiBlock) -> Outside | None:
    if block["type"] != MEDIA:
        return None
    kind = block.get("mediaType")
    what = "picture" if kind in PICTURES else "document" if kind == PDF else "file"
    return Outside(origin, inner, block, what, _shown(block.get("name") or block.get("path")))


def _server_result(origin: Origin, block: ApiBlock) -> Outside | None:
    if not is_server_result(block):
        return None
    content = block.get("content")
    url = cast("dict[str, object]", content).get("url") if isinstance(content, dict) else None
    what = "web page" if block["type"] == "web_fetch_tool_result" else "result of a search of the web"
    return Outside(origin, None, block, what, _shown(url))


def _tool(conversation: Conversation, result: ApiBlock) -> str:
    """The name of the tool whose result it is."""
    for message in range(len(conversation.messages)):
        for block in _content(conversation, message):
            if block["type"] == "tool_use" and block["id"] == result["tool_use_id"]:
                return str(block["name"])
    return "a tool"


def _parts(result: ApiBlock) -> list[ApiBlock]:
    return result_blocks(result) if isinstance(result.get("content"), list) else []


def _content(conversation: Conversation, message: int) -> list[ApiBlock]:
    return cast("list[ApiBlock]", conversation.messages[message]["content"])


def _shown(name: object) -> str:
    """The name on one line, and not too long."""
    return " ".join(str(name or "").split())[:NAME_LIMIT]
