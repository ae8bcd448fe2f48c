"""Finds and replaces halves of surrogate pairs, which JSON can hold but UTF-8 cannot encode."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def has_surrogates(text: str) -> bool:
    """True if some of the text cannot be sent as UTF-8."""
    return _SURROGATE.search(text) is not None


def without_surrogates(text: str) -> str:
    """The text with U+FFFD in place of each half of a surrogate pair."""
    return text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
