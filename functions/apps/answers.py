"""Answers that are sent piece by piece, because they can be larger than a buffered answer may be."""

import io
import re
import time
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from aicode.api_types import FileDiff, FileInfo
from aicode.file_store.paths import exported_path
from aicode.file_store.store import RawFile
from aicode.http import API_HEADERS, JSON_HEADERS, Response, json_bytes
from aicode.media import UNKNOWN, is_inert, is_text

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# The years that a zip archive can tell: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.6
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
_PIECE_BYTES = 256 * 1024
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


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


def zip_response(name: str, files: AsyncIterator[RawFile]) -> Response:
    """A download of files and their contents as `<name>.zip`, each sent as soon as it is there."""

    async def body() -> AsyncIterator[bytes]:
        sink = _Sink()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            async for file in files:
                archive.writestr(_entry(file.info), file.data)
                yield sink.take()
        yield sink.take()

    return Response(200, _download(f"{name}.zip", "application/zip"), body())


def raw_response(name: str, media_type: str, data: bytes) -> Response:
    """A download of these bytes as a file of this name; nothing that a vendor stored runs as our page.

    What a browser could run, such as HTML, SVG or a script, has the type of plain text.
    """
    if is_text(media_type):
        told = "text/plain; charset=utf-8"
    else:
        told = media_type if is_inert(media_type) else UNKNOWN
    policy = f"sandbox; {API_HEADERS['content-security-policy']}"
    return Response(200, {**_download(name, told), "content-security-policy": policy}, _pieces(data))


def _download(name: str, content_type: str) -> dict[str, str]:
    """The headers of a download: the name in full, and for old clients what ASCII has of it.

    https://www.rfc-editor.org/rfc/rfc6266#section-4.3
    """
    plain = _NOT_PLAIN.sub("_", name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {**API_HEADERS, "content-type": content_type, "content-disposition": disposition}


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _PIECE_BYTES):
        yield data[start : start + _PIECE_BYTES]


class _Sink(io.RawIOBase):
    """Where the archive is written to; it cannot seek, so entries carry their sizes behind them."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: "ReadableBuffer", /) -> int:
        """Keeps what the archive writes."""
        before = len(self._written)
        self._written += data
        return len(self._written) - before

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _entry(file: FileInfo) -> zipfile.ZipInfo:
    moment = time.gmtime(file["updatedAt"] / 1000)
    year = min(max(moment.tm_year, _FIRST_YEAR), _LAST_YEAR)
    entry = zipfile.ZipInfo(exported_path(file["path"]), (year, *moment[1:6]))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    return entry
