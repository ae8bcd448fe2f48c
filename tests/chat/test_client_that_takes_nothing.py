"""A client that stops taking what it is sent, its connection open: neither a turn nor a process waits."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from function_process import environment, function_process, message_event, stream_event
from turn_world import APP, VENDOR, World

from aicode.redis.client import RedisClient
from tests.chat.test_resume import Turn
from tests.runtime.processes import start_function
from tests.runtime.runtime_api import RuntimeApi, serve_runtime_api
from tests.waiting import PATIENCE, until

# A runtime that has got the first piece of a stream out, and the second one not.
STALLED = """
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
    async for chunk in response.body:
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        await asyncio.Event().wait()


asyncio.run(main())
"""


async def test_a_turn_whose_first_event_is_not_taken_goes_on_all_the_same(world: World):
    world.clock = int(time.time() * 1000)  # the process has no other clock
    await world.begin()  # from here on the app's owner is known to the session store
    event = message_event(world, {"message": "Hi", "appId": APP, "messageId": "mine"})
    nobody = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "MODEL_PATIENCE_SECONDS": "1"}
    process = await function_process(world, STALLED, event, nobody)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
            assert line == b"id: 1-1\n"
            session = (await process.stdout.readline()).split(b'"sessionId":"')[1].split(b'"')[0].decode()

        async def is_over() -> bool:
            return (await world.sessions.state(VENDOR, session)).status != "running"

        await until(is_over)
    finally:
        process.kill()
        await process.wait()

    assert (await world.sessions.state(VENDOR, session)).status == "error"


async def test_a_process_is_free_again_when_its_turn_has_ended_and_nobody_takes_the_rest(world: World):
    world.clock = int(time.time() * 1000)
    await world.begin()
    async with untaken(world) as api:
        api.invoke(message_event(world, {"message": "Hi", "appId": APP, "messageId": "mine"}))
        await until(lambda: api.calls.count("next") == 2)

    assert (await world.sessions.state(VENDOR, await _session_of(world, "mine"))).status == "error"


async def test_a_reader_who_takes_nothing_is_let_go_with_its_process_and_its_slot(world: World):
    world.clock = int(time.time() * 1000)
    turn = Turn(world, await world.begin())
    client = RedisClient(world.redis.url, "t")
    async with untaken(world) as api:
        api.invoke(stream_event(world, turn.sid))
        await until(lambda: _slots(client))
        async with asyncio.timeout(PATIENCE):
            # More than the system's buffers hold, as long as the process takes it.
            while api.calls.count("next") < 2:
                for _ in range(10):
                    await turn.write(2_000)
        assert await _slots(client) == 0
    await client.close()
    assert (await world.sessions.state(VENDOR, turn.sid)).status == "running"


@asynccontextmanager
async def untaken(world: World) -> AsyncGenerator[RuntimeApi]:
    """The chat function on its runtime, of whose responses nothing is taken."""
    variables = {
        **environment(world),
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "MODEL_PATIENCE_SECONDS": "1",
        "LAMBDA_STREAM_WRITE_SECONDS": "0.3",
    }
    async with serve_runtime_api() as api:
        api.reading.clear()
        known = {**variables, "AWS_LAMBDA_RUNTIME_API": api.address}
        async with start_function("chat.app.handler", known):
            yield api
            api.reading.set()


async def _slots(client: RedisClient) -> int:
    return int(await client.command("ZCARD", f"readers:{VENDOR}"))


async def _session_of(world: World, message_id: str) -> str:
    client = RedisClient(world.redis.url, "t")
    known = str(await client.command("HGET", f"mid:{VENDOR}:{APP}", message_id))
    await client.close()
    return known.partition(" ")[0]
