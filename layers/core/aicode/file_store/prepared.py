"""Checks each change of a commit by itself: normalises its path, describes its content. Pure."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from aicode.errors import InvalidRequest, TooLarge
from aicode.file_store.binary import binary_media
from aicode.file_store.line_diff import count_lines
from aicode.file_store.paths import named_path, normalise_path
from aicode.file_store.store import Change, Move, Put, Remove
from aicode.media import Media

FILE_BYTES = 1_000_000

Read = Callable[[Collection[str]], Mapping[str, bytes]]
"""Gives contents by SHA-256, those of texts in UTF-8."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A content by its SHA-256; `size` is in bytes, of text in UTF-8.

    With `lines` a deletion need not read it. `media` is what a binary content is, which has no lines; None
    for a text.
    """

    sha: str
    size: int
    lines: int
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A Put whose content is described."""

    path: str
    blob: Blob
    base_version: int
    tool_id: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Changes with normalised paths, and the contents that they write by SHA-256."""

    changes: Sequence[Write | Remove | Move]
    contents: Mapping[str, bytes]

    def reader(self, stored: Read) -> Read:
        """A Read that gives these contents, and gets all others from `stored`."""

        def read(shas: Collection[str]) -> Mapping[str, bytes]:
            known = {sha: self.contents[sha] for sha in shas if sha in self.contents}
            rest = set(shas) - known.keys()
            return {**known, **stored(rest)} if rest else known

        return read


def prepare(changes: Sequence[Change]) -> Prepared:
    """The checked changes; raises InvalidRequest or TooLarge."""
    contents: dict[str, bytes] = {}
    checked: list[Write | Remove | Move] = []
    for change in changes:
        makes_file = isinstance(change, Put) and change.base_version == 0
        path = normalise_path(change.path) if makes_file else named_path(change.path)
        match change:
            case Put():
                blob, data = _described(change.content, change.media_type)
                contents[blob.sha] = data
                checked.append(Write(path, blob, change.base_version, change.tool_id))
            case Remove():
                checked.append(Remove(path, change.base_version, change.tool_id))
            case Move():
                new_path = normalise_path(change.new_path)
                if new_path == path:
                    raise InvalidRequest("The new path is the old one.")
                checked.append(Move(path, new_path, change.base_version, change.tool_id))
    return Prepared(checked, contents)


def describe(content: str | bytes, media_type: str = "") -> Blob:
    """The Blob of a content, of which bytes may come with a media type; see `binary_media`.

    Raises InvalidRequest for NUL or half a surrogate pair in a text, and for a type that cannot be; TooLarge.
    """
    return _described(content, media_type)[0]


def _described(content: str | bytes, media_type: str) -> tuple[Blob, bytes]:
    data = content if isinstance(content, bytes) else _encoded(content)
    if len(data) > FILE_BYTES:
        raise TooLarge(f"A file has at most {FILE_BYTES:,} bytes.")
    media = binary_media(data, media_type) if isinstance(content, bytes) else None
    lines = 0 if media else count_lines(data.decode())
    return Blob(hashlib.sha256(data).hexdigest(), len(data), lines, media), data


def _encoded(text: str) -> bytes:
    if "\0" in text:
        raise InvalidRequest("A text has no NUL characters.")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("The content holds half of a surrogate pair.") from error
