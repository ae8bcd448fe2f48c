"""What the API demands of pictures and documents, by their bytes.

Limits after https://platform.claude.com/docs/en/build-with-claude/vision and
https://platform.claude.com/docs/en/build-with-claude/pdf-support; the sentences are the API's own where they
are known from public reports.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from aicode.media import PDF, PICTURES, Media, media_of
from dev.claude.api_error import ApiError, invalid
from dev.claude.files import Files
from dev.claude.shape import is_list, is_object

_IMAGE_LIMIT = 5 * 1024 * 1024
_SIDE_LIMIT = 8_000
_MANY_IMAGES = 20
_SIDE_LIMIT_OF_MANY = 2_000
_MEDIA_LIMIT = 100
_PAGE_LIMIT = 100
_SOURCES = {
    "image": ("base64", "url", "file"),
    "document": ("base64", "text", "content", "url", "file"),
}
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


class _Placed(NamedTuple):
    place: str
    kind: str
    source: dict[str, Any]


class _Image(NamedTuple):
    place: str
    found: Media


def check_media(messages: list[Any], files: Files) -> None:
    """Raises ApiError where the API would refuse a picture or document of this conversation."""
    blocks = list(_blocks(messages))
    images: list[_Image] = []
    for block in blocks:
        _check_source(block)
        data = _bytes(block, files)
        if block.kind == "image":
            images.append(_Image(block.place, _checked_image(block, data)))
        elif data is not None:
            _check_document(block, data)
    if len(blocks) > _MEDIA_LIMIT:
        raise invalid(
            f"Too many images and documents: {len(images)} + {len(blocks) - len(images)} > {_MEDIA_LIMIT}"
        )
    if len(images) > _MANY_IMAGES:
        _check_sides(images, _SIDE_LIMIT_OF_MANY, " for many-image requests")
    _check_sides(images, _SIDE_LIMIT, "")


def _blocks(messages: list[Any]) -> Iterator[_Placed]:
    for n, message in enumerate(messages):
        yield from _within(f"messages.{n}", message["content"])


def _within(place: str, content: Any) -> Iterator[_Placed]:
    for n, block in enumerate(content if is_list(content) else []):
        at = f"{place}.content.{n}"
        if block["type"] in _SOURCES:
            yield _Placed(at, block["type"], block.get("source"))
        elif block["type"] == "tool_result":
            yield from _within(f"{at}.tool_result", block.get("content"))


def _check_source(block: _Placed) -> None:
    at = f"{block.place}.{block.kind}.source"
    if not is_object(block.source):
        raise invalid(f"{at}: Field required")
    kind, expected = block.source.get("type"), _SOURCES[block.kind]
    if kind not in expected:
        raise invalid(
            f"{at}: Input tag '{kind}' found using 'type' does not match any of the expected tags: "
            f"{', '.join(map(repr, expected))}"
        )
    if kind == "base64" and block.kind == "image" and block.source.get("media_type") not in PICTURES:
        raise invalid(
            f"{at}.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
        )
    if kind == "base64" and block.kind == "document" and block.source.get("media_type") != PDF:
        raise invalid(f"{at}.base64.media_type: Input should be 'application/pdf'")


def _bytes(block: _Placed, files: Files) -> bytes | None:
    """What the block shows; None for what is no bytes of ours: a text, or a page elsewhere."""
    kind = block.source["type"]
    if kind == "file":
        return files.find(block.source.get("file_id")).data
    if kind != "base64":
        return None
    try:
        return base64.b64decode(block.source["data"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise invalid(f"{block.place}.{block.kind}.source.base64: invalid base64 data") from None


def _checked_image(block: _Placed, data: bytes | None) -> Media:
    if data is None:
        return Media("")
    at, declared = f"{block.place}.image.source.{block.source['type']}", block.source.get("media_type")
    size = len(block.source.get("data", ""))
    if size > _IMAGE_LIMIT:
        raise invalid(f"{at}: image exceeds 5 MB maximum: {size} bytes > {_IMAGE_LIMIT} bytes")
    found = media_of(data)
    if found.type not in PICTURES:
        raise invalid(f"{at}.data: Could not process image")
    if declared not in (None, found.type):
        raise invalid(f"{at}.data: Image does not match the provided media type {declared}")
    return found


def _check_sides(images: list[_Image], limit: int, where: str) -> None:
    over = [image.place for image in images if max(image.found.width, image.found.height) > limit]
    if over:
        raise ApiError(
            400,
            f"{over[0]}.image.source.base64.data: At least one of the image dimensions exceed max allowed "
            f"size{where}: {limit} pixels",
            {
                "error_code": "image_dimensions_too_large",
                "max_side_length_pixels": limit,
                "paths": [place.replace(".tool_result", "") for place in over],
            },
        )


def _check_document(block: _Placed, data: bytes) -> None:
    at = f"{block.place}.pdf.source.base64.data"
    if media_of(data).type != PDF:
        raise invalid(f"{at}: The PDF specified was not valid.")
    if b"/Encrypt" in data:
        raise invalid(f"{at}: The PDF specified is password protected.")
    if len(_PAGE.findall(data)) > _PAGE_LIMIT:
        raise invalid(f"{at}: A maximum of {_PAGE_LIMIT} PDF pages may be provided.")
