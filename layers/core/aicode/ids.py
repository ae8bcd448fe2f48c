"""The shape of an id: of a vendor, an app, a session, a message."""

import re

ID_PATTERN = "[A-Za-z0-9_-]{1,64}"
_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """True if the text can be an id; the server makes no others."""
    return _ID.fullmatch(text) is not None
