"""A turn of twenty-four seconds in functions that may run for sixteen."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from crash_world import (
    SHORT_STEPS,
    WORDS,
    FaultWorld,
    a_session,
    a_warm_world,
    assert_history,
    joined,
)

from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import BASE, Event, assert_well_formed, session_of, texts
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = 120.0
WARM = 4
"""A process for each of three turns, and one to hand over to."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def short_lived(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FaultWorld]:
    """A product whose chat function may run for sixteen seconds; four of its processes are warm."""
    folder = tmp_path_factory.mktemp("handover")
    async with a_warm_world(folder, WARM, FUNCTION_TIMEOUT_SECONDS="16") as world:
        yield world


async def test_a_turn_outlives_its_function_with_nobody_connected_and_with_a_page_that_follows(
    short_lived: FaultWorld,
):
    alone, followed, long = [await short_lived.vendor() for _ in range(3)]
    async with asyncio.timeout(LONG), asyncio.TaskGroup() as group:
        # Each begins some seconds after the one before, so that they don't hand over at the same time.
        session = await _left_alone(alone)
        group.create_task(_with_nobody_connected(alone, session))
        begun = asyncio.Event()
        group.create_task(_with_a_page(followed, begun))
        await begun.wait()
        group.create_task(_one_step_outlives_its_function(long))


async def _left_alone(vendor: Vendor) -> str:
    """The session of a turn that has made two steps when the page goes away."""
    async with vendor.post("In short steps, please") as stream:
        await stream.until("step_complete")
        await stream.until("step_complete")
        return session_of(stream.seen)


async def _with_nobody_connected(vendor: Vendor, session: str) -> None:
    # Meanwhile nothing but the session's state is asked for.
    async def status() -> str | None:
        found = (await vendor.session(session))["status"]
        return found if found != "running" else None

    assert await until(status, seconds=LONG) == "idle"
    assert_handed_over(await vendor.missed(session, "1-0"))
    assert [await vendor.file(f"{n}.txt") for n in range(SHORT_STEPS)] == [
        f"{n}\n" for n in range(SHORT_STEPS)
    ]


async def _with_a_page(vendor: Vendor, begun: asyncio.Event) -> None:
    async with vendor.post("In short steps, please") as stream:
        await stream.until("step_complete")
        begun.set()
        page = await stream.rest()
    assert page[-1].type == "turn_handover"
    while page[-1].type != "message_complete":
        async with vendor.resume(session_of(page), page[-1].id) as stream:
            page = joined(page, await stream.rest())
    assert_handed_over(page)


def assert_handed_over(events: list[Event]) -> None:
    """One turn in several functions, as if it had been in one."""
    assert_well_formed(events)
    assert [event.type for event in events].count("turn_handover") >= 2
    assert events[-1].type == "message_complete"
    assert texts(events) == "".join(f"Step {n}. " for n in range(SHORT_STEPS)) + "The end."


async def _one_step_outlives_its_function(vendor: Vendor) -> None:
    """What had come is kept, and Claude is asked to go on where it stopped, as after `max_tokens`."""
    async with vendor.post("A long answer, please") as stream:
        page = await stream.rest()
    await vendor.until_status(session_of(page), "idle")
    page = joined(page, await vendor.missed(session_of(page), page[-1].id))
    assert_well_formed(page)
    assert page[-1].type == "message_complete"
    kept = texts(page).removesuffix("Fine.")
    assert kept.startswith("word0 word1 ")
    assert f"word{WORDS - 1}" not in kept
    read = await assert_history(vendor, session_of(page), ["A long answer, please"])
    assert kept.strip() in str(read["messages"])


async def test_a_hand_over_cannot_be_forged_through_the_url(short_lived: FaultWorld):
    vendor, stranger = await short_lived.vendor(), await short_lived.vendor()
    session = await a_session(vendor)
    event = {"handover": {"vendor": vendor.name, "sessionId": session, "epoch": 1}}
    for body in (event, {**event, "message": "Hi", "appId": stranger.app}):
        answer = await stranger.client.post(BASE, content=json.dumps(body), params={"handover": "1"})
        assert answer.status_code in (400, 415)
    named = {"Content-Type": "application/json", "X-Amz-Invocation-Type": "Event"}
    answer = await stranger.client.post(BASE, content=json.dumps(event), headers=named)
    assert answer.status_code == 400
    assert (await vendor.session(session))["metadata"]["turns"] == 1
