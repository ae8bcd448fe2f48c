"""Another model that goes on with a turn does so to its end, also where another invocation ends it."""

from dataclasses import replace
from typing import Any

from turn_world import MODEL, VENDOR, Act, World, asks, fails, says

from chat.agent.model.interface import Answer, AnswerListener, ModelFailure, Request
from chat.agent.turn.takeover import take_over

OTHER = "claude-opus-5-5"
LIST: tuple[str, dict[str, Any]] = ("list_files", {})


def overloaded() -> Act:
    return fails(ModelFailure("overloaded", "529 overloaded_error", retryable=True))


def asked_of(act: Act, models: list[object]) -> Act:
    """The act, which also notes the model that was asked."""

    async def noted(request: Request, listener: AnswerListener) -> Answer:
        models.append(request["model"])
        return await act(request, listener)

    return noted


def out_of_time(world: World) -> Act:
    """Wants to be waited for longer than the invocation lasts."""

    async def act(_: Request, _listener: AnswerListener) -> Answer:
        world.seconds_left = 25.0
        raise ModelFailure("overloaded", "529", retryable=True, retry_after=10.0)

    return act


async def test_the_other_model_goes_on_over_a_hand_over_and_the_next_turn_is_the_sessions_own_again(
    world: World,
):
    models: list[object] = []
    settings = replace(world.settings, fallback_model=OTHER)
    acts = [asks(LIST), overloaded(), overloaded(), overloaded(), asks(LIST), out_of_time(world)]
    first = await world.start(*(asked_of(act, models) for act in acts), settings=settings)
    assert (await first.events())[-1].type == "turn_handover"
    epoch, world.seconds_left = first.begun.writer.epoch, 900.0
    taken = await take_over(world.sessions, world.store, VENDOR, first.sid, handed_over_by=epoch)
    assert taken is not None

    again = replace(first.begun, writer=taken.writer, history=taken.view.entries)
    running = await world.start(asked_of(says("Done."), models), begun=again, settings=settings)
    assert (await running.events())[-1].type == "message_complete"
    await world.turn(asked_of(says("Yes."), models), sid=first.sid, settings=settings)

    assert models == [*[MODEL] * 4, OTHER, OTHER, OTHER, MODEL]
