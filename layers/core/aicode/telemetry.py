"""Logs and metrics: JSON lines with ids, counts and durations; never message text, content, token or key."""

import logging
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

# These write headers and bodies at DEBUG.
for _name in ("anthropic", "httpx", "httpx2", "httpcore", "botocore", "boto3", "urllib3", "asyncio"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@cache
def logger(service: str) -> "Logger":
    """The structured logger of one function; loaded when first needed, because most answers need none."""
    from aws_lambda_powertools import Logger  # noqa: PLC0415

    return Logger(service=service, use_rfc3339=True)
