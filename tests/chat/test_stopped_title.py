"""Stop in a session's first turn: the call for its title ends at once, whatever else of the turn does not."""

import asyncio

from turn_world import MODEL, VENDOR, Act, Halt, Running, ScriptedModel, World, asks, says

from chat.agent.model.interface import Answer, AnswerListener, Request
from chat.agent.turn.titles import TITLE_SECONDS


class WithTitles:
    """The title's call waits for ever and tells when it was cut; the answers are played."""

    def __init__(self, *acts: Act) -> None:
        self._answers = ScriptedModel(*acts)
        self.title = Halt()
        self.cut = asyncio.Event()

    async def ask(self, request: Request, listener: AnswerListener) -> Answer:
        if request["model"] == MODEL:
            return await self._answers.ask(request, listener)
        try:
            await self.title.stand()
        finally:
            self.cut.set()
        raise AssertionError("nobody opens it")


async def assert_cut(model: WithTitles) -> None:
    async with asyncio.timeout(TITLE_SECONDS / 2):  # then it would end by itself
        await model.cut.wait()


async def assert_stopped(world: World, running: Running) -> None:
    events = await running.events()
    assert events[-1].type == "turn_cancelled"
    await world.assert_sound(running, events)


async def committing(world: World, halt: Halt) -> tuple[WithTitles, Running]:
    """A first turn whose commit is halted, and whose title is waited for."""
    model = WithTitles(asks(("create_file", {"path": "a.txt", "content": "one\n"})))
    running = await world.start(model=model, wants_title=True)
    await model.title.reached()
    await halt.reached()
    return model, running


async def test_a_stop_cuts_the_titles_call_while_a_commit_is_still_waited_for(world: World):
    halt = world.store.halt = Halt()
    model, running = await committing(world, halt)

    assert await world.sessions.cancel(VENDOR, running.sid)

    await assert_cut(model)
    assert not running.task.done()
    halt.open.set()
    await assert_stopped(world, running)
    assert await world.files() == {"a.txt": "one\n"}


async def test_a_deleted_session_cuts_it_too(world: World):
    halt = world.store.halt = Halt()
    model, running = await committing(world, halt)

    await world.sessions.delete(VENDOR, running.sid)

    await assert_cut(model)
    assert not running.task.done()
    halt.open.set()
    assert (await running.events())[-1].type == "turn_cancelled"


async def test_a_stop_while_the_turn_has_nothing_left_but_its_title(world: World):
    answered = asyncio.Event()
    last = says("All said.")

    async def answers(request: Request, listener: AnswerListener) -> Answer:
        message = await last(request, listener)
        answered.set()
        return message

    model = WithTitles(answers)
    running = await world.start(model=model, wants_title=True)
    async with asyncio.timeout(30):
        await answered.wait()
    await world.sessions.cancel(VENDOR, running.sid)

    events = await running.events()

    # Which of the two comes first is chance; nothing is left behind by either.
    assert events[-1].type in ("turn_cancelled", "message_complete")
    await assert_cut(model)
    await world.assert_sound(running, events)
