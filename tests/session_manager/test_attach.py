"""The streams that one vendor may read beside those of turns it owns: so many slots, each with a lease."""

import asyncio

import pytest
from store_world import LEASE_MS, Store, frame

from aicode.errors import NotFound, SessionExpired, TooManyStreams
from aicode.session_manager.manager import SessionManager

SLOT_SECONDS = 20.0


async def a_running_turn(store: Store) -> str:
    begun = await store.begin()
    await begun.writer.flush(store.now, frame(1), 1)
    return begun.writer.sid


async def attach(sessions: SessionManager, sid: str, vendor: str = "alice") -> str | None:
    """The slot that a reader gets."""
    _, _, slot = await sessions.attach(vendor, sid, seconds=SLOT_SECONDS)
    return slot


async def test_a_reader_gets_the_state_the_first_events_and_a_slot(store: Store) -> None:
    sid = await a_running_turn(store)

    state, entries, slot = await store.sessions.attach("alice", sid, seconds=SLOT_SECONDS)

    assert (state, entries) == await store.sessions.events("alice", sid, "0-0")
    assert state.status == "running"
    assert b"".join(entry.frames for entry in entries) == frame(1)
    assert slot is not None


async def test_one_reader_more_than_there_are_slots_is_refused_until_one_leaves(store: Store) -> None:
    sessions, sid = store.manager(MAX_READERS="2"), await a_running_turn(store)
    first, _ = [await attach(sessions, sid) for _ in range(2)]

    with pytest.raises(TooManyStreams) as refused:
        await attach(sessions, sid)
    await sessions.detach("alice", str(first))

    assert refused.value.retry_after
    assert await attach(sessions, sid) is not None


async def test_of_readers_that_come_at_once_as_many_are_let_in_as_there_are_slots(store: Store) -> None:
    sids = [await a_running_turn(store) for _ in range(3)] * 5

    came = await asyncio.gather(*(attach(store.sessions, sid) for sid in sids), return_exceptions=True)

    assert len({slot for slot in came if isinstance(slot, str)}) == 10
    assert sum(isinstance(slot, TooManyStreams) for slot in came) == 5


async def test_a_session_has_four_readers_and_leaves_the_other_slots_to_others(store: Store) -> None:
    sid, second = await a_running_turn(store), await a_running_turn(store)
    first, *_ = [await attach(store.sessions, sid) for _ in range(4)]

    with pytest.raises(TooManyStreams):
        await attach(store.sessions, sid)
    assert await attach(store.sessions, second) is not None
    await store.sessions.detach("alice", str(first))
    assert await attach(store.sessions, sid) is not None


async def test_the_slots_are_one_vendors_over_all_of_its_sessions(store: Store) -> None:
    sessions = store.manager(MAX_READERS="1")
    sid, second = await a_running_turn(store), await a_running_turn(store)
    others = await store.begin(store.message(vendor="bob", app="bobs-app"))
    await attach(sessions, sid)

    with pytest.raises(TooManyStreams):
        await attach(sessions, second)
    assert await attach(sessions, others.writer.sid, "bob") is not None


async def test_a_reader_whose_process_died_has_its_slot_no_longer_than_its_lease(store: Store) -> None:
    sessions, sid = store.manager(MAX_READERS="1"), await a_running_turn(store)
    await attach(sessions, sid)

    store.now += int(SLOT_SECONDS * 1000) - 1
    with pytest.raises(TooManyStreams):
        await attach(sessions, sid)
    store.now += 1
    assert await attach(sessions, sid) is not None


async def test_who_finds_nothing_live_needs_no_slot(store: Store) -> None:
    sessions, sid, finished = store.manager(MAX_READERS="1"), await a_running_turn(store), await store.turn()
    await sessions.attach("alice", sid, seconds=60.0)

    assert await attach(sessions, finished) is None
    with pytest.raises(TooManyStreams):
        await attach(sessions, sid)
    store.now += LEASE_MS
    assert await attach(sessions, sid) is None, "its owner is dead"


async def test_who_may_not_read_a_session_takes_no_slot(store: Store) -> None:
    sessions, sid, expired = store.manager(MAX_READERS="1"), await a_running_turn(store), await store.turn()
    await store.client.command("DEL", f"s:{expired}:m")

    with pytest.raises(NotFound):
        await attach(sessions, sid, "mallory")
    with pytest.raises(NotFound):
        await attach(sessions, "never-was")
    with pytest.raises(SessionExpired):
        await attach(sessions, expired)

    assert not any(key.startswith("readers:") for key in await store.keys())


async def test_a_slot_whose_answer_was_lost_counts_once(store: Store) -> None:
    sessions, sid = store.manager(MAX_READERS="1"), await a_running_turn(store)
    fault = store.faults.add("drop_answer", times=1, containing="Attaches a reader")
    slot = await attach(sessions, sid)
    refusal = store.faults.add("drop_answer", times=1, containing="Attaches a reader")
    with pytest.raises(TooManyStreams):
        await attach(sessions, sid)
    leaving = store.faults.add("drop_answer", times=1, containing="ZREM")
    await sessions.detach("alice", str(slot))

    assert (fault.struck, refusal.struck, leaving.struck) == (1, 1, 1)
    assert not any(key.startswith("readers:") for key in await store.keys())


async def test_slots_go_by_themselves(store: Store) -> None:
    sid = await a_running_turn(store)
    await attach(store.sessions, sid)

    expires, _ = (await store.dump())["readers:alice"]
    assert expires
