"""Makes a tool's text fit for Claude: valid Unicode, no NUL, a bounded size."""

from aicode.surrogates import without_surrogates

OUTPUT_BYTES = 64_000


def clean(text: str) -> str:
    """The text with NUL and halves of surrogate pairs replaced by U+FFFD."""
    return without_surrogates(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def capped(text: str, limit: int = OUTPUT_BYTES) -> str:
    """The text; if it has more than `limit` bytes of UTF-8, it is cut to them and says so."""
    data = text.encode()
    if len(data) <= limit:
        return text
    notice = f"\n[cut: the result has {len(data):,} bytes, of which the first part is shown]"
    return data[: limit - len(notice)].decode(errors="ignore") + notice


def sanitised(text: str) -> str:
    """The text, cleaned and capped for a tool result."""
    return capped(clean(text))
