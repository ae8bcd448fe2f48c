"""What is taken as an upload, and how much of it. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from aicode.errors import InvalidRequest, TooLarge
from aicode.http import one_line
from aicode.media import PDF, PICTURES, SHOWN, is_text
from aicode.uploads.record import Record

MEGABYTE = 1024 * 1024
# https://platform.claude.com/docs/en/build-with-claude/vision and .../pdf-support
PICTURE_BYTES = 5 * MEGABYTE
PICTURE_SIDE = 8_000
PDF_BYTES = 10 * MEGABYTE
PDF_PAGES = 100
TEXT_BYTES = MEGABYTE
MOST_BYTES = max(PICTURE_BYTES, PDF_BYTES, TEXT_BYTES)
ATTACHMENTS = 10
NAME_LENGTH = 200
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
# https://www.rfc-editor.org/rfc/rfc6838#section-4.2
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What one vendor may have at a time: those that wait, and those that sessions refer to."""

    uploads: int = 500
    size: int = 500_000_000


def file_name(name: str) -> str:
    """The name without characters that are not seen, such as those that turn the text around.

    Raises InvalidRequest unless it is one line of 1 to NAME_LENGTH characters, and names no folder.
    """
    seen = "".join(char for char in name if char == _JOINER or unicodedata.category(char) != "Cf")
    if "/" in seen or "\\" in seen or seen.strip() in {".", ".."}:
        raise InvalidRequest("`name` must be a file's name, without folders.")
    return one_line(seen, "name", NAME_LENGTH)


def taken_type(media_type: str) -> str:
    """The type in lower case; raises InvalidRequest for one that is not taken."""
    lower = media_type.lower()
    if lower in SHOWN or (_MEDIA_TYPE.fullmatch(lower) and is_text(lower)):
        return lower
    raise InvalidRequest(
        "Files of this type are not taken: PNG, JPEG, GIF and WebP pictures, PDF and text are."
    )


def check_size(media_type: str, size: int) -> None:
    """Raises InvalidRequest for an empty file, and TooLarge beyond the type's limit."""
    if size == 0:
        raise InvalidRequest("The file is empty.")
    kind, limit = _kind(media_type)
    if size > limit:
        raise TooLarge(f"The file is too large: {kind} may have {limit // MEGABYTE} MB.")


def digest(sha256: str) -> str:
    """The SHA-256 in lower case; raises InvalidRequest for what is none."""
    if not _SHA256.fullmatch(sha256):
        raise InvalidRequest("`sha256` must be the file's SHA-256 in 64 hexadecimal digits.")
    return sha256.lower()


def check_quota(quota: Quota, size: int, now: int, kept: Iterable[Record]) -> None:
    """Raises TooLarge if a vendor who has these can have no other upload of this size."""
    sizes = [record.size for record in kept if record.keep_until > now]
    if len(sizes) >= quota.uploads or sum(sizes) + size > quota.size:
        raise TooLarge(
            f"You have as many uploads as are possible: {quota.uploads}, and {quota.size // 1_000_000} MB in "
            "all. Those that no session refers to are removed after a day."
        )


def _kind(media_type: str) -> tuple[str, int]:
    if media_type in PICTURES:
        return "a picture", PICTURE_BYTES
    if media_type == PDF:
        return "a PDF", PDF_BYTES
    return "a text", TEXT_BYTES
