"""Compares what is about to be sent with the secrets of the app. Pure."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aicode.secret_keys import known_keys, random_keys
from chat.agent.tools.leak.readings import MOST_READINGS, exact, plain, readings
from chat.agent.tools.stopping import expect_wanted

# So many characters in a row are no chance.
SHARED = 16
# A random value that is cut into pieces is looked for in pieces of at least so many characters.
PIECE = 4
# Longer files are compared as they are only; decoding every part of them would take too long.
DECODED_CHARACTERS = 100_000
# Random pieces that a long value happens to share lie scattered; those of one that is sent lie side by side.
SPREAD = 64
_VALUE = re.compile(r"[A-Za-z0-9+/_-]{16,}")
# What a variable is called is no secret, and stands in everybody's documentation.
_NAME = re.compile(r"^[ \t]*(?:export[ \t]+)?\w+[ \t]*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Secret:
    """The text of a file that looks secret."""

    path: str
    text: str


def leak(sent: Sequence[str], secrets: Iterable[Secret], own_words: str) -> str | None:
    """Why the last of these texts must not be sent; None if it may. The reason does not repeat the secret.

    The texts before it were sent already: a secret that is cut into pieces comes with the last of them. What
    the vendor said in their `own_words` may be sent.
    """
    alone, together = readings(sent[-1]), readings("\n".join(sent))
    if max(len(alone), len(together)) >= MOST_READINGS:
        return "too much of it is coded text"
    said = [*alone, *together]
    own, exact_own = plain(own_words), exact(own_words)
    keys = [*random_keys(sent[-1]), *(key for text in said for key in known_keys(text))]
    if any(plain(key) not in own for key in keys):
        return "it holds what looks like a key or a token"
    texts = [plain(text) for text in said]
    rows, pieces = _parts(texts, SHARED), _parts(texts, PIECE)
    exact_rows = _parts(map(exact, said), SHARED)
    for secret in secrets:
        expect_wanted()
        text = _NAME.sub("\n", secret.text)
        known = readings(text, depth=1, backwards=False) if len(text) <= DECODED_CHARACTERS else [text]
        if (
            _shares_row(map(plain, known), rows, own)
            or _shares_row(map(exact, known), exact_rows, exact_own)
            or _shares_pieces(text, pieces, own)
        ):
            return f"it holds a part of {secret.path}, which looks like a file of secrets"
    return None


def _parts(texts: Iterable[str], length: int) -> set[str]:
    return {part for text in texts for part in _each_part(text, length)}


def _each_part(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))


def _shares_row(known: Iterable[str], rows: set[str], own: str) -> bool:
    """True if so many characters in a row are shared, and not also in the vendor's own words."""
    return any(row in rows and row not in own for text in known for row in _each_part(text, SHARED))


def _shares_pieces(secret: str, pieces: set[str], own: str) -> bool:
    """True if as many characters of one random value are shared in pieces, wherever these stand."""
    for match in _VALUE.finditer(secret):
        value = plain(match[0])
        if value.isalpha() or value.isdigit() or value in own:
            continue
        covered = deque[int](maxlen=SHARED)  # the latest characters of it that are shared
        for at in range(len(value) - PIECE + 1):
            expect_wanted()
            piece = value[at : at + PIECE]
            if piece in pieces and piece not in own:
                covered.extend(n for n in range(at, at + PIECE) if not covered or n > covered[-1])
                if len(covered) == SHARED and covered[-1] - covered[0] < SPREAD:
                    return True
    return False
