"""Admitting a message: who may, how often, and what a repeated call finds."""

import asyncio
from collections import Counter

import pytest
from store_world import LEASE_MS, START_MS, Store

from aicode.errors import (
    BudgetExceeded,
    MessageIdReused,
    NotFound,
    RateLimited,
    RequestError,
    SessionBusy,
    SessionExpired,
    TooManyTurns,
)
from aicode.redis import keys
from aicode.redis.keys import SessionKeys
from aicode.session_manager.admission import Asked
from aicode.session_manager.manager import Abandoned, Duplicate, OwnedTurn, OwnerUnknown
from aicode.session_manager.turn_writer import Batch
from tests.session_store import counted, step

DAY_MS = 86_400_000


async def test_a_first_message_opens_turn_one_in_one_round_trip(store: Store) -> None:
    store.redis.reset_counters()

    begun = await store.begin(store.message(text="Build it", title="Todo"))

    assert store.redis.requests == 1
    assert (begun.writer.turn, begun.writer.epoch, begun.is_first) == (1, 1, True)
    assert (begun.model, begun.title) == ("claude-test", "Todo")
    assert [entry["record"] for entry in begun.history] == [
        {"kind": "user", "id": "m1", "text": "Build it", "at": START_MS}
    ]
    state = await store.sessions.state("alice", begun.writer.sid)
    assert (state.status, state.turn, state.app, state.message_id) == ("running", 1, "app", "m1")


async def test_a_further_message_gets_the_history_and_the_first_model(store: Store) -> None:
    begun = await store.begin()
    await store.end(begun, "idle", step("One"))

    again = await store.begin(store.message(sid=begun.writer.sid, model="another", title="another"))

    assert (again.writer.turn, again.writer.epoch, again.is_first) == (2, 2, False)
    assert (again.model, again.title) == ("claude-test", "New session")
    assert [(entry["turn"], entry["n"], entry["record"]["kind"]) for entry in again.history] == [
        (1, 1, "user"),
        (1, 2, "step"),
        (2, 1, "user"),
    ]


async def test_an_apps_owner_is_asked_for_once(store: Store) -> None:
    message = store.message()

    assert isinstance(await store.sessions.begin(message), OwnerUnknown)
    assert await store.keys() == set()
    assert isinstance(await store.sessions.begin(message, owner_known=True), OwnedTurn)
    assert isinstance(await store.sessions.begin(store.message()), OwnedTurn)
    with pytest.raises(NotFound):
        await store.sessions.begin(store.message(vendor="bob"))


async def test_a_session_is_not_found_unless_vendor_and_app_are_its_own(store: Store) -> None:
    sid = await store.turn()
    before = await store.dump()

    for message in (
        store.message(sid="unknown"),
        store.message(sid=sid, vendor="bob"),
        store.message(sid=sid, app="other"),
    ):
        with pytest.raises(NotFound):
            await store.begin(message)
    assert await store.dump() == before


async def test_a_running_session_is_busy_until_its_lease_is_over(store: Store) -> None:
    begun = await store.begin()
    store.now += LEASE_MS - 1

    with pytest.raises(SessionBusy) as busy:
        await store.begin(sid=begun.writer.sid)
    store.now += 1
    found = await store.sessions.begin(store.message(sid=begun.writer.sid))

    assert busy.value.details == {"turnId": 1}
    assert found == Abandoned(1)


async def test_of_ten_messages_at_once_one_wins(store: Store) -> None:
    sid = await store.turn()

    results = await asyncio.gather(*(store.begin(sid=sid) for _ in range(10)), return_exceptions=True)

    assert Counter(type(result) for result in results) == {OwnedTurn: 1, SessionBusy: 9}
    kinds = [entry["turn"] for entry in (await store.sessions.read("alice", sid)).entries]
    assert kinds == [1, 1, 2]


async def test_the_same_message_ten_times_at_once_is_one_turn(store: Store) -> None:
    message = store.message()

    results = await asyncio.gather(*(store.sessions.begin(message, owner_known=True) for _ in range(10)))

    assert Counter(type(result) for result in results) == {OwnedTurn: 1, Duplicate: 9}
    sid = next(result.writer.sid for result in results if isinstance(result, OwnedTurn))
    assert {result for result in results if isinstance(result, Duplicate)} == {Duplicate(sid, 1)}


async def test_a_repeated_message_finds_its_turn_also_when_it_is_over(store: Store) -> None:
    begun = await store.begin(store.message(message_id="mine"))
    sid = begun.writer.sid
    await store.end(begun)

    assert await store.sessions.begin(store.message(message_id="mine")) == Duplicate(sid, 1)
    assert await store.sessions.begin(store.message(message_id="mine", sid=sid)) == Duplicate(sid, 1)
    for other in (
        store.message(message_id="mine", text="Something else"),
        store.message(message_id="mine", sid=await store.turn()),
    ):
        with pytest.raises(MessageIdReused):
            await store.sessions.begin(other)


async def test_a_message_id_belongs_to_a_vendor_within_an_app(store: Store) -> None:
    first = await store.begin(store.message(message_id="mine"))
    second = await store.begin(store.message(message_id="mine", app="other"))
    third = await store.begin(store.message(message_id="mine", app="bobs", vendor="bob"))

    assert len({begun.writer.sid for begun in (first, second, third)}) == 3


async def test_a_message_makes_no_second_turn_once_its_session_has_expired(store: Store) -> None:
    message = store.message(message_id="mine")
    first = await store.begin(message)
    await store.client.command("DEL", SessionKeys(first.writer.sid).meta)

    again = await store.sessions.begin(message, owner_known=True)

    assert again == Duplicate(first.writer.sid, 1)
    with pytest.raises(SessionExpired):
        await store.sessions.state("alice", first.writer.sid)


async def test_a_new_session_takes_the_place_of_what_is_left_of_expired_ones(store: Store) -> None:
    first = await store.begin(store.message(message_id="long ago"))
    await store.end(first)
    store.now += 2 * DAY_MS - LEASE_MS
    second = await store.begin(store.message(message_id="lately"))
    await store.end(second)
    store.now += LEASE_MS
    await store.client.command("DEL", SessionKeys(first.writer.sid).meta)
    await store.sessions.list_sessions("alice", "app")

    third = await store.begin(store.message(message_id="now"))

    sids = [begun.writer.sid for begun in (second, third)]
    assert await store.client.command("ZRANGE", "ix:alice:app", 0, -1) == sids
    known = await store.client.command("HKEYS", "mid:alice:app")
    assert sorted(known) == ["lately", "now"]


async def test_an_expired_session_is_told_to_its_vendor_alone(store: Store) -> None:
    sid = await store.turn()
    await store.client.command("DEL", SessionKeys(sid).meta)

    with pytest.raises(SessionExpired):
        await store.begin(store.message(sid=sid))
    with pytest.raises(NotFound):
        await store.begin(store.message(sid=sid, vendor="bob"))


async def test_the_rate_is_exact_in_every_window_of_a_minute(store: Store) -> None:
    limited = store.manager(RATE_LIMIT_PER_MINUTE="3")
    for offset in (0, 20_000, 59_999):
        store.now = START_MS + offset
        await limited.begin(store.message(), owner_known=True)

    with pytest.raises(RateLimited) as refused:
        await limited.begin(store.message(), owner_known=True)
    assert refused.value.retry_after == 1
    store.now = START_MS + 60_000
    await limited.begin(store.message(), owner_known=True)
    with pytest.raises(RateLimited) as refused:
        await limited.begin(store.message(), owner_known=True)
    assert refused.value.retry_after == 20
    store.now = START_MS + 80_000
    await limited.begin(store.message(), owner_known=True)
    await limited.begin(store.message(vendor="bob", app="bobs"), owner_known=True)


async def test_what_is_refused_does_not_count_as_sent(store: Store) -> None:
    limited = store.manager(RATE_LIMIT_PER_MINUTE="2")
    begun = await limited.begin(store.message(), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    for _ in range(3):
        with pytest.raises(SessionBusy):
            await limited.begin(store.message(sid=begun.writer.sid))

    assert isinstance(await limited.begin(store.message()), OwnedTurn)


async def test_a_message_that_is_sent_once_more_counts_once_more(store: Store) -> None:
    limited, message = store.manager(RATE_LIMIT_PER_MINUTE="3"), store.message()
    await limited.begin(message, owner_known=True)
    for _ in range(2):
        assert isinstance(await limited.begin(message), Duplicate)

    with pytest.raises(RateLimited):
        await limited.begin(message)
    with pytest.raises(RateLimited):
        await limited.begin(store.message())
    store.now += 60_000
    assert isinstance(await limited.begin(message), Duplicate)


async def test_a_turn_that_a_vendor_takes_up_again_counts_as_a_message(store: Store) -> None:
    limited = store.manager(RATE_LIMIT_PER_MINUTE="2", TURN_LEASE_SECONDS="1")
    left = [await limited.begin(store.message(), owner_known=True) for _ in range(2)]
    store.now += 30_000
    one, two = [turn.writer.sid for turn in left if isinstance(turn, OwnedTurn)]

    with pytest.raises(RateLimited) as refused:
        await limited.claim("alice", one, asked="anew")
    assert refused.value.retry_after == 30
    assert await limited.claim("alice", one, asked="again") is not None, "its message has been counted"
    store.now += 30_000
    assert await limited.claim("alice", two, asked="anew") is not None
    assert isinstance(await limited.begin(store.message()), OwnedTurn)
    with pytest.raises(RateLimited):
        await limited.begin(store.message())


@pytest.mark.parametrize("asked", ["anew", "again"])
async def test_turns_that_are_taken_up_again_count_among_those_that_run(store: Store, asked: Asked) -> None:
    limited = store.manager(MAX_CONCURRENT_TURNS="2", TURN_LEASE_SECONDS="1")
    sids: list[str] = []
    for _ in range(3):
        begun = await limited.begin(store.message(), owner_known=True)
        assert isinstance(begun, OwnedTurn)
        sids.append(begun.writer.sid)
        store.now += 1_000

    for sid in sids[:2]:
        assert await limited.claim("alice", sid, asked=asked) is not None
    with pytest.raises(TooManyTurns):
        await limited.claim("alice", sids[2], asked=asked)
    assert (await limited.state("alice", sids[2])).status == "interrupted"
    assert await limited.claim("alice", sids[2]) is not None, (
        "the product may: to close it, or to go on with it"
    )


async def test_a_turn_is_not_taken_up_again_without_budget(store: Store) -> None:
    begun = await store.begin()
    store.now += LEASE_MS
    spent = store.manager(DAILY_TOKEN_BUDGET="1")
    await store.client.command("SET", keys.tokens("alice", store.now), 1)

    with pytest.raises(BudgetExceeded):
        await spent.claim("alice", begun.writer.sid, asked="anew")


async def test_a_vendor_runs_so_many_turns_at_once(store: Store) -> None:
    limited = store.manager(MAX_CONCURRENT_TURNS="2")
    first = await limited.begin(store.message(), owner_known=True)
    store.now += 10_000
    await limited.begin(store.message(), owner_known=True)

    with pytest.raises(TooManyTurns):
        await limited.begin(store.message(), owner_known=True)
    assert isinstance(await limited.begin(store.message(vendor="bob", app="b"), owner_known=True), OwnedTurn)
    assert isinstance(first, OwnedTurn)
    await store.end(first)
    assert isinstance(await limited.begin(store.message()), OwnedTurn)


async def test_a_dead_turn_does_not_count_beyond_its_lease(store: Store) -> None:
    limited = store.manager(MAX_CONCURRENT_TURNS="1")
    await limited.begin(store.message(), owner_known=True)
    store.now += LEASE_MS

    assert isinstance(await limited.begin(store.message()), OwnedTurn)


async def test_a_long_turn_counts_as_long_as_it_lives(store: Store) -> None:
    limited = store.manager(MAX_CONCURRENT_TURNS="1")
    begun = await limited.begin(store.message(), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    for number in range(1, 10):
        store.now += 9_000
        await begun.writer.checkpoint(store.now, Batch(records=[step(number=number)]))
        await begun.writer.flush(store.now, b"", 0)

    with pytest.raises(TooManyTurns):
        await limited.begin(store.message())


async def test_a_budget_is_over_until_midnight(store: Store) -> None:
    limited = store.manager(DAILY_TOKEN_BUDGET="100")
    begun = await limited.begin(store.message(), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    signals = await begun.writer.checkpoint(store.now, Batch(records=[step()], **counted(begun, 100)))
    assert signals.tokens_today == 100

    with pytest.raises(BudgetExceeded) as refused:
        await limited.begin(store.message())
    assert isinstance(await store.manager(DAILY_TOKEN_BUDGET="0").begin(store.message()), OwnedTurn)
    assert refused.value.retry_after is not None
    store.now += refused.value.retry_after * 1000
    assert isinstance(await limited.begin(store.message()), OwnedTurn)


async def test_a_refused_message_leaves_no_trace(store: Store) -> None:
    limited = store.manager(RATE_LIMIT_PER_MINUTE="1", MAX_CONCURRENT_TURNS="1")
    begun = await limited.begin(store.message(), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    before = await store.dump()

    for message in (store.message(sid=begun.writer.sid), store.message(), store.message(sid="none")):
        with pytest.raises(RequestError):
            await limited.begin(message)
    assert await store.dump() == before
