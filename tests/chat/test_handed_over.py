"""A turn in the invocation that it was handed over to: nobody listens there, and nobody need."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from turn_world import APP, VENDOR, World

from aicode.file_store.sqlite import SqliteFileStore
from aicode.session_manager.records import Record
from dev import claude
from dev.claude import Reply, Script, Text
from tests.chat.test_first_byte import ROOT

INVOCATION = """
import asyncio, json, os, sys
from types import SimpleNamespace

import chat.app


async def main():
    context = SimpleNamespace(aws_request_id="invocation-1", get_remaining_time_in_millis=lambda: 900_000)
    response = await chat.app.handler(json.loads(os.environ["EVENT"]), context)
    body = b"".join([chunk async for chunk in response.body])
    print(response.status, len(body), flush=True)
    os._exit(0)


asyncio.run(main())
"""


async def test_a_turn_that_was_handed_over_answers_lambda_with_nothing(world: World, tmp_path: Path):
    """Lambda takes no more than 6 MB from an invocation that is not streamed to anybody."""
    data = tmp_path / "data"
    data.mkdir()
    store = SqliteFileStore(data / "apps.sqlite3")
    await store.create_app(VENDOR, "App", app_id=APP)
    store.close()
    world.clock = int(time.time() * 1000)
    begun = await world.begin()
    writer = begun.writer
    event = {"handover": {"vendor": VENDOR, "sessionId": writer.sid, "epoch": writer.epoch}}
    async with claude.serve(script=Script(lambda _request, _n: Reply(Text("Hello again.")))) as model:
        told = await invoked(world, event, {"DATA_DIR": str(data), "ANTHROPIC_BASE_URL": model.url})
        again = await invoked(world, event, {"DATA_DIR": str(data), "ANTHROPIC_BASE_URL": model.url})

    assert (told, again) == ("200 0", "200 0")
    view = await world.view(writer.sid)
    assert view.state.status == "idle"
    said = [_text(entry["record"]) for entry in view.entries if entry["record"]["kind"] == "step"]
    assert said == ["Hello again."]


async def invoked(world: World, event: object, variables: dict[str, str]) -> str:
    """Status and length of what the function answers."""
    folders = ("layers/core", "layers/runtime/python", "functions")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", INVOCATION),
        stdout=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in folders),
            "EVENT": json.dumps(event),
            "AICODE_LOCAL": "1",
            "ANTHROPIC_API_KEY": "a-key",
            "UPSTASH_REDIS_REST_URL": world.redis.url,
            "UPSTASH_REDIS_REST_TOKEN": world.redis.token,
            **variables,
        },
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return output.decode().splitlines()[-1]


def _text(record: Record) -> str:
    return str(record["content"][0]["text"]) if record["kind"] == "step" else ""
