"""The chat function's code in a process of its own, with the environment that Lambda would give it."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from turn_world import VENDOR, World

from tests.function_event import function_event, token

ROOT = Path(__file__).parents[2]
_FOLDERS = ("layers/core", "layers/runtime/python", "functions")


def message_event(world: World, body: Mapping[str, object]) -> dict[str, object]:
    """A vendor's POST as a Function URL hands it on."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {token(VENDOR)}"}
    return function_event("POST", world.settings.base_path, headers=headers, body=json.dumps(body))


async def function_process(
    world: World, program: str, event: object, variables: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Starts a program that finds the event in EVENT, and the world's session store."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        stdout=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in _FOLDERS),
            "EVENT": json.dumps(event),
            "AICODE_LOCAL": "1",
            "UPSTASH_REDIS_REST_URL": world.redis.url,
            "UPSTASH_REDIS_REST_TOKEN": world.redis.token,
            **variables,
        },
    )
