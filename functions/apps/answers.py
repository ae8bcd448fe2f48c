"""Answers that are sent piece by piece, because they can be larger than a buffered answer may be."""

import io
import time
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from aicode.api_types import File, FileDiff, FileInfo
from aicode.file_store.paths import exported_path
from aicode.http import API_HEADERS, JSON_HEADERS, Response, json_bytes

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# The years that a zip archive can tell: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.6
_FIRST_YEAR, _LAST_YEAR = 1980, 2107


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


def zip_response(name: str, files: AsyncIterator[File]) -> Response:
    """A download of files and their contents as `<name>.zip`, each sent as soon as it is there."""

    async def body() -> AsyncIterator[bytes]:
        sink = _Sink()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            async for file in files:
                archive.writestr(_entry(file), file["content"])
                yield sink.take()
        yield sink.take()

    full_name = quote(f"{name}.zip", safe="")
    headers = {
        **API_HEADERS,
        "content-type": "application/zip",
        "content-disposition": f"attachment; filename=\"app.zip\"; filename*=UTF-8''{full_name}",
    }
    return Response(200, headers, body())


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
