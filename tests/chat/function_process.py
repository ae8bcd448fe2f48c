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
AUTHORISED = {"authorization": f"Bearer {token(VENDOR)}"}
_FOLDERS = ("layers/core", "layers/runtime/python", "functions")


def message_event(world: World, body: Mapping[str, object]) -> dict[str, object]:
    """A vendor's POST as a Function URL hands it on."""
    headers = {"content-type": "application/json", **AUTHORISED}
    return function_event("POST", world.settings.base_path, headers=headers, body=json.dumps(body))


def stream_event(world: World, sid: str) -> dict[str, object]:
    """A vendor's GET of a session's stream."""
    return function_event("GET", f"{world.settings.base_path}/{sid}/stream", headers=AUTHORISED)


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
    """Where a process finds the code, the world's session store, and a folder of its own for the rest."""
    return {
        "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in _FOLDERS),
        "AICODE_LOCAL": "1",
        "DATA_DIR": world.settings.data_dir,
        "UPSTASH_REDIS_REST_URL": world.redis.url,
        "UPSTASH_REDIS_REST_TOKEN": world.redis.token,
    }
