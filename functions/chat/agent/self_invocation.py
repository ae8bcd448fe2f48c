"""A function invokes itself, asynchronously, so that a turn outlives the time limit of one invocation.

The event has no `requestContext`, which every request through the Function URL has: there it cannot be
forged.
"""

import asyncio
import importlib
import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any


async def prepare() -> None:
    """Loads what `invoke_self` needs, so that it does not cost the last seconds."""
    await asyncio.to_thread(_client)


async def invoke_self(event: Mapping[str, object]) -> None:
    """Starts another invocation of this function with this event; it runs whether or not anybody waits."""
    name, payload = os.environ["AWS_LAMBDA_FUNCTION_NAME"], json.dumps(event).encode()
    await asyncio.to_thread(
        lambda: _client().invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    )


@cache
def _client() -> Any:
    # Loaded by name: a third of a second that most turns never need, of a package without types.
    boto3: Any = importlib.import_module("boto3")
    config: Any = importlib.import_module("botocore.config")
    limits = config.Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2})
    return boto3.client("lambda", config=limits)
