"""Blocks that stand for a picture, a document or a text: what it is and where its bytes are, never the bytes.

They are made into blocks of the Messages API when Claude is asked.
"""

from typing import cast

from aicode.api_types import Attachment, FileInfo
from aicode.history.records import ApiBlock
from aicode.media import PDF, PICTURES

MEDIA = "media"
# What the API counts of a picture: pixels / 750, after it has scaled it to 1,568 pixels and 1.15 megapixels.
# https://platform.claude.com/docs/en/build-with-claude/vision#evaluate-image-size
_PIXELS_PER_TOKEN = 750
_PICTURE_TOKENS = 1_600
# 1,500 to 3,000 of text, and each page as a picture:
# https://platform.claude.com/docs/en/build-with-claude/pdf-support#estimate-your-costs
_PAGE_TOKENS = 3_000
# As of all that is only estimated (`usage`).
_BYTES_PER_TOKEN = 3
# What a longer text is: a sentence that names the file in which Claude reads it.
_SENTENCE_TOKENS = 100
# In bytes. A longer text is not sent with the message.
INLINE_TEXT_LIMIT = 200_000


def attachment_media(attachment: Attachment) -> ApiBlock:
    """The block of an upload that the vendor's message refers to; it has its `uploadId`."""
    return {"type": MEDIA, **attachment}


def file_media(file: FileInfo, sha256: str) -> ApiBlock:
    """The block of a binary file of the app, as a tool shows it; it has its `path` and `version`."""
    known = cast("ApiBlock", file)
    about = {name: known[name] for name in ("path", "version", "size", "width", "height") if name in known}
    return {"type": MEDIA, **about, "mediaType": file.get("mediaType", ""), "sha256": sha256}


def media_tokens(block: ApiBlock) -> int:
    """An estimate of the tokens of such a block, rather too high."""
    kind = block["mediaType"]
    if kind in PICTURES:
        pixels = int(str(block.get("width", 0))) * int(str(block.get("height", 0)))
        return min(_PICTURE_TOKENS, pixels // _PIXELS_PER_TOKEN + 1) if pixels else _PICTURE_TOKENS
    if kind == PDF:
        return int(str(block.get("pages", 1))) * _PAGE_TOKENS
    size = int(str(block.get("size", 0)))
    return size // _BYTES_PER_TOKEN + 1 if size <= INLINE_TEXT_LIMIT else _SENTENCE_TOKENS


def media_text(block: ApiBlock) -> str:
    """Such a block in words, for where only a text can stand: `[picture "x.png", 512x512]`."""
    name, kind = " ".join(str(block.get("name") or block.get("path")).split()), block["mediaType"]
    if kind in PICTURES:
        pixels = f", {block['width']}x{block['height']}" if block.get("width") else ""
        return f'[picture "{name}"{pixels}]'
    if kind == PDF:
        pages = f", {block['pages']} pages" if block.get("pages") else ""
        return f'[document "{name}"{pages}]'
    return f'[file "{name}", {block.get("size", 0):,} bytes]'


def without_media(part: object) -> tuple[object, int]:
    """The JSON value without the blocks in it that stand for media, and the tokens of those."""
    if isinstance(part, dict):
        block = cast("ApiBlock", part)
        if block.get("type") == MEDIA:
            return None, media_tokens(block)
        members = {name: without_media(value) for name, value in block.items()}
        return {name: bare for name, (bare, _) in members.items()}, sum(t for _, t in members.values())
    if isinstance(part, list):
        parts = [without_media(each) for each in cast("list[object]", part)]
        return [bare for bare, _ in parts], sum(tokens for _, tokens in parts)
    return part, 0
