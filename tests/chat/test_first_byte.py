"""What a cold chat function has loaded when its first event goes out: only what that takes."""

import asyncio
import json
from typing import Any

from function_process import function_process, message_event
from turn_world import APP, World

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
    "aicode.file_store.sqlite.store",
    "aicode.file_store.dynamodb.store",
}
COLD_START = """
import asyncio, json, os, sys
from types import SimpleNamespace

import chat.app


async def main():
    context = SimpleNamespace(
        aws_request_id="invocation-1",
        invoked_function_arn="chat",
        get_remaining_time_in_millis=lambda: 900_000,
    )
    response = await chat.app.handler(json.loads(os.environ["EVENT"]), context)
    first = await anext(response.body)
    found = {"status": response.status, "first": first.decode(), "modules": list(sys.modules)}
    print(json.dumps(found), flush=True)
    os._exit(0)  # how the turn goes on is not asked here


asyncio.run(main())
"""


async def cold_start(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Sends one message to a fresh process; gives its first chunk and all modules loaded by then."""
    event = message_event(world, body)
    process = await function_process(world, COLD_START, event, {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"})
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
