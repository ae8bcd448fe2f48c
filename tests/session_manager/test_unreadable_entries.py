"""Entries that cannot be read, or that newer code has written, keep their place, and nothing is lost."""

import pytest
from store_world import LEASE_MS, Store, results

from aicode.errors import StoreUnavailable
from aicode.history import vendor_view
from aicode.history.records import Record
from aicode.session_manager.turn_writer import Batch
from chat.agent.prompt.conversation import to_api
from tests.session_store import step

UNREADABLE = pytest.mark.parametrize(
    "entry", ['{"kind":"step","step":1,"conte', '{"kind":"hologram","at":5}', "null"]
)


async def left_by_another(store: Store, entry: str) -> str:
    """A session whose running turn is nobody's, with this entry as its last."""
    begun = await store.begin()
    sid = begun.writer.sid
    await begun.writer.checkpoint(store.now, Batch(records=[step("One")]))
    await store.client.command("XADD", f"s:{sid}:h", "1-3", "m", entry)
    store.now += LEASE_MS
    return sid


async def records(store: Store, sid: str) -> list[tuple[int, Record]]:
    """What can be read of a session's first turn, by its places."""
    entries = (await store.sessions.read("alice", sid)).entries
    return [(entry["n"], entry["record"]) for entry in entries if entry["record"]["kind"] != "opaque"]


@UNREADABLE
async def test_a_step_that_is_finished_after_a_take_over_is_in_the_history(store: Store, entry: str) -> None:
    sid = await left_by_another(store, entry)

    claimed = await store.sessions.claim("alice", sid)
    assert claimed is not None
    await claimed[0].checkpoint(store.now, Batch(records=[step("Two"), step("Three")]))

    assert (await records(store, sid))[1:] == [(2, step("One")), (4, step("Two")), (5, step("Three"))]


@UNREADABLE
async def test_it_keeps_its_place_and_is_shown_and_sent_to_nobody(store: Store, entry: str) -> None:
    sid = await left_by_another(store, entry)

    entries = (await store.sessions.read("alice", sid)).entries

    kinds = [(found["n"], found["record"]["kind"]) for found in entries]
    assert kinds == [(1, "user"), (2, "step"), (3, "opaque")]
    assert [message["id"] for message in vendor_view.messages(entries)][1:] == ["1.2"]
    assert to_api(entries) == to_api(entries[:2])
    assert list(vendor_view.replay(entries)) == list(vendor_view.replay(entries[:2]))


async def test_two_writes_for_one_place_are_never_both_acknowledged(store: Store) -> None:
    begun = await store.begin()
    store.faults.add("drop_answer", times=2)
    with pytest.raises(StoreUnavailable):
        await begun.writer.checkpoint(store.now, Batch(records=[step("One"), results("One\n" * 1_000)]))
    before = await store.dump()

    for other in (
        [step("Another")],
        [step("One")] * 2,
        [step("One"), results("Two\n" * 1_000)],
        [step("One"), results("One\n" * 1_000), step("Three")],
    ):
        with pytest.raises(StoreUnavailable):
            await begun.writer.checkpoint(store.now, Batch(records=other, modifications={"a": "{}"}))

    assert await store.dump() == before
