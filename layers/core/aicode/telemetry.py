"""Logs and metrics: JSON lines with ids, counts and durations; never message text, content, token or key."""

import logging

from aws_lambda_powertools import Logger

# These write headers and bodies at DEBUG.
for _name in ("anthropic", "httpx", "httpx2", "httpcore", "botocore", "boto3", "urllib3", "asyncio"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def logger(service: str) -> Logger:
    """The structured logger of one function."""
    return Logger(service=service, use_rfc3339=True)
