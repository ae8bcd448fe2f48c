"""What is told of a file, with and without its content. Pure."""

from collections.abc import Collection, Iterable, Mapping

from aicode.api_types import File, FileInfo
from aicode.file_store.paths import named_path
from aicode.file_store.plan import Row
from aicode.file_store.prepared import Blob
from aicode.file_store.store import Changed, RawFile
from aicode.media import Media

Present = tuple[Row, Blob]
"""A path at a version at which it is a file, and its content."""


def present(rows: Iterable[Row]) -> list[Present]:
    """The rows that are no tombstones, with their contents, sorted by path."""
    return sorted(((row, row.blob) for row in rows if row.blob), key=lambda found: found[0].path)


def named_rows(rows: Mapping[str, Row], paths: Iterable[str]) -> list[Row]:
    """Those of these rows that are named, each once."""
    names = {named_path(path) for path in paths}
    return [row for path, row in rows.items() if path in names]


def shas_of_texts(found: Collection[Present]) -> list[str]:
    """The SHA-256 of each text among these files: what `with_text` needs."""
    return [blob.sha for _, blob in found if blob.media is None]


def info_of(row: Row, blob: Blob) -> FileInfo:
    """The file without its content."""
    return _info(row.path, row.version, blob.size, row.updated_at, blob.media)


def changed_info(change: Changed) -> FileInfo:
    """The file as a commit left it, without its content."""
    return _info(change.path, change.version, change.size, change.updated_at, change.media)


def with_text(row: Row, blob: Blob, contents: Mapping[str, bytes]) -> File:
    """The file with its text, which is among these contents by SHA-256; a binary file without its content."""
    if blob.media is not None:
        return File(**info_of(row, blob))
    return File(**info_of(row, blob), content=contents[blob.sha].decode())


def with_bytes(row: Row, blob: Blob, contents: Mapping[str, bytes]) -> RawFile:
    """The file with its bytes, which are among these contents by SHA-256."""
    return RawFile(info_of(row, blob), contents[blob.sha])


def _info(path: str, version: int, size: int, updated_at: int, media: Media | None) -> FileInfo:
    info = FileInfo(path=path, version=version, size=size, updatedAt=updated_at)
    if media is not None:
        info["binary"], info["mediaType"] = True, media.type
        if media.width and media.height:
            info["width"], info["height"] = media.width, media.height
    return info
