"""A process that is stopped beyond its lease and wakes up: it changes nothing any more."""

import os
import signal
from typing import Any

import pytest
from crash_world import FaultWorld, assert_history, ownerless

from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import APPS, Event, assert_well_formed, session_of
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.sample(1)
@pytest.mark.parametrize("then", ["continue", "message"])
@pytest.mark.parametrize("asleep_at", ["checkpoint", "gate"])
async def test_a_process_that_wakes_after_its_lease_changes_nothing(
    world: FaultWorld, asleep_at: str, then: str
):
    vendor, session = await world.vendor_with_session()
    message = f"Do it in two batches [batch/{asleep_at}-{then}]"
    fault = world.faults.add("hang_answer", times=1, containing=f's:{session}:f","tokens:', skip=0)
    if asleep_at == "gate":
        world.faults.active.remove(fault)
    async with world.watched(vendor.post(message, session)) as watched:
        if asleep_at == "gate":
            await world.stack.model.reached(f"batch/gate-{then}")
        else:
            await until(lambda: fault.struck)
        os.kill(watched.pid, signal.SIGSTOP)
        try:
            world.stack.model.open(f"batch/checkpoint-{then}")
            assert (await ownerless(vendor, session))["status"] == "interrupted"
            assert (await _go_on(vendor, session, then))[-1].type == "message_complete"
            before = await _all(vendor, session)
        finally:
            os.kill(watched.pid, signal.SIGCONT)
        world.stack.model.open(f"batch/gate-{then}")
        await until(lambda: world.stack.chat_pids() == [])

    assert await _all(vendor, session) == before
    await vendor.turn("Another", session)
    said = ["Hello", message, *(["And now?"] if then == "message" else []), "Another"]
    await assert_history(vendor, session, said)


async def _go_on(vendor: Vendor, session: str, then: str) -> list[Event]:
    if then == "message":
        return await vendor.turn("And now?", session)
    async with vendor.resume(session, "2-0", **{"continue": "1"}) as stream:
        return await stream.rest()


async def _all(vendor: Vendor, session: str) -> dict[str, Any]:
    """Everything a vendor can see of the session and of the app."""
    read = await vendor.session(session)
    files = (await vendor.client.get(f"{APPS}/{vendor.app}/files")).json()
    checkpoints = (await vendor.client.get(f"{APPS}/{vendor.app}/checkpoints")).json()["checkpoints"]
    turns = read["metadata"]["turns"]
    events = await vendor.missed(session, f"{turns}-0")
    assert_well_formed(events)
    assert session_of(events) == session
    return {"session": read, "files": files["files"], "checkpoints": checkpoints, "events": events}
