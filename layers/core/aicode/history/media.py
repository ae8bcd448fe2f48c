"""Blocks that stand for a picture, a document or a text: what it is and where its bytes are, never the bytes.

They are made into blocks of the Messages API when Claude is asked.
"""

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
_BYTES_PER_TOKEN = 4


def attachment_media(attachment: Attachment) -> ApiBlock:
    """The block of an upload that the vendor's message refers to; it has its `uploadId`."""
    return {"type": MEDIA, **attachment}


def file_media(file: FileInfo, sha256: str) -> ApiBlock:
    """The block of a binary file of the app, as a tool shows it; it has its `path` and `version`."""
    about = {name: file[name] for name in ("path", "version", "size", "width", "height") if name in file}
    return {"type": MEDIA, **about, "mediaType": file.get("mediaType", ""), "sha256": sha256}


def media_tokens(block: ApiBlock) -> int:
    """An estimate of the tokens of such a block, rather too high."""
    kind = block["mediaType"]
    if kind in PICTURES:
        pixels = int(str(block.get("width", 0))) * int(str(block.get("height", 0)))
        return min(_PICTURE_TOKENS, pixels // _PIXELS_PER_TOKEN + 1) if pixels else _PICTURE_TOKENS
    if kind == PDF:
        return int(str(block.get("pages", 1))) * _PAGE_TOKENS
    return int(str(block.get("size", 0))) // _BYTES_PER_TOKEN
