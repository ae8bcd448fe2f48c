"""Halves of surrogate pairs: JSON can spell them alone, UTF-8 cannot carry them."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def has_surrogates(text: str) -> bool:
    """True if some of the text cannot be sent as UTF-8."""
    return _SURROGATE.search(text) is not None


def without_surrogates(text: str) -> str:
    """The text as UTF-8 can carry it: U+FFFD in place of each half."""
    return text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
