"""The owner of a turn: what it writes, what it is told, and how it learns that it is the owner no more."""

import pytest
from store_world import LEASE_MS, Store, frame, results

from aicode.errors import FencedError, NotFound, SessionDeletedError
from aicode.history.usage import no_usage
from aicode.redis.keys import SessionKeys
from aicode.session_manager.manager import Duplicate, OwnedTurn
from aicode.session_manager.state import SessionState
from aicode.session_manager.turn_writer import Batch
from tests.session_store import ended, step


async def test_flushed_events_are_read_from_any_cursor(store: Store) -> None:
    begun = await store.begin()
    sid = begun.writer.sid
    await begun.writer.flush(store.now, frame(1) + frame(2), 2)
    await begun.writer.flush(store.now, frame(3), 3)

    state, log = await store.sessions.events("alice", sid, "1-0")
    _, rest = await store.sessions.events("alice", sid, log[0].cursor)

    assert state.status == "running"
    assert [(entry.turn, entry.last_seq) for entry in log] == [(1, 2), (1, 3)]
    assert b"".join(entry.frames for entry in log) == frame(1) + frame(2) + frame(3)
    assert [entry.frames for entry in rest] == [frame(3)]
    with pytest.raises(NotFound):
        await store.sessions.events("bob", sid, "1-0")


async def test_a_flush_tells_whether_the_vendor_wants_to_stop(store: Store) -> None:
    begun = await store.begin()
    before = await begun.writer.flush(store.now, frame(1), 1)

    assert await store.sessions.cancel("alice", begun.writer.sid)

    assert not before.cancelled
    assert (await begun.writer.flush(store.now, b"", 1)).cancelled
    assert (await begun.writer.checkpoint(store.now, Batch(records=[step()]))).cancelled


async def test_cancelling_one_turn_does_not_stop_the_next(store: Store) -> None:
    begun = await store.begin()
    sid = begun.writer.sid
    assert await store.sessions.cancel("alice", sid)
    await store.end(begun, "cancelled", ended("turn_cancelled"))

    assert not await store.sessions.cancel("alice", sid)
    again = await store.begin(sid=sid)

    assert not (await again.writer.flush(store.now, b"", 0)).cancelled


async def test_an_end_gives_way_to_a_stop_that_came_first(store: Store) -> None:
    begun = await store.begin()
    await store.sessions.cancel("alice", begun.writer.sid)
    batch = Batch(frames=frame(1), last_seq=1, records=[step(), ended()])

    assert not await begun.writer.end(store.now, batch, "idle", unless_cancelled=True)
    assert (await store.sessions.state("alice", begun.writer.sid)).status == "running"
    assert await begun.writer.end(store.now, batch, "cancelled")
    assert (await store.sessions.state("alice", begun.writer.sid)).status == "cancelled"


async def test_a_checkpoint_holds_all_of_its_parts(store: Store) -> None:
    begun = await store.begin()
    sid = begun.writer.sid
    usage = no_usage()
    usage["inputTokens"], usage["outputTokens"], usage["costUsd"] = 7, 3, 0.00001
    batch = Batch(
        frames=frame(1),
        last_seq=1,
        records=[step()],
        usage=usage,
        modifications={"src/ä.ts": '{"timestamp":1,"path":"src/ä.ts"}'},
        step=1,
        pending='[{"toolId":"t"}]',
    )

    await begun.writer.checkpoint(store.now, batch)
    await begun.writer.checkpoint(store.now, Batch(records=[step("two")], usage=usage))

    view = await store.sessions.read("alice", sid)
    assert [(entry["turn"], entry["n"]) for entry in view.entries] == [(1, 1), (1, 2), (1, 3)]
    assert view.entries[1]["record"] == step()
    assert view.files == {"src/ä.ts": '{"timestamp":1,"path":"src/ä.ts"}'}
    assert view.state.pending == []
    assert view.state.metadata["usage"] == {
        "inputTokens": 14,
        "outputTokens": 6,
        "cacheReadTokens": 0,
        "cacheWriteTokens": 0,
        "costUsd": 0.00002,
    }
    assert [entry.frames for entry in (await store.sessions.events("alice", sid, "1-0"))[1]] == [frame(1)]


async def test_an_end_holds_the_last_changes_too(store: Store) -> None:
    begun = await store.begin()

    await store.end(begun, "cancelled", step(), ended(), modifications={"a": '{"path":"a"}'})

    view = await store.sessions.read("alice", begun.writer.sid)
    assert view.files == {"a": '{"path":"a"}'}
    assert [entry["record"]["kind"] for entry in view.entries] == ["user", "step", "end"]


async def test_whoever_claims_a_dead_turn_writes_and_the_dead_one_does_not(store: Store) -> None:
    begun = await store.begin()
    sid, old = begun.writer.sid, begun.writer
    await old.checkpoint(store.now, Batch(records=[step()], frames=frame(1), last_seq=1))
    assert await store.sessions.claim("alice", sid) is None
    store.now += LEASE_MS

    claimed = await store.sessions.claim("alice", sid)

    assert claimed is not None
    writer, view = claimed
    assert (writer.turn, writer.epoch) == (1, 2)
    assert [entry["record"]["kind"] for entry in view.entries] == ["user", "step"]
    assert await store.sessions.claim("alice", sid) is None
    content = await store.dump()
    for late in (
        old.flush(store.now, frame(2), 2),
        old.checkpoint(store.now, Batch(records=[step("late")])),
        old.end(store.now, Batch(records=[ended()], last_seq=3), "idle"),
    ):
        with pytest.raises(FencedError):
            await late
    assert await store.dump() == content
    await writer.checkpoint(store.now, Batch(records=[step("new")], frames=frame(2), last_seq=2))
    await writer.end(store.now, Batch(records=[ended()], frames=frame(3), last_seq=3), "idle")
    view = await store.sessions.read("alice", sid)
    assert [(entry["n"], entry["record"]["kind"]) for entry in view.entries] == [
        (1, "user"),
        (2, "step"),
        (3, "step"),
        (4, "end"),
    ]
    assert view.state.status == "idle"


async def test_a_turn_is_handed_over_before_its_lease_is_over_by_its_owner_alone(store: Store) -> None:
    begun = await store.begin()
    sid = begun.writer.sid

    assert await store.sessions.claim("alice", sid, handed_over_by=begun.writer.epoch + 1) is None
    claimed = await store.sessions.claim("alice", sid, handed_over_by=begun.writer.epoch)

    assert claimed is not None
    assert claimed[0].epoch == begun.writer.epoch + 1
    with pytest.raises(FencedError):
        await begun.writer.flush(store.now, frame(1), 1)


async def test_a_hand_over_that_is_delivered_twice_takes_nothing_over_the_second_time(store: Store) -> None:
    begun = await store.begin()
    sid, epoch = begun.writer.sid, begun.writer.epoch
    assert await store.sessions.claim("alice", sid, handed_over_by=epoch) is not None
    assert await store.sessions.claim("alice", sid, handed_over_by=epoch) is None
    store.now += LEASE_MS

    assert await store.sessions.claim("alice", sid, handed_over_by=epoch) is None
    assert (await store.sessions.state("alice", sid)).status == "interrupted"


@pytest.mark.parametrize("writes", [False, True])
async def test_what_is_stored_of_a_turn_is_known_when_it_is_taken_up_after_a_hand_over(
    store: Store, writes: bool
) -> None:
    begun = await store.begin()
    sid = begun.writer.sid
    await begun.writer.flush(store.now, frame(1) + frame(2) + frame(3), 3)
    claimed = await store.sessions.claim("alice", sid, handed_over_by=begun.writer.epoch)
    assert claimed is not None
    if writes:
        await claimed[0].flush(store.now, frame(4), 4)
    store.now += LEASE_MS

    assert await store.sessions.claim("alice", sid) is not None

    assert (await store.sessions.state("alice", sid)).last_durable_seq == (4 if writes else 3)


async def test_a_turn_that_is_given_up_is_taken_up_at_once_and_counts_no_more(store: Store) -> None:
    limited = store.manager(MAX_CONCURRENT_TURNS="1")
    begun = await store.begin()
    sid = begun.writer.sid
    await begun.writer.flush(store.now, frame(1), 1)

    await begun.writer.release()
    await begun.writer.release()

    assert (await store.sessions.state("alice", sid)).status == "interrupted"
    assert isinstance(await limited.begin(store.message()), OwnedTurn)
    claimed = await store.sessions.claim("alice", sid)
    assert claimed is not None
    assert claimed[0].epoch == begun.writer.epoch + 1
    with pytest.raises(FencedError):
        await begun.writer.release()
    assert (await store.sessions.state("alice", sid)).status == "running"


async def test_only_a_running_turn_of_the_vendor_is_claimed(store: Store) -> None:
    begun = await store.begin()
    store.now += LEASE_MS

    assert await store.sessions.claim("bob", begun.writer.sid) is None
    assert await store.sessions.claim("alice", "none") is None
    assert await store.sessions.claim("alice", await store.turn()) is None


async def test_a_flush_keeps_the_lease_of_a_silent_turn(store: Store) -> None:
    begun = await store.begin()
    for _ in range(5):
        store.now += LEASE_MS // 2
        await begun.writer.flush(store.now, b"", 0)

    assert (await store.sessions.state("alice", begun.writer.sid)).status == "running"
    store.now += LEASE_MS
    assert (await store.sessions.state("alice", begun.writer.sid)).status == "interrupted"


async def test_all_that_belongs_to_a_session_lives_on_while_its_turn_runs(store: Store) -> None:
    begun = await store.begin(store.message(message_id="mine"))
    sid = begun.writer.sid
    records = [step(), results("x" * 5_000)]
    await begun.writer.checkpoint(store.now, Batch(records=records, modifications={"a": "{}"}))
    session = SessionKeys(sid)
    kept = {session.meta, session.history, session.contents, session.events, session.files, session.tombstone}
    kept |= {"ix:alice:app", "mid:alice:app", "own:app"}
    for key in kept:
        assert await store.client.command("PEXPIRE", key, 60_000) == 1
    store.now += LEASE_MS // 2

    await begun.writer.flush(store.now, frame(1), 1)

    lives = {key: await store.client.command("PTTL", key) for key in kept}
    assert min(lives.values()) > 60_000, lives
    state = await store.sessions.state("alice", sid)
    assert state.metadata["updatedAt"] == store.now, "what is told of its end moves with it"


async def test_after_a_delete_nothing_is_written_any_more(store: Store) -> None:
    begun = await store.begin()
    sid = begun.writer.sid
    records = [step(), results("x" * 5_000)]
    await begun.writer.checkpoint(
        store.now, Batch(records=records, frames=frame(1), last_seq=1, modifications={"a": "{}"})
    )

    await store.sessions.delete("alice", sid)

    content = await store.dump()
    assert {key for key in content if sid in key} == {SessionKeys(sid).tombstone}
    assert all(expires for expires, _ in content.values())
    store.now += LEASE_MS
    for late in (
        begun.writer.flush(store.now, frame(2), 2),
        begun.writer.checkpoint(store.now, Batch(records=[step()])),
        begun.writer.end(store.now, Batch(records=[ended()], last_seq=3), "idle"),
    ):
        with pytest.raises(SessionDeletedError):
            await late
    assert await store.sessions.claim("alice", sid) is None
    assert await store.dump() == content
    with pytest.raises(NotFound):
        await store.begin(sid=sid)


async def test_whoever_takes_a_turn_over_while_its_session_is_deleted_is_fenced_off_too(store: Store) -> None:
    begun = await store.begin()
    sid = begun.writer.sid
    store.now += LEASE_MS
    fenced_off: list[int] = []

    async def late(state: SessionState) -> None:
        fenced_off.append(state.epoch)
        if len(fenced_off) == 1:
            assert await store.sessions.claim("alice", sid) is not None

    await store.sessions.delete("alice", sid, fence_off=late)

    assert fenced_off == [begun.writer.epoch, begun.writer.epoch + 1]
    with pytest.raises(NotFound):
        await store.sessions.state("alice", sid)


async def test_a_deleted_sessions_message_ids_and_turns_are_free(store: Store) -> None:
    limited = store.manager(MAX_CONCURRENT_TURNS="1")
    begun = await store.begin(store.message(message_id="mine"))

    await store.sessions.delete("alice", begun.writer.sid)

    again = await limited.begin(store.message(message_id="mine"))
    assert getattr(again, "is_first", False)


async def test_a_deleted_sessions_message_may_be_sent_again_in_another_session(store: Store) -> None:
    other = await store.turn()
    await store.sessions.delete("alice", (await store.begin(store.message(message_id="mine"))).writer.sid)

    again = await store.begin(store.message(sid=other, message_id="mine"))

    assert (again.writer.sid, again.writer.turn) == (other, 2)
    assert isinstance(await store.sessions.begin(store.message(sid=other, message_id="mine")), Duplicate)


async def test_deleting_a_long_session_costs_what_a_short_one_does(store: Store) -> None:
    sid = await store.turn()
    for _ in range(20):
        await store.turn(sid=sid)
    billed: list[int] = []

    for session in (await store.turn(), sid):
        store.redis.reset_counters()
        await store.sessions.delete("alice", session)
        billed.append(store.redis.commands_billed)

    assert billed[0] == billed[1]
    await store.turn()
    index, ids = await store.client.pipeline([["ZCARD", "ix:alice:app"], ["HLEN", "mid:alice:app"]])
    assert (index, ids) == (1, 1), "the next new session clears away what the app's keys hold of them"


async def test_a_vendor_deletes_and_cancels_only_what_is_theirs(store: Store) -> None:
    sid = (await store.begin()).writer.sid
    content = await store.dump()

    for attempt in (store.sessions.delete("bob", sid), store.sessions.cancel("bob", sid)):
        with pytest.raises(NotFound):
            await attempt
    assert await store.dump() == content


async def test_deleting_an_app_ends_its_sessions_and_no_others(store: Store) -> None:
    sids = [await store.turn() for _ in range(3)]
    running = await store.begin()
    other = await store.begin(store.message(app="other"))

    await store.sessions.delete_app_sessions("alice", "app")

    for sid in (*sids, running.writer.sid):
        with pytest.raises(NotFound):
            await store.sessions.state("alice", sid)
    with pytest.raises(SessionDeletedError):
        await running.writer.flush(store.now, frame(1), 1)
    assert not await _holds(store, "app")
    assert (await store.sessions.state("alice", other.writer.sid)).status == "running"


async def _holds(store: Store, app: str) -> set[str]:
    return {key for key in await store.keys() if key.endswith(f":{app}")}


async def test_round_trips_and_billed_commands_stay_within_their_means(store: Store) -> None:
    store.redis.reset_counters()
    begun = await store.begin()
    writer = begun.writer
    counted = [(store.redis.requests, store.redis.commands_billed)]
    for operation in (
        lambda: writer.flush(store.now, frame(1), 1),
        lambda: writer.flush(store.now, b"", 1),
        lambda: writer.checkpoint(store.now, Batch(records=[step()], frames=frame(2), last_seq=2)),
        lambda: writer.end(store.now, Batch(records=[ended()], frames=frame(3), last_seq=3), "idle"),
        lambda: store.sessions.read("alice", writer.sid),
        lambda: store.sessions.cancel("alice", writer.sid),
        lambda: store.sessions.list_sessions("alice", "app"),
        lambda: store.sessions.delete("alice", writer.sid),
    ):
        store.redis.reset_counters()
        await operation()
        counted.append((store.redis.requests, store.redis.commands_billed))

    assert [requests for requests, _ in counted] == [1, 1, 1, 1, 1, 1, 1, 2, 2]
    assert [billed for _, billed in counted[1:3]] == [2, 1]
    assert max(billed for _, billed in counted) <= 35
