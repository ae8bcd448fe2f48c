"""What a cold chat function has loaded when its first event goes out: only what that takes."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from turn_world import APP, VENDOR, World

from dev.token import make_token

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "anthropic",
    "httpx",
    "httpx2",
    "orjson",
    "re2",
    "tinycss2",
    "tree_sitter",
    "upstash_redis",
    "aws_lambda_powertools",
    "pydantic",
    "boto3",
    "botocore",
    "openai",
    "exa_py",
    "aws_xray_sdk",
    "sqlite3",
    "chat.agent.composition",
    "chat.agent.orchestrator",
    "aicode.file_store.sqlite",
    "aicode.file_store.dynamodb",
}
COLD_START = """
import asyncio, json, os, sys
from types import SimpleNamespace

import chat.app


async def main():
    context = SimpleNamespace(aws_request_id="invocation-1", get_remaining_time_in_millis=lambda: 900_000)
    response = await chat.app.handler(json.loads(os.environ["EVENT"]), context)
    first = await anext(response.body)
    found = {"status": response.status, "first": first.decode(), "modules": list(sys.modules)}
    print(json.dumps(found), flush=True)
    os._exit(0)  # how the turn goes on is not asked here


asyncio.run(main())
"""


async def cold_start(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Sends one message to a fresh process; gives its first chunk and all modules loaded by then."""
    event = {
        "version": "2.0",
        "rawPath": world.settings.base_path,
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "authorization": f"Bearer {make_token(world.settings, VENDOR)}",
        },
        "requestContext": {
            "http": {"method": "POST", "path": world.settings.base_path},
            "requestId": "request-1",
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
    folders = ("layers/core", "layers/runtime/python", "functions")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COLD_START,
        stdout=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in folders),
            "EVENT": json.dumps(event),
            "AICODE_LOCAL": "1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
            "UPSTASH_REDIS_REST_URL": world.redis.url,
            "UPSTASH_REDIS_REST_TOKEN": world.redis.token,
        },
    )
    async with asyncio.timeout(30):
        told, _ = await process.communicate()
    return json.loads(told.decode().splitlines()[-1])


async def test_the_first_event_is_out_before_anything_heavy_is_loaded(world: World):
    await world.begin()  # from here on the app's owner is known to the session store

    found = await cold_start(world, {"message": "Hi", "appId": APP})

    assert found["status"] == 200
    assert '"type":"connection_established"' in found["first"]
    assert sorted(FORBIDDEN & set(found["modules"])) == []


async def test_a_refusal_takes_nothing_heavy_either(world: World):
    found = await cold_start(world, {"message": " ", "appId": APP})

    assert found["status"] == 400
    assert sorted(FORBIDDEN & set(found["modules"])) == []
