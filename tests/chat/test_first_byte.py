"""What a cold chat function has loaded when its first event goes out: only what that takes."""

from typing import Any

from function_process import message_event
from turn_world import APP, World

from dev import secret_store
from tests.cold_start import ColdStart, cold_start, told_by

FORBIDDEN = (
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
    "opentelemetry",
    "sentry_sdk",
    "sqlite3",
    "chat.agent.composition",
    "chat.agent.orchestrator",
    "aicode.file_store.sqlite.store",
    "aicode.file_store.dynamodb.store",
)


async def sent(world: World, body: dict[str, Any]) -> ColdStart:
    """Sends one message to a fresh process, which is told its settings as in AWS."""
    values = {
        "ANTHROPIC_API_KEY": "a key",
        "UPSTASH_REDIS_REST_URL": world.redis.url,
        "UPSTASH_REDIS_REST_TOKEN": world.redis.token,
    }
    async with secret_store.serve() as store:
        own = {"AICODE_LOCAL": "1", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9", **told_by(store, values)}
        found = await cold_start("chat", message_event(world, body), own)
        assert len(store.asked) == 2
    return found


async def test_the_first_event_is_out_before_anything_heavy_is_loaded(world: World):
    await world.begin()  # from here on the app's owner is known to the session store

    found = await sent(world, {"message": "Hi", "appId": APP})

    assert found.status == 200
    assert '"type":"connection_established"' in found.first
    assert found.loaded(*FORBIDDEN) == []


async def test_a_refusal_takes_nothing_heavy_either(world: World):
    found = await sent(world, {"message": " ", "appId": APP})

    assert found.status == 400
    assert found.loaded(*FORBIDDEN) == []
