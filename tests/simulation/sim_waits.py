"""Calls that wait, and a vendor who answers them by chance: yes and no, twice at once, or never."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sim_store import Process

from aicode.errors import AICodeError
from aicode.history import Answer, WaitingRequest
from aicode.session_manager import GivenAnswer
from chat.agent.tools.ask_user import ask_user_tool
from chat.agent.tools.tool import Tool, ToolInput, ToolOutput, Wait

if TYPE_CHECKING:
    from sim_world import World

VENDOR = "alice"
QUESTION = {"question": "Which?", "options": [{"label": "Red"}, {"label": "Blue"}]}
CALLS: list[tuple[str, dict[str, object]]] = [
    ("publish", {}),
    ("publish", {}),
    ("ask_user", {"questions": [QUESTION]}),
    ("look", {}),
]


class Nothing(ToolInput):
    """No input."""


def waiting_tools(process: Process, published: Counter[str]) -> list[Tool[Any]]:
    """Tools that wait for a yes, an answer, or the preview; `published` counts what is done, by the call."""

    async def publish(_: Nothing, call_id: str) -> ToolOutput:
        await process.door()
        published[call_id] += 1
        await asyncio.sleep(1)
        await process.door()
        return ToolOutput(content="It is live.", summary="Published")

    async def summary(_: Nothing) -> str:
        await process.door()
        return "Publish it"

    async def looked(_: Nothing, answer: Answer) -> ToolOutput:
        return ToolOutput(content=str(answer["approved"]), summary="Looked")

    async def never(_: Nothing, _call_id: str) -> ToolOutput:
        raise AssertionError

    return [
        Tool(
            name="publish",
            description="Publishes.",
            input_type=Nothing,
            run=publish,
            effect="external",
            wait=Wait(kind="approval", policy="publish", summary=summary),
        ),
        Tool(
            name="look",
            description="Looks.",
            input_type=Nothing,
            run=never,
            effect="read",
            wait=Wait(kind="preview", summary=summary, answered=looked, within_seconds=20),
        ),
        ask_user_tool(),
    ]


async def answers(world: "World") -> None:
    """A vendor who looks now and then at what waits, on one device or two, and answers some of it."""
    chance = world.chance
    while True:
        await asyncio.sleep(chance.expovariate(1 / chance.choice([1, 15])))
        if world.sid is None:
            continue
        with suppress(AICodeError):
            waiting = (await world.sessions(Process()).state(VENDOR, world.sid)).waiting
            for asked in waiting:
                for _ in range(chance.choice([0, 1, 1, 2])):
                    given = answer_to(chance, asked)
                    asyncio.get_running_loop().create_task(give(world, world.sid, asked, given))


def answer_to(chance: random.Random, asked: WaitingRequest) -> GivenAnswer:
    """An answer that fits what is asked."""
    approved = chance.random() < 0.7
    answer: Answer = {"approved": approved}
    if approved and asked["kind"] == "question":
        answer["answers"] = [[chance.choice(["Red", "Blue"])]]
    return GivenAnswer(answer=answer)


async def give(world: "World", sid: str, asked: WaitingRequest, given: GivenAnswer) -> None:
    """The session function takes an answer, and hands the turn over unless it dies in between."""
    with suppress(AICodeError):
        done = await world.sessions(Process()).answer(VENDOR, sid, asked["approvalId"], given)
        world.fates["answered"] += 1
        world.hand_over(done.handover)


async def wake(world: "World", sid: str, seconds: float) -> None:
    """The queue's message, now and then twice, and the function that it wakes up."""
    await asyncio.sleep(seconds + 1)
    for _ in range(world.chance.choice([1, 1, 2])):
        with suppress(AICodeError):
            epoch = await world.sessions(Process()).expire(VENDOR, sid)
            world.fates["overdue"] += epoch is not None
            world.hand_over(epoch)
