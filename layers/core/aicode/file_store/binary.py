"""Tells a binary file from a text, and what a binary file is. Pure."""

import re

from aicode.errors import InvalidRequest
from aicode.media import SHOWN, UNKNOWN, Media, is_inert, is_text, media_of

TYPE_LENGTH = 100
# A type and its subtype, and parameters, which say nothing here:
# https://www.rfc-editor.org/rfc/rfc6838#section-4.2 and https://www.rfc-editor.org/rfc/rfc2045#section-5.1
_TYPE = re.compile(
    r"([a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*)"
    r'([ \t]*;[ \t]*[\w!#$%&\'*+.^`|~-]+=([\w!#$%&\'*+.^`|~-]+|"[^"\\]*"))*',
    re.ASCII | re.IGNORECASE,
)


def binary_media(data: bytes, declared: str = "") -> Media | None:
    """What a file of these bytes is, None for a text; `declared` is the type that came with them, if any did.

    UTF-8 without NUL is text, unless it is declared as something else. The type of a binary file is what its
    bytes say, else what was declared, unless a browser would run that.

    Raises InvalidRequest for a type that is malformed or has more than TYPE_LENGTH characters, and for bytes
    that are declared as a picture of a type that Claude sees, or as a PDF, and are none.
    """
    kind = _bare(declared)
    found = media_of(data)
    if kind in SHOWN and found.type != kind:
        raise InvalidRequest(f"These bytes are not {kind}, as which they came.")
    if (not kind or is_text(kind) or not data) and text_of(data) is not None:
        return None
    if found.type != UNKNOWN:
        return found
    return Media(kind if is_inert(kind) else UNKNOWN)


def text_of(data: bytes) -> str | None:
    """The text that these bytes are, in UTF-8 and without NUL; None if they are none."""
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _bare(declared: str) -> str:
    """The type without its parameters, in lower case."""
    if not declared:
        return ""
    found = _TYPE.fullmatch(declared) if len(declared) <= TYPE_LENGTH else None
    if found is None:
        raise InvalidRequest(f"A media type is like image/png, and has at most {TYPE_LENGTH} characters.")
    return found[1].lower()
