"""A client that stops taking what it is sent, with its connection open: the turn does not wait for it."""

import asyncio
import time

from function_process import function_process, message_event
from turn_world import APP, VENDOR, World

from tests.waiting import PATIENCE, until

# A runtime that has got the first piece of a stream out, and the second one not.
STALLED = """
import asyncio, json, os, sys
from types import SimpleNamespace

import chat.app


async def main():
    context = SimpleNamespace(aws_request_id="invocation-1", get_remaining_time_in_millis=lambda: 900_000)
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
