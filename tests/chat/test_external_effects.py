"""Tools whose effect is outside the app's files: had once, or told as unknown, whatever dies in between."""

import asyncio
from typing import Any

from turn_world import VENDOR, Halt, Running, World, asks, says

from aicode.history.content import result_blocks, text_of
from aicode.session_manager.admission import OwnedTurn
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput
from chat.agent.turn.takeover import close_abandoned, take_over
from tests.observing import Operators

SEND: tuple[str, dict[str, Any]] = ("send", {})


class Nothing(ToolInput):
    """No input."""


class Post:
    """A letter box: what was sent, by the call's id; sending can be made to wait."""

    def __init__(self, halt: Halt | None = None) -> None:
        self.sent: list[str] = []
        self.halt = halt

    def tool(self, *, is_idempotent: bool = False) -> Tool[Nothing]:
        async def send(_: Nothing, call_id: str) -> ToolOutput:
            self.sent.append(call_id)
            if self.halt is not None:
                await self.halt.stand()
            return ToolOutput(content="Sent.", summary="Sent")

        return Tool(
            name="send",
            description="Sends a letter.",
            input_type=Nothing,
            run=send,
            effect="external",
            is_idempotent=is_idempotent,
        )


async def kinds(world: World, running: Running) -> list[str]:
    return [entry["record"]["kind"] for entry in (await world.view(running.sid)).entries]


async def results(world: World, running: Running) -> list[str]:
    records = [entry["record"] for entry in (await world.view(running.sid)).entries]
    found = [record["content"] for record in records if record["kind"] == "results"]
    return [text_of(result_blocks(block)) for content in found for block in content]


async def dies_while_sending(world: World, *, is_idempotent: bool = False) -> tuple[Post, Running]:
    """A turn whose owner has begun to send and is not heard of again."""
    post = Post(Halt())
    world.tools = [post.tool(is_idempotent=is_idempotent)]
    running = await world.start(asks(SEND))
    assert post.halt is not None
    await post.halt.reached()
    world.clock += 31_000
    post.halt = None
    return post, running


async def taken_over(world: World, running: Running) -> OwnedTurn:
    taken = await take_over(world.sessions, world.store, VENDOR, running.sid)
    assert taken is not None
    return taken.owned()


async def bury(running: Running) -> None:
    """Ends what is left of an owner that another one has replaced."""
    running.task.cancel()
    await asyncio.wait({running.task})


async def test_a_call_is_recorded_as_begun_before_it_starts(world: World):
    halt = Halt()
    world.tools = [Post(halt).tool()]
    running = await world.start(asks(SEND), says("Sent."))
    await halt.reached()

    assert await kinds(world, running) == ["user", "context", "step", "begun"]
    pending = (await world.view(running.sid)).state.pending
    assert [call["toolName"] for call in pending] == ["send"]

    halt.open.set()
    await world.assert_sound(running, await running.events())


async def test_after_a_take_over_nobody_knows_whether_it_was_done(world: World):
    post, dead = await dies_while_sending(world)

    running = await world.start(says("I shall look."), begun=await taken_over(world, dead))
    events = await running.events()
    await bury(dead)

    assert len(post.sent) == 1
    assert "Outcome unknown" in (await results(world, running))[0]
    told = [event.data["status"] for event in events if event.type == "tool_use_progress"]
    assert told[-1] == "failed"
    await world.assert_sound(running, events)


async def test_after_a_take_over_a_call_that_takes_its_id_as_a_key_is_made_again(world: World):
    post, dead = await dies_while_sending(world, is_idempotent=True)

    running = await world.start(says("Sent."), begun=await taken_over(world, dead))
    events = await running.events()
    await bury(dead)

    assert len(post.sent) == 2
    assert len(set(post.sent)) == 1
    assert await results(world, running) == ["Sent."]
    await world.assert_sound(running, events)


async def test_a_turn_that_is_closed_says_that_nobody_knows(world: World):
    _, dead = await dies_while_sending(world)

    await close_abandoned(world.sessions, world.store, VENDOR, dead.sid, str, Operators().observer())
    await bury(dead)

    [told] = await results(world, dead)
    assert "Outcome unknown" in told


async def test_stop_while_it_runs_says_that_nobody_knows(world: World):
    halt = Halt()
    world.tools = [Post(halt).tool()]
    running = await world.start(asks(SEND))
    await halt.reached()

    await world.sessions.cancel(VENDOR, running.sid)
    events = await running.events()

    assert events[-1].type == "turn_cancelled"
    assert "Outcome unknown" in (await results(world, running))[0]
    await world.assert_sound(running, events)


async def test_it_starts_once_the_files_of_its_batch_are_saved(world: World):
    seen: list[dict[str, str]] = []

    async def publish(_: Nothing, _call: str) -> ToolOutput:
        seen.append(await world.files())
        return ToolOutput(content="Published.", summary="Published")

    world.tools = [
        Tool(name="send", description="Publishes.", input_type=Nothing, run=publish, effect="external")
    ]
    create = ("create_file", {"path": "a.txt", "content": "one\n"})

    running, events = await world.turn(asks(SEND, create), says("Done."))

    assert seen == [{"a.txt": "one\n"}]
    await world.assert_sound(running, events)
