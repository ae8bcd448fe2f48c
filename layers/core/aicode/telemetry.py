"""The log: JSON lines with ids, counts and durations; never a message, a file, a token or a key."""

import logging
import traceback
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

# At level DEBUG these packages log headers and bodies.
for _name in ("anthropic", "httpx", "httpx2", "httpcore", "botocore", "boto3", "urllib3", "asyncio"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@cache
def logger(service: str) -> "Logger":
    """The structured logger of one function; imported late, because most requests log nothing."""
    from aws_lambda_powertools import Logger  # noqa: PLC0415

    return Logger(service=service, use_rfc3339=True)


def log_crash(service: str, error: BaseException, request_id: str) -> None:
    """Logs the type and the place of an unexpected error, but not its text, which may quote a vendor."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    logger(service).error("unexpected error", request_id=request_id, error=type(error).__name__, at=places)
