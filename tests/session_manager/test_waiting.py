"""A turn that waits, in the store: who may write, what lives how long, what counts as running."""

import pytest
from store_world import Store

from aicode.errors import AlreadyAnswered, FencedError, NotFound, SessionExpired, TooManyTurns
from aicode.history import Record, WaitingRequest
from aicode.redis import keys
from aicode.session_manager import Abandoned, GivenAnswer, OwnedTurn
from aicode.session_manager.turn_writer import Batch
from tests.session_store import counted, step

REQUEST: WaitingRequest = {
    "approvalId": "approval-1",
    "toolId": "tool-1",
    "toolName": "publish_app",
    "summary": "Publish revision 3",
    "input": {},
    "createdAt": 7,
    "kind": "approval",
}
YES = GivenAnswer(answer={"approved": True})
NO = GivenAnswer(answer={"approved": False})


async def wait(store: Store, begun: OwnedTurn, asked: WaitingRequest = REQUEST) -> bool:
    records: list[Record] = [step(), {"kind": "waiting", "step": 1, "requests": [asked], "at": 7}]
    batch = Batch(frames=b"id: 1-2\n\n", last_seq=2, records=records, **counted(begun))
    return await begun.writer.wait(store.now, batch, [asked])


async def waiting(store: Store) -> OwnedTurn:
    begun = await store.begin()
    assert await wait(store, begun)
    return begun


async def test_all_of_a_turn_that_waits_lives_as_long_as_its_session(store: Store):
    sid = (await waiting(store)).writer.sid
    session = keys.SessionKeys(sid)

    lives = [
        await store.client.command("PTTL", key) for key in (session.meta, session.history, session.events)
    ]

    assert max(lives) - min(lives) < 1_000
    assert min(lives) > 86_000_000


async def test_a_turn_that_waits_takes_no_place_among_those_that_run(store: Store):
    tight = store.manager(MAX_CONCURRENT_TURNS="1")
    begun = await waiting(store)
    other = await tight.begin(store.message(), owner_known=True)
    assert isinstance(other, OwnedTurn)
    await store.end(other)

    answered = await store.sessions.answer("alice", begun.writer.sid, "approval-1", YES)

    assert (answered.waiting, answered.handover) == (0, begun.writer.epoch)
    assert await store.client.command("ZCARD", keys.running("alice")) == 1


async def test_the_last_answer_needs_a_place_among_those_that_run(store: Store):
    tight = store.manager(MAX_CONCURRENT_TURNS="1")
    sid = (await waiting(store)).writer.sid
    other = await tight.begin(store.message(), owner_known=True)
    assert isinstance(other, OwnedTurn)

    with pytest.raises(TooManyTurns):
        await tight.answer("alice", sid, "approval-1", YES)
    assert (await store.sessions.state("alice", sid)).status == "waiting"

    await store.end(other)
    assert (await tight.answer("alice", sid, "approval-1", YES)).waiting == 0


async def test_nobody_writes_to_a_turn_that_waits_or_takes_it_over(store: Store):
    begun = await waiting(store)
    sid = begun.writer.sid
    store.now += 60_000

    for write in (
        lambda: begun.writer.checkpoint(store.now, Batch(records=[step()])),
        lambda: begun.writer.set_title("A title"),
        begun.writer.release,
    ):
        with pytest.raises(FencedError):
            await write()
    assert await store.sessions.claim("alice", sid) is None
    assert await store.sessions.claim("alice", sid, handed_over_by=begun.writer.epoch) is None
    assert (await store.sessions.state("alice", sid)).status == "waiting"


async def test_the_same_wait_again_changes_nothing_also_when_it_was_answered(store: Store):
    begun = await waiting(store)
    sid = begun.writer.sid
    await store.sessions.answer("alice", sid, "approval-1", YES)

    assert await wait(store, begun)

    assert (await store.sessions.state("alice", sid)).status == "running"
    kinds = [entry["record"]["kind"] for entry in (await store.sessions.read("alice", sid)).entries]
    assert kinds == ["user", "step", "waiting", "answered"]


async def test_a_turn_that_was_asked_to_stop_does_not_wait(store: Store):
    begun = await store.begin()
    assert await store.sessions.cancel("alice", begun.writer.sid)

    assert not await wait(store, begun)

    assert (await store.sessions.state("alice", begun.writer.sid)).status == "running"


async def test_a_message_finds_a_turn_that_waits_and_refuses_what_it_asks_for(store: Store):
    begun = await waiting(store)
    sid = begun.writer.sid
    assert await store.sessions.begin(store.message(sid=sid), owner_known=True) == Abandoned(1)
    claimed = await store.sessions.claim("alice", sid, with_waiting=True)
    assert claimed is not None
    writer, view = claimed
    assert (writer.epoch, view.state.is_stopping, view.state.waiting) == (2, True, [])
    assert await writer.end(store.now, Batch(last_seq=3, records=[step()]), "cancelled")

    again = await store.begin(sid=sid)

    assert again.writer.turn == 2
    assert (await store.sessions.state("alice", sid)).waiting == []
    with pytest.raises(AlreadyAnswered):
        await store.sessions.answer("alice", sid, "approval-1", YES)


async def test_of_earlier_turns_the_latest_twenty_answers_are_known(store: Store):
    begun = await store.begin()
    sid = begun.writer.sid
    for n in range(21):
        asked: WaitingRequest = {**REQUEST, "approvalId": f"approval-{n}"}
        assert await wait(store, begun, asked)
        given = await store.sessions.answer("alice", sid, asked["approvalId"], YES)
        claimed = await store.sessions.claim("alice", sid, handed_over_by=given.handover)
        assert claimed is not None
        assert await claimed[0].end(store.now, Batch(last_seq=3, records=[step()]), "idle")
        begun = await store.begin(sid=sid)

    again = await store.sessions.answer("alice", sid, "approval-1", YES)
    assert (again.approved, again.waiting, again.handover) == (True, 0, None)
    with pytest.raises(AlreadyAnswered):
        await store.sessions.answer("alice", sid, "approval-20", NO)
    with pytest.raises(NotFound):
        await store.sessions.answer("alice", sid, "approval-0", YES)


async def test_an_answer_to_a_session_that_has_expired_says_so(store: Store):
    sid = (await waiting(store)).writer.sid
    await store.client.command("DEL", keys.SessionKeys(sid).meta)

    with pytest.raises(SessionExpired):
        await store.sessions.answer("alice", sid, "approval-1", YES)
