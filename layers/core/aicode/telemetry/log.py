"""The log: JSON lines with ids, counts and durations; never a message, a file, a token or a key."""

import logging
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

# At level DEBUG these packages log headers and bodies.
for _name in ("anthropic", "httpx", "httpx2", "httpcore", "botocore", "boto3", "urllib3", "asyncio"):
    logging.getLogger(_name).setLevel(logging.WARNING)
# Its lines are no JSON and name the collector; what was not exported has a line of ours.
logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)


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
