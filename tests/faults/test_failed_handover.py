"""A hand-over that Lambda refuses, delivers twice, or never confirms: the turn goes on, and once."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
import pytest_asyncio
from crash_world import FaultWorld, a_warm_world, assert_history, assert_nothing_refused, joined
from invoke_api import Fate, InvokeApi, an_invoke_api

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import Event, assert_well_formed, session_of, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = 120.0
STEPS = 16


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def api() -> AsyncGenerator[InvokeApi]:
    """The way to the Invoke API."""
    async with an_invoke_api() as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def short_lived(api: InvokeApi, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FaultWorld]:
    """A product whose chat function may run for sixteen seconds, with a lease that no test waits for."""
    folder = tmp_path_factory.mktemp("failed")
    own = {"AWS_ENDPOINT_URL_LAMBDA": api.url, "TURN_LEASE_SECONDS": "300"}
    async with a_warm_world(folder, 2, FUNCTION_TIMEOUT_SECONDS="16", **own) as world:
        api.behind = world.stack.server.invoke_url
        yield world


# Two at a time: each of them is in up to three processes at once.
@pytest.mark.sample(0)
@pytest.mark.parametrize("fates", [("refused", "twice"), ("throttled once", "unconfirmed")])
async def test_a_turn_goes_on_whatever_becomes_of_its_hand_over(
    api: InvokeApi, short_lived: FaultWorld, fates: Sequence[Fate]
):
    async with asyncio.timeout(LONG):
        await asyncio.gather(*(_with_a_fate(api, short_lived, fate) for fate in fates))
    assert_nothing_refused(short_lived)
    # What the function's role allows, and what has the hand-over's settings, is the alias.
    assert {name.rpartition("function:")[2] for name in api.functions} == {"chat:live"}


async def _with_a_fate(api: InvokeApi, world: FaultWorld, fate: Fate) -> None:
    vendor = await world.vendor()
    api.fates[vendor.name] = fate
    steps = [
        Reply(Text(f"Step {n}. "), ToolUse("create_file", {"path": f"{n}.txt", "content": "x"}), delay=0.8)
        for n in range(STEPS)
    ]
    message = vendor.says(*steps, Reply(Text("The end.")))
    async with vendor.post(message) as stream:
        page = await stream.rest()
    assert page[-1].type == "turn_handover", fate
    if fate == "refused":
        # Its lease is still long: it was given up.
        await vendor.until_status(session_of(page), "interrupted")
    # Of an unconfirmed one the owner cannot know whether it will be followed.
    page = await _to_its_end(vendor, page, take_up=fate in ("refused", "unconfirmed"))

    assert_well_formed(page)
    assert page[-1].type == "message_complete", fate
    whole = await vendor.missed(session_of(page), "1-0")
    assert_well_formed(whole)
    assert [e.id for e in whole] == [e.id for e in page]
    assert texts(whole) == texts(page)
    assert texts(page).endswith("The end.")
    await assert_history(vendor, session_of(page), [message])
    if fate != "twice":
        assert api.asked[vendor.name] > 1, "it was tried again"


async def _to_its_end(vendor: Vendor, page: list[Event], *, take_up: bool) -> list[Event]:
    while page[-1].type != "message_complete":
        query = {"continue": "1"} if take_up else {}
        async with vendor.resume(session_of(page), page[-1].id, **query) as stream:
            assert stream.response.status_code == 200
            page = joined(page, await stream.rest())
    return page
