"""Every write may be carried out and its answer lost: tried again, it changes nothing more."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from store_world import LEASE_MS, Store, frame, results

from aicode.api_types import Usage
from aicode.errors import StoreUnavailable
from aicode.history.usage import no_usage
from aicode.redis.client import RedisClient, Reply
from aicode.session_manager.manager import OwnedTurn, SessionManager
from aicode.session_manager.turn_writer import Batch
from tests.session_store import counted, ended, settings_with, step
from tests.waiting import until

USAGE: Usage = {**no_usage(), "inputTokens": 5, "costUsd": 0.000012}
LONG = "x\n" * 5_000
Operation = Callable[[Store], Awaitable[object]]


async def begin(store: Store) -> object:
    return await store.begin()


async def second_begin(store: Store) -> object:
    return await store.begin(sid=await store.turn())


async def flush(store: Store) -> object:
    begun = await store.begin()
    store.now += LEASE_MS // 2
    return await begun.writer.flush(store.now, frame(1), 1)


async def checkpoint(store: Store) -> object:
    begun = await store.begin()
    batch = Batch(
        records=[step(), results(LONG)],
        frames=frame(2),
        last_seq=2,
        usage=USAGE,
        modifications={"a": "{}"},
        step=1,
        **counted(begun, 5),
    )
    return await begun.writer.checkpoint(store.now, batch)


async def end(store: Store) -> object:
    begun = await store.begin()
    return await store.end(
        begun, "cancelled", step(), results(LONG), ended(), usage=USAGE, modifications={"a": "{}"}
    )


async def cancel(store: Store) -> object:
    return await store.sessions.cancel("alice", (await store.begin()).writer.sid)


async def delete(store: Store) -> object:
    return await store.sessions.delete("alice", await store.turn())


async def claim(store: Store) -> object:
    begun = await store.begin()
    store.now += LEASE_MS
    claimed = await store.sessions.claim("alice", begun.writer.sid)
    assert claimed is not None
    return claimed[0].epoch


async def count_search(store: Store) -> object:
    writer = (await store.begin()).writer
    return await writer.count_search(store.now, "toolu_1", most_a_turn=1, most_a_day=1)


@pytest.mark.parametrize(
    ("operation", "marker"),
    [
        (begin, "Admits a message"),
        (second_begin, "Admits a message"),
        (flush, "XADD"),
        (checkpoint, "Records part of a turn"),
        (end, "Ends a turn"),
        (cancel, "Asks the running turn"),
        (delete, "Removes a session"),
        (claim, "Takes a running turn over"),
        (count_search, "about to search the web"),
    ],
)
async def test_a_write_whose_answer_was_lost_counts_once(
    store: Store, operation: Operation, marker: str
) -> None:
    expected_result = await operation(store)
    expected = await _without_names(store)
    await store.client.command("FLUSHALL")
    begins = 1 if operation is second_begin else 0
    fresh = Store(store.redis, store.client, store.sessions)
    fresh.sessions.now_ms = lambda: fresh.now
    fault = store.faults.add("drop_answer", times=1, containing=marker, skip=begins)

    result = await operation(fresh)

    assert fault.struck == 1
    assert type(result) is type(expected_result)
    if not hasattr(result, "writer"):
        assert result == expected_result
    assert await _without_names(fresh) == expected


async def test_a_checkpoint_given_up_and_made_again_counts_once(store: Store) -> None:
    begun = await store.begin()
    batch = Batch(records=[step()], frames=frame(1), last_seq=1, usage=USAGE)
    store.faults.add("drop_answer", times=2)
    with pytest.raises(StoreUnavailable):
        await begun.writer.checkpoint(store.now, batch)
    before = await store.dump()

    await begun.writer.checkpoint(store.now, batch)

    assert await store.dump() == before
    state = await store.sessions.state("alice", begun.writer.sid)
    assert state.metadata["usage"]["inputTokens"] == 5


async def test_an_end_comes_behind_a_checkpoint_that_its_owner_never_heard_of(store: Store) -> None:
    begun = await store.begin()
    store.faults.add("drop_answer", times=2)
    with pytest.raises(StoreUnavailable):
        await begun.writer.checkpoint(store.now, Batch(records=[step("one"), step("two")]))

    assert await store.end(begun, "error", ended("error"))

    view = await store.sessions.read("alice", begun.writer.sid)
    assert [entry["record"]["kind"] for entry in view.entries] == ["user", "step", "step", "end"]
    assert view.state.status == "error"


async def test_a_stop_whose_answer_comes_late_does_not_stop_the_next_turn(store: Store) -> None:
    begun = await store.begin()
    sid = begun.writer.sid
    fault = store.faults.add("hang_answer", times=1, containing="Asks the running turn")
    stopping = asyncio.create_task(store.sessions.cancel("alice", sid))

    async def hears_of_it() -> bool:
        return (await begun.writer.flush(store.now, b"", 0)).cancelled

    await until(hears_of_it)
    await store.end(begun, "cancelled", ended("turn_cancelled"))
    again = await store.begin(sid=sid)

    assert await stopping
    assert fault.struck == 1
    assert not (await again.writer.flush(store.now, b"", 0)).cancelled


class Recording(RedisClient):
    """Remembers what it has sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "t")
        self.sent: list[Sequence[str | float]] = []

    async def command(self, *parts: str | float) -> Reply:
        self.sent.append(parts)
        return await super().command(*parts)


async def test_a_message_that_arrives_once_more_when_its_session_is_deleted_brings_nothing_back(
    store: Store,
) -> None:
    client = Recording(store.redis.url)
    sessions = SessionManager(client, settings_with(store.redis), now_ms=lambda: store.now)
    begun = await sessions.begin(store.message(), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    await store.sessions.delete("alice", begun.writer.sid)
    before = await store.dump()

    # The first of two tries, which was given up on its way.
    await client.command(*client.sent[0])

    assert await store.dump() == before
    await client.close()


async def test_tokens_of_a_deleted_session_count_once(store: Store) -> None:
    begun = await store.begin()
    await store.sessions.delete("alice", begun.writer.sid)
    fault = store.faults.add("drop_answer", times=1, containing="tokens:")

    before = (await store.sessions.budget("alice"))["usedTokens"]
    assert await begun.writer.count_tokens(store.now, 5, "rest") == before + 5

    assert fault.struck == 1
    assert (await store.sessions.budget("alice"))["usedTokens"] == before + 5
    assert all(expires for expires, _ in (await store.dump()).values())


async def test_a_store_that_stays_silent_is_unavailable(store: Store) -> None:
    begun = await store.begin()
    store.faults.add("drop_request")

    for attempt in (
        store.sessions.begin(store.message()),
        store.sessions.read("alice", begun.writer.sid),
        store.sessions.cancel("alice", begun.writer.sid),
        begun.writer.flush(store.now, frame(1), 1),
    ):
        with pytest.raises(StoreUnavailable):
            await attempt


async def _without_names(store: Store) -> Any:
    """The store's content with session ids and nonces, which are random, replaced."""
    content = await store.dump()
    sids = {match[1] for key in content if (match := re.match(r"s:([^:]+):", key))}
    text = repr(content)
    for sid in sids:
        text = text.replace(sid, "SID")
    return re.sub(r"'(stop_)?nonce', '\w+'|deleted \w+", "NONCE", text)
