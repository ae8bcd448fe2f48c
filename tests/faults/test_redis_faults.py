"""Redis that is down, slow, full or behind a broken proxy, as a vendor sees it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from crash_world import FaultWorld, assert_history, ownerless

from aicode.redis import client, replies, sdk
from dev.claude import Gate, Reply, Text
from dev.upstash import Faults
from dev.upstash.faults import Kind
from tests.end_to_end.contract_world import assert_error
from tests.end_to_end.stack import BASE, assert_well_formed
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

KINDS: list[Kind] = ["hang", "drop_request", "bad_gateway", "unauthorized", "out_of_memory"]


@pytest_asyncio.fixture(loop_scope="session")
async def faults(world: FaultWorld) -> AsyncGenerator[Faults]:
    """The faults of the store, none of them left behind."""
    yield world.faults
    world.faults.clear()


@pytest.mark.sample(1)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_store_that_cannot_be_used_is_503_before_any_stream(
    world: FaultWorld, faults: Faults, kind: Kind
):
    vendor, session = await world.vendor_with_session()
    faults.add(kind)
    body = {"message": "Hi", "appId": vendor.app, "sessionId": session}
    answers = await asyncio.gather(
        vendor.client.post(BASE, json=body),
        vendor.client.get(f"{BASE}/{session}/stream", headers={"Last-Event-ID": "1-1"}),
        vendor.client.get(BASE, params={"sessionId": session}),
        vendor.client.post(f"{BASE}/{session}/cancel"),
    )
    faults.clear()

    for answer in answers:
        assert_error(answer, 503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
    assert (await vendor.turn("And now?", session))[-1].type == "message_complete"
    await assert_history(vendor, session, ["Hello", "And now?"])


async def test_nobody_waits_three_seconds_for_a_store_that_is_silent():
    assert client.FIRST_SECONDS * replies.ATTEMPTS < 3
    assert sdk.TIMEOUT.read is not None
    assert sdk.TIMEOUT.read * replies.ATTEMPTS < 3


# Each costs the time-outs of all tries.
DOWN: list[tuple[Kind, str]] = [
    ("drop_request", "text"),
    ("drop_request", "last"),
    *((kind, "batch") for kind in KINDS),
]


@pytest.mark.sample(1)
@pytest.mark.parametrize(("kind", "place"), DOWN)
async def test_a_store_that_goes_down_stops_the_turn_and_leaves_no_effect_unrecorded(
    world: FaultWorld, faults: Faults, kind: Kind, place: str
):
    vendor, session = await world.vendor_with_session()
    message = f"Do it in two batches [{place}/{kind}]"
    async with asyncio.timeout(PATIENCE), vendor.post(message, session) as stream:
        await stream.until("connection_established")
        await world.stack.model.reached(f"{place}/{kind}")
        faults.add(kind)
        world.stack.model.open(f"{place}/{kind}")
        events = await stream.rest()
    faults.clear()
    assert (await ownerless(vendor, session))["status"] == "interrupted"
    after = await vendor.turn("And now?", session)

    assert_well_formed(events)
    assert events[-1].data["code"] == "store_unavailable"
    assert events[-1].data["retryable"] is True
    assert after[-1].type == "message_complete"
    await assert_history(vendor, session, ["Hello", message, "And now?"])


async def test_a_store_that_comes_back_in_time_is_told_how_the_turn_ended(world: FaultWorld, faults: Faults):
    vendor, session = await world.vendor_with_session()
    fault = faults.add("drop_request", times=2, containing=f's:{session}:f","tokens:')
    events = await vendor.turn("Do it in two batches [none]", session)
    read = await assert_history(vendor, session, ["Hello", "Do it in two batches [none]"])

    assert fault.struck == 2
    assert events[-1].data["code"] == "store_unavailable"
    assert read["status"] == "error"
    assert [(e.id, e.type) for e in await vendor.missed(session, "2-0")] == [(e.id, e.type) for e in events]


async def test_a_silent_store_does_not_hold_up_the_stream(world: FaultWorld, faults: Faults):
    vendor, session = await world.vendor_with_session()
    gates = [f"{vendor.app}-{n}" for n in range(10)]
    words = [part for n, gate in enumerate(gates) for part in (Text(f"{n} "), Gate(gate))]
    flush = faults.add("hang", containing=f'"XADD","s:{session}:e"')
    passed = False
    async with asyncio.timeout(3 * PATIENCE), vendor.post(vendor.says(Reply(*words)), session) as stream:
        await stream.until("text_delta")
        for gate in gates[:-1]:
            # The first of the two tries of a flush, which nobody answers; a machine with little time may see
            # it given up before the words are here, but not each time.
            asked = flush.struck
            await until(lambda asked=asked: flush.struck > asked and flush.struck % 2 == 1)
            asked = flush.struck
            world.stack.model.open(gate)
            await stream.until("text_delta")
            passed = passed or flush.struck == asked
            if passed:
                break
        faults.clear()
        for gate in gates:
            world.stack.model.open(gate)
        events = await stream.rest()

    assert passed
    assert events[-1].type == "message_complete"
    assert_well_formed(events)
