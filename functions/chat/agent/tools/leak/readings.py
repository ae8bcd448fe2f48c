"""What a text that leaves the app may say to somebody who decodes it. Pure."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from chat.agent.tools.stopping import expect_wanted

# An encoding within an encoding is read too. A text of words has a handful of readings.
DEPTH = 2
MOST_READINGS = 400
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{4,}")
_LONG_TOKEN = 8
_HEX = re.compile(r"(?:0x|\\x)?([0-9a-fA-F]{2})")
_NOT_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The text as texts are compared: letters and digits alone, in one case and one width."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def exact(text: str) -> str:
    """The text with its signs, without its blanks: a value of many signs has few letters to be known by."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def readings(text: str, depth: int = DEPTH, *, backwards: bool = True) -> list[str]:
    """The text, and what it may say: decoded from percent, base64, base32 and hex, also `backwards`."""
    found = {text: None}
    latest: list[str] = [text]
    for _ in range(depth):
        decoded = (reading for known in latest for reading in _decodings(known, backwards=backwards))
        latest = list[str]()
        for reading in decoded:
            expect_wanted()
            if reading and reading not in found:
                found[reading] = None
                latest.append(reading)
            if len(found) >= MOST_READINGS:
                return list(found)
    return list(found)


def _decodings(text: str, *, backwards: bool) -> Iterator[str]:
    yield unquote(text)
    if backwards:
        yield text[::-1]
    tokens = _TOKEN.findall(text)
    squeezed = re.sub(r"\s", "", text)
    for decode in (_base64, _base32, _hex):
        # As a whole, one after the other, and one by one: blanks may stand anywhere in a coded text.
        yield decode(squeezed)
        yield "".join(map(decode, tokens))
        yield from (decode(token) for token in tokens if len(token) >= _LONG_TOKEN)
    # Base64 that begins in the middle of a group of four.
    yield from (_base64(token[n:]) for token in tokens if len(token) >= 2 * _LONG_TOKEN for n in (1, 2, 3))


def _base64(token: str) -> str:
    bare = token.translate(str.maketrans("-_", "+/", "="))
    whole = len(bare) - (len(bare) % 4 == 1)  # a single character of a group says nothing
    return _decoded(lambda: base64.b64decode(bare[:whole] + "=" * (-whole % 4), validate=True))


def _base32(token: str) -> str:
    bare = token.upper().rstrip("=")
    return _decoded(lambda: base64.b32decode(bare + "=" * (-len(bare) % 8)))


def _hex(token: str) -> str:
    digits = "".join(_HEX.findall(token))
    return _decoded(lambda: bytes.fromhex(digits)) if 2 * len(digits) > len(token) else ""


def _decoded(decode: Callable[[], bytes]) -> str:
    """What the bytes say; empty if they are no text."""
    try:
        text = decode().decode()
    except (ValueError, binascii.Error):
        return ""
    return text if all(char.isprintable() or char.isspace() for char in text) else ""
