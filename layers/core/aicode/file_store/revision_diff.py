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
    def shas(self) -> set[str]:
        return {blob.sha for blob in (self.old, self.new) if blob}

    @property
    def size(self) -> int:
        return sum(blob.size for blob in (self.old, self.new) if blob)


async def compare(
    before: Mapping[str, Row],
    after: Mapping[str, Row],
    read: Callable[[Collection[str]], Awaitable[Mapping[str, str]]],
) -> AsyncIterator[FileDiff]:
    """The diffs, sorted by path; `read` gives texts by SHA-256, and is called for a few files at a time."""
    paths = sorted(before.keys() | after.keys())
    found = [_Difference(path, _blob(before, path), _blob(after, path)) for path in paths]
    for portion in portions([each for each in found if each.old != each.new], lambda each: each.size):
        texts = await read({sha for each in portion for sha in each.shas})
        for each in portion:
            yield await asyncio.to_thread(_diff, each, texts)


def _diff(difference: _Difference, texts: Mapping[str, str]) -> FileDiff:
    path, old, new = difference.path, difference.old, difference.new
    action = "created" if old is None else "deleted" if new is None else "edited"
    diff = unified(old and texts[old.sha], new and texts[new.sha], path, path)
    return FileDiff(path=path, action=action, diff=diff)


def _blob(rows: Mapping[str, Row], path: str) -> Blob | None:
    return rows[path].blob if path in rows else None
