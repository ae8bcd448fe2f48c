"""Makes a tool's text fit for Claude: valid Unicode, no NUL, no tag of the product's own, a bounded size."""

from aicode.surrogates import without_surrogates
from chat.agent.sections import CLOSING_ROOM, finished, left_open

OUTPUT_BYTES = 64_000


def clean(text: str) -> str:
    """The text with NUL and halves of surrogate pairs replaced by U+FFFD."""
    return without_surrogates(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def shortened(text: str, limit: int = 200) -> str:
    """The text on one line; one that is longer is cut to so many characters and ends in an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def fit(text: str) -> str:
    """A tool's text as Claude gets it: of more than OUTPUT_BYTES the first part, and a line that says so.

    What the text marks as data stays marked, so it is done only once.
    """
    whole = finished(clean(text))
    data = whole.encode()
    if len(data) <= OUTPUT_BYTES:
        return whole
    notice = f"\n[cut: the result has {len(data):,} bytes, of which the first part is shown]"
    shown = data[: OUTPUT_BYTES - len(notice) - CLOSING_ROOM].decode(errors="ignore")
    return f"{shown}{left_open(shown)}{notice}"
