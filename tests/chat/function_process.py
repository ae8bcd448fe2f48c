"""The chat function's code in a process of its own, with the environment that Lambda would give it."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from turn_world import VENDOR, World

from dev.token import make_token

ROOT = Path(__file__).parents[2]
_FOLDERS = ("layers/core", "layers/runtime/python", "functions")


def message_event(world: World, body: Mapping[str, object]) -> dict[str, Any]:
    """A vendor's POST as a Function URL hands it on."""
    return {**_event(world, "POST", world.settings.base_path), "body": json.dumps(body)}


def stream_event(world: World, sid: str) -> dict[str, Any]:
    """A vendor's GET of a session's stream."""
    return _event(world, "GET", f"{world.settings.base_path}/{sid}/stream")


def _event(world: World, method: str, path: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "authorization": f"Bearer {make_token(world.settings, VENDOR)}",
        },
        "requestContext": {"http": {"method": method, "path": path}, "requestId": "request-1"},
        "isBase64Encoded": False,
    }


async def function_process(
    world: World, program: str, event: object, variables: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Starts a program that finds the event in EVENT, and the world's session store."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "EVENT": json.dumps(event), **environment(world), **variables},
    )


def environment(world: World) -> dict[str, str]:
    """Where a process finds the code, and the world's session store."""
    return {
        "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in _FOLDERS),
        "AICODE_LOCAL": "1",
        "UPSTASH_REDIS_REST_URL": world.redis.url,
        "UPSTASH_REDIS_REST_TOKEN": world.redis.token,
    }
