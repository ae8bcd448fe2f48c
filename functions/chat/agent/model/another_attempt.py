"""What the status and the headers of an error answer say about another attempt. Pure."""

import contextlib
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER = 86_400.0


def is_retryable(status: int, headers: Mapping[str, str]) -> bool:
    """True if another attempt may succeed: the API's own header wins over the status."""
    should_retry = headers.get("x-should-retry")
    if should_retry in ("true", "false"):
        return should_retry == "true"
    return status in (408, 409, 429) or status >= 500


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, at most a day; None if no header names a time.

    The headers may give milliseconds, seconds or a date.
    """
    millis, seconds_or_date = headers.get("retry-after-ms"), headers.get("retry-after")
    for value, scale in ((millis, 0.001), (seconds_or_date, 1.0)):
        with contextlib.suppress(TypeError, ValueError):
            return min(MAX_RETRY_AFTER, max(0.0, float(value or "") * scale))
    with contextlib.suppress(TypeError, ValueError):
        date = parsedate_to_datetime(seconds_or_date or "")
        return min(MAX_RETRY_AFTER, max(0.0, date.timestamp() - time.time()))
    return None
