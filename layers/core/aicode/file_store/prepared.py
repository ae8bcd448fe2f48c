"""Checks each change of a commit by itself: normalises its path, describes its content. Pure."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from aicode.errors import InvalidRequest, TooLarge
from aicode.file_store.line_diff import count_lines
from aicode.file_store.paths import named_path, normalise_path
from aicode.file_store.store import Change, Move, Put, Remove

FILE_BYTES = 1_000_000

Read = Callable[[Collection[str]], Mapping[str, str]]
"""Gives texts by SHA-256."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A content by its SHA-256; `size` is in bytes of UTF-8. With `lines` a deletion need not read it."""

    sha: str
    size: int
    lines: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Changes with normalised paths, and their contents and texts by SHA-256."""

    changes: Sequence[Change]
    blobs: Mapping[str, Blob]
    texts: Mapping[str, str]

    def reader(self, stored: Read) -> Read:
        """A Read that gives these texts, and gets all others from `stored`."""

        def read(shas: Collection[str]) -> Mapping[str, str]:
            known = {sha: self.texts[sha] for sha in shas if sha in self.texts}
            rest = set(shas) - known.keys()
            return {**known, **stored(rest)} if rest else known

        return read


def prepare(changes: Sequence[Change]) -> Prepared:
    """The checked changes; raises InvalidRequest or TooLarge."""
    blobs: dict[str, Blob] = {}
    texts: dict[str, str] = {}
    checked: list[Change] = []
    for change in changes:
        makes_file = isinstance(change, Put) and change.base_version == 0
        path = normalise_path(change.path) if makes_file else named_path(change.path)
        match change:
            case Put():
                blob = describe(change.content)
                blobs[blob.sha], texts[blob.sha] = blob, change.content
                checked.append(Put(path, blob.sha, change.base_version, change.tool_id))
            case Remove():
                checked.append(Remove(path, change.base_version, change.tool_id))
            case Move():
                new_path = normalise_path(change.new_path)
                if new_path == path:
                    raise InvalidRequest("The new path is the old one.")
                checked.append(Move(path, new_path, change.base_version, change.tool_id))
    return Prepared(checked, blobs, texts)


def describe(content: str) -> Blob:
    """The Blob of a content; raises InvalidRequest for NUL or half a surrogate pair, TooLarge."""
    if "\0" in content:
        raise InvalidRequest("A file is text without NUL characters.")
    try:
        data = content.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("The content holds half of a surrogate pair.") from error
    if len(data) > FILE_BYTES:
        raise TooLarge(f"A file has at most {FILE_BYTES:,} bytes.")
    return Blob(hashlib.sha256(data).hexdigest(), len(data), count_lines(content))
