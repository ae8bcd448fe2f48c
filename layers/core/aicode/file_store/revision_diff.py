"""Compares two states of an app, file by file while the answer is sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from aicode.api_types import FileDiff
from aicode.file_store.line_diff import unified
from aicode.file_store.plan import Row
from aicode.file_store.portions import portions
from aicode.file_store.prepared import Blob


@dataclass(frozen=True, slots=True)
class _Difference:
    """A path with its old and its new content; None = no file."""

    path: str
    old: Blob | None
    new: Blob | None

    @property
    def blobs(self) -> list[Blob]:
        return [blob for blob in (self.old, self.new) if blob]

    @property
    def is_binary(self) -> bool:
        return any(blob.media for blob in self.blobs)

    @property
    def to_read(self) -> list[Blob]:
        return [] if self.is_binary else self.blobs


async def compare(
    before: Mapping[str, Row],
    after: Mapping[str, Row],
    read: Callable[[Collection[str]], Awaitable[Mapping[str, bytes]]],
) -> AsyncIterator[FileDiff]:
    """The diffs, sorted by path; `read` gives contents by SHA-256, and is called for a few texts at once."""
    paths = sorted(before.keys() | after.keys())
    found = [_Difference(path, _blob(before, path), _blob(after, path)) for path in paths]
    differing = [each for each in found if each.old != each.new]
    for portion in portions(differing, lambda each: sum(blob.size for blob in each.to_read)):
        contents = await read({blob.sha for each in portion for blob in each.to_read})
        for each in portion:
            yield await asyncio.to_thread(_diff, each, contents)


def _diff(difference: _Difference, contents: Mapping[str, bytes]) -> FileDiff:
    path, old, new = difference.path, difference.old, difference.new
    diff = FileDiff(path=path, action="created" if old is None else "deleted" if new is None else "edited")
    if difference.is_binary:
        diff["binary"] = True
        diff["sizeBefore"], diff["sizeAfter"] = old.size if old else 0, new.size if new else 0
        latest = new or old
        media = latest.media if latest else None
        if media is not None:
            diff["mediaType"] = media.type
            if media.width and media.height:
                diff["width"], diff["height"] = media.width, media.height
    else:
        before, after = (blob and contents[blob.sha].decode() for blob in (old, new))
        diff["diff"] = unified(before, after, path, path)
    return diff


def _blob(rows: Mapping[str, Row], path: str) -> Blob | None:
    return rows[path].blob if path in rows else None
