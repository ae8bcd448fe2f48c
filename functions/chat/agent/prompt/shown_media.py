"""Makes blocks of the Messages API out of those that stand for media, within a request's limits. Pure.

What is left out is a sentence in its place. What that is depends on the conversation alone, and on the form
in which each medium is sent, so that each request begins with the bytes of the one before. They change where
room has to be made, which is done for several media at once, so that it seldom happens; and in a session
that goes on for longer than SESSION_TTL_SECONDS, where each form is chosen anew after that time, because the
file that an id names ends too.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from aicode.history import INLINE_TEXT_LIMIT, MEDIA, ApiBlock, media_text, text_block
from aicode.media import PICTURES, SHOWN
from chat.agent.sections import FILE_CONTENTS, section, taken_apart
from chat.agent.tools import text_path

# https://platform.claude.com/docs/en/build-with-claude/vision#general-limits
MEDIA_LIMIT = 100
# Of all documents together: "A maximum of 600 PDF pages may be provided."
PAGES_LIMIT = 600
MANY_PICTURES = 20
SIDE_LIMIT_OF_MANY = 2_000
BASE64_LIMIT = 5 * 1024 * 1024
# In characters of base64. A request may have 32 MB, and there is the conversation beside it.
INLINE_LIMIT = 24_000_000
# In bytes of texts that were attached; more of them would fill the model's window.
TEXTS_LIMIT = 400_000
TITLE_LIMIT = 200
GONE = "no longer kept. If it is needed, the vendor can attach it again"
TOO_MANY = "left out, because newer ones need the room. Use read_file to see it again"
TOO_LARGE = "too large to be shown"
_MANY = (
    f"left out: among more than {MANY_PICTURES} pictures, none may have more than {SIDE_LIMIT_OF_MANY:,} "
    "pixels a side"
)

LeftOut = dict[int, str]
"""Why a medium is left out, by its number among all those of the conversation, from 0."""


def media_in(messages: Iterable[Mapping[str, object]]) -> list[ApiBlock]:
    """The blocks that stand for media, those in results of tools too, in their order."""
    return [block for message in messages for block in _media_in(message["content"])]


def _media_in(content: object) -> Iterator[ApiBlock]:
    for block in cast("list[ApiBlock]", content) if isinstance(content, list) else ():
        if block["type"] == MEDIA:
            yield block
        elif block["type"] == "tool_result":
            yield from _media_in(block.get("content"))


def is_text(block: ApiBlock) -> bool:
    """True for a medium that Claude is sent as text."""
    return block["mediaType"] not in SHOWN


def left_out(blocks: Sequence[ApiBlock]) -> LeftOut:
    """What is left out of these, all media of a conversation, in whatever form the others are sent."""
    out: LeftOut = {}
    texts = {n: _number(block, "size") for n, block in enumerate(blocks) if is_text(block)}
    for n, size in texts.items():
        if size > INLINE_TEXT_LIMIT:
            out[n] = _readable(blocks[n])
    short = {n: size for n, size in texts.items() if n not in out}
    out |= {n: _readable(blocks[n]) for n in _oldest(short, TEXTS_LIMIT)}
    shown = {n: 1 for n in range(len(blocks)) if n not in texts}
    out |= dict.fromkeys(_oldest(shown, MEDIA_LIMIT), TOO_MANY)
    pages = {n: _number(blocks[n], "pages") for n in shown if n not in out}
    out |= dict.fromkeys(_oldest(pages, PAGES_LIMIT), TOO_MANY)
    pictures = [n for n in shown if n not in out and blocks[n]["mediaType"] in PICTURES]
    if len(pictures) > MANY_PICTURES:
        large = [n for n in pictures if max(_sides(blocks[n])) > SIDE_LIMIT_OF_MANY]
        out |= dict.fromkeys(large, _MANY)
    return out


def left_out_inline(blocks: Sequence[ApiBlock], inline: Iterable[int]) -> LeftOut:
    """What is left out of those media which are to be sent as base64, the numbers of which are given."""
    sizes = {n: 4 * (-(-_number(blocks[n], "size") // 3)) for n in inline}
    large = [n for n in sizes if sizes[n] > BASE64_LIMIT and blocks[n]["mediaType"] in PICTURES]
    rest = {n: size for n, size in sizes.items() if n not in large}
    return {**dict.fromkeys(large, TOO_LARGE), **dict.fromkeys(_oldest(rest, INLINE_LIMIT), TOO_MANY)}


def _oldest(sizes: Mapping[int, int], limit: int) -> list[int]:
    """The first of them, until the others are within the limit; a quarter of the limit at a time."""
    step = limit // 4
    excess = -(-max(0, sum(sizes.values()) - limit) // step) * step
    found: list[int] = []
    for n, size in sizes.items():
        if excess <= 0:
            break
        found.append(n)
        excess -= size
    return found


def with_shown(
    messages: Sequence[Mapping[str, object]], shown: Iterable[ApiBlock]
) -> list[dict[str, object]]:
    """The messages with these blocks in the places of the media, in their order."""
    rest = iter(shown)
    return [{**message, "content": _with_shown(message["content"], rest)} for message in messages]


def _with_shown(content: object, rest: Iterator[ApiBlock]) -> object:
    if not isinstance(content, list):
        return content
    found: list[ApiBlock] = []
    for block in cast("list[ApiBlock]", content):
        if block["type"] == MEDIA:
            mark = {"cache_control": block["cache_control"]} if "cache_control" in block else {}
            found.append({**next(rest), **mark})
        elif block["type"] == "tool_result":
            found.append({**block, "content": _with_shown(block.get("content"), rest)})
        else:
            found.append(block)
    return found


def sentence(block: ApiBlock, why: str) -> ApiBlock:
    """What stands in the place of a medium that is left out."""
    return text_block(taken_apart(f"[{media_text(block)[1:-1]}: {why}]"))


def by_file_id(block: ApiBlock, file_id: str) -> ApiBlock:
    """A picture or document that the Files API has."""
    return _shown(block, {"type": "file", "file_id": file_id})


def by_bytes(block: ApiBlock, data: bytes) -> ApiBlock:
    """A medium with its bytes: a picture or document as base64, a text as a section of data."""
    if is_text(block):
        text = data.decode("utf-8", "replace")
        return text_block(f"{taken_apart(_name(block))}:\n{section(FILE_CONTENTS, text or '(empty)')}")
    encoded = base64.b64encode(data).decode("ascii")
    return _shown(block, {"type": "base64", "media_type": block["mediaType"], "data": encoded})


def _shown(block: ApiBlock, source: ApiBlock) -> ApiBlock:
    if block["mediaType"] in PICTURES:
        return {"type": "image", "source": source}
    return {"type": "document", "source": source, "title": _name(block)[:TITLE_LIMIT]}


def _readable(block: ApiBlock) -> str:
    path = text_path(str(block.get("uploadId")), str(block.get("name")))
    return f"not shown here for its size. Use read_file and search_files on {path}"


def _name(block: ApiBlock) -> str:
    return " ".join(str(block.get("name") or block.get("path")).split())


def _sides(block: ApiBlock) -> tuple[int, int]:
    return _number(block, "width"), _number(block, "height")


def _number(block: ApiBlock, name: str) -> int:
    value = block.get(name, 0)
    return value if isinstance(value, int) else 0
