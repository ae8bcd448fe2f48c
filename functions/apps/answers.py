"""Answers that are sent piece by piece, because they can be larger than a buffered answer may be."""

from collections.abc import AsyncIterator, Mapping

from aicode.api_types import FileDiff, FileInfo
from aicode.http import API_HEADERS, JSON_HEADERS, Response, download_headers, json_bytes
from aicode.media import UNKNOWN, is_inert, is_text

_PIECE_BYTES = 256 * 1024


def diff_response(files: AsyncIterator[FileDiff]) -> Response:
    """`{success, files}`, each file sent as soon as it is there."""
    return Response(200, JSON_HEADERS, _files_last({"success": True}, files))


def listing_response(head: Mapping[str, object], files: AsyncIterator[FileInfo]) -> Response:
    """`{...head, files}`, each file sent as soon as it is there."""
    return Response(200, JSON_HEADERS, _files_last(head, files))


async def _files_last(
    members: Mapping[str, object], files: AsyncIterator[Mapping[str, object]]
) -> AsyncIterator[bytes]:
    yield json_bytes(members)[:-1] + b',"files":['
    comma = b""
    async for file in files:
        yield comma + json_bytes(file)
        comma = b","
    yield b"]}"


def raw_response(name: str, media_type: str, data: bytes) -> Response:
    """A download of these bytes as a file of this name; nothing that a vendor stored runs as our page.

    What a browser could run, such as HTML, SVG or a script, has the type of plain text.
    """
    if is_text(media_type):
        told = "text/plain; charset=utf-8"
    else:
        told = media_type if is_inert(media_type) else UNKNOWN
    policy = f"sandbox; {API_HEADERS['content-security-policy']}"
    return Response(200, {**download_headers(name, told), "content-security-policy": policy}, _pieces(data))


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _PIECE_BYTES):
        yield data[start : start + _PIECE_BYTES]
