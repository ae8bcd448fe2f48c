"""The log: JSON lines with ids, counts and durations; never a message, a file, a token or a key."""

import json
import logging
import sys
import time
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger


class _WithoutWords(logging.Handler):
    """Writes who logs, how bad it is and where; what is said may quote a header, a message or a file."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        line: dict[str, object] = {
            "level": record.levelname,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "message": "a library logged something",
            "library": record.name,
            "location": f"{record.filename}:{record.lineno}",
        }
        if record.exc_info and (error := record.exc_info[1]):
            line |= {"error": type(error).__name__, "at": places_of(error)}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def _take_over() -> None:
    """From now on this is where all loggers end but our own, which has a handler of its own.

    That holds whatever levels are set, by the environment or by a package that is imported later: at DEBUG
    Claude's SDK logs whole requests, and finds no other handler than this.
    """
    handler = _WithoutWords(logging.WARNING)
    logging.root.handlers[:] = [handler]
    logging.captureWarnings(capture=True)
    # Its errors name the collector, one line for each try; what was not exported has a line of ours.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)


_take_over()


@cache
def logger(service: str) -> "Logger":
    """The structured logger of one function; imported late, because most requests log nothing."""
    from aws_lambda_powertools import Logger  # noqa: PLC0415

    return Logger(service=service, use_rfc3339=True)


def places_of(error: BaseException) -> list[str]:
    """Where an error comes from, innermost last; without its text, which may quote a vendor."""
    import traceback  # noqa: PLC0415 - few invocations fail

    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
