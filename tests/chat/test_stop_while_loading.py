"""Stop in a process that is still importing what a conversation needs: it does not wait for that."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from function_process import function_process, message_event
from turn_world import APP, VENDOR, World, says

from tests.waiting import PATIENCE, until

# A process whose imports of the conversation and of the store's SDK never come to their end.
STUCK = """
import asyncio, importlib.util, json, os, sys, threading
from types import SimpleNamespace


class Stuck:
    def find_spec(self, name, path=None, target=None):
        if name in os.environ["STUCK"].split(","):
            return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        threading.Event().wait()


sys.meta_path.insert(0, Stuck())
import chat.app


async def main():
    context = SimpleNamespace(
        aws_request_id="invocation-1",
        invoked_function_arn="chat",
        get_remaining_time_in_millis=lambda: 900_000,
    )
    for event in json.loads(os.environ["EVENT"]):
        response = await chat.app.handler(event, context)
        async for chunk in response.body:
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    os._exit(0)


asyncio.run(main())
"""


class Stream:
    """What the process answers."""

    def __init__(self, output: asyncio.StreamReader) -> None:
        self._output = output

    async def event(self) -> tuple[str, str, dict[str, Any]]:
        """Id, type and data of the next one; a comment is passed over."""
        async with asyncio.timeout(PATIENCE):
            while not (line := await self._output.readline()).startswith(b"id: "):
                assert line, "the stream ended"
            body = json.loads((await self._output.readline()).removeprefix(b"data: "))
        return line.decode().removeprefix("id: ").strip(), body["type"], body["data"]

    async def ended(self) -> bool:
        """True if nothing more comes but lines of the log."""
        async with asyncio.timeout(PATIENCE):
            left = await self._output.read()
        return not [line for line in left.splitlines() if line.strip() and not line.startswith(b"{")]


@asynccontextmanager
async def a_message_to_a_process_that_never_gets_to_talk(
    world: World, *, stuck: str = "chat.agent.composition,upstash_redis", messages: int = 1
) -> AsyncGenerator[Stream]:
    world.clock = int(time.time() * 1000)  # the process has no other clock
    await world.begin()  # from here on the app's owner is known to the session store
    events = [message_event(world, {"message": "Hi", "appId": APP})] * messages
    known = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "STUCK": stuck}
    process = await function_process(world, STUCK, events, known)
    assert process.stdout is not None
    try:
        yield Stream(process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_stop_before_the_conversation_is_loaded_takes_effect_at_once(world: World):
    async with a_message_to_a_process_that_never_gets_to_talk(world) as stream:
        _, kind, begun = await stream.event()
        session = begun["sessionId"]
        await stream.event()  # its title

        assert kind == "connection_established"
        assert await world.sessions.cancel(VENDOR, session)

        assert await stream.event() == (
            "1-3",
            "turn_cancelled",
            {
                "turnId": 1,
                "usage": {
                    "inputTokens": 0,
                    "outputTokens": 0,
                    "cacheReadTokens": 0,
                    "cacheWriteTokens": 0,
                    "costUsd": 0.0,
                },
            },
        )
        assert await stream.ended()
    view = await world.view(session)
    assert view.state.status == "cancelled"
    assert [entry["record"]["kind"] for entry in view.entries] == ["user", "end"]
    _, events = await world.turn(says("Hello."), sid=session)
    assert events[-1].type == "message_complete"


async def test_a_message_after_a_stop_is_taken_while_the_conversation_is_still_being_loaded(world: World):
    # What the conversation is made of is imported in its middle.
    loading = a_message_to_a_process_that_never_gets_to_talk(
        world, stuck="chat.agent.orchestrator", messages=2
    )
    async with loading as stream:
        _, _, begun = await stream.event()
        await stream.event()  # its title
        assert await world.sessions.cancel(VENDOR, begun["sessionId"])
        assert (await stream.event())[1] == "turn_cancelled"

        event_id, kind, _ = await stream.event()

    assert (event_id, kind) == ("1-1", "connection_established")


async def test_a_session_deleted_before_the_conversation_is_loaded_ends_the_stream(world: World):
    async with a_message_to_a_process_that_never_gets_to_talk(world) as stream:
        _, _, begun = await stream.event()

        await world.sessions.delete(VENDOR, begun["sessionId"])

        kinds = [(await stream.event())[1] for _ in range(2)]
        assert kinds == ["session_title", "turn_cancelled"]
        assert await stream.ended()


async def test_what_was_shown_before_the_conversation_is_loaded_is_in_the_store(world: World):
    async with a_message_to_a_process_that_never_gets_to_talk(world) as stream:
        _, _, begun = await stream.event()

        async def logged() -> bytes:
            _, log = await world.sessions.events(VENDOR, begun["sessionId"], "1-0")
            return b"".join(entry.frames for entry in log)

        frames = await until(logged)

    assert b'"type":"connection_established"' in frames
