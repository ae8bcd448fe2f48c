"""A message that takes an earlier one's place: what the store admits, loads and reads then."""

from collections.abc import Awaitable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_world import Store, a_store

from aicode.errors import MessageIdReused, NotFound, SessionBusy
from aicode.history import Branches
from aicode.history.records import Entry
from aicode.session_manager.manager import Duplicate, OwnedTurn
from aicode.session_manager.reader import Page
from aicode.session_manager.turn_writer import Batch
from tests.session_store import step


async def conversation(store: Store, *ids: str) -> str:
    """A session with a turn for each of these messages."""
    sid = None
    for message_id in ids:
        begun = await store.begin(store.message(sid=sid, message_id=message_id))
        await store.end(begun)
        sid = begun.writer.sid
    return str(sid)


async def anew(store: Store, sid: str, message_id: str, replaces: str) -> OwnedTurn:
    """The turn of a message in another one's place, which is over."""
    begun = await store.begin(store.message(sid=sid, message_id=message_id, replaces=replaces))
    await store.end(begun)
    return begun


def turns(entries: Sequence[Entry]) -> list[int]:
    return sorted({entry["turn"] for entry in entries})


async def test_a_turn_loads_the_conversation_before_the_message_that_it_replaces(store: Store) -> None:
    sid = await conversation(store, "a", "b", "c")

    begun = await anew(store, sid, "b2", "b")

    assert begun.writer.turn == 4
    assert turns(list(begun.history)) == [1, 4]
    assert turns(list((await store.begin(sid=sid)).history)) == [1, 4, 5]
    record = begun.history[-1]["record"]
    assert record["kind"] == "user"
    assert record.get("replaces") == "b"


async def test_it_takes_one_round_trip(store: Store) -> None:
    sid = await conversation(store, "a", "b")
    message = store.message(sid=sid, message_id="b2", replaces="b")
    store.redis.reset_counters()

    begun = await store.begin(message)

    assert store.redis.requests == 1
    assert begun.writer.turn == 3
    assert turns(list(begun.history)) == [1, 3]
    assert (await store.sessions.state("alice", sid)).branches == Branches([(2, 3)])


async def test_an_answer_that_was_lost_is_given_again(store: Store) -> None:
    sid = await conversation(store, "a", "b")
    store.faults.add("drop_answer", times=1, containing="LPUSH")

    begun = await store.begin(store.message(sid=sid, message_id="b2", replaces="b"))

    assert turns(list(begun.history)) == [1, 3]
    assert (await store.sessions.state("alice", sid)).branches == Branches([(2, 3)])


async def test_the_same_message_again_is_known_and_with_another_place_it_is_reused(store: Store) -> None:
    sid = await conversation(store, "a", "b")
    await anew(store, sid, "b2", "b")

    async def again(replaces: str | None) -> object:
        message = store.message(sid=sid, message_id="b2", replaces=replaces)
        return await store.sessions.begin(message, owner_known=True)

    assert await again("b") == Duplicate(sid, 3)
    for other in ("a", None):
        with pytest.raises(MessageIdReused):
            await again(other)


async def test_what_is_not_in_the_conversation_cannot_be_replaced(store: Store) -> None:
    sid, other = await conversation(store, "a", "b"), await conversation(store, "x")
    await anew(store, sid, "b2", "b")
    before = await store.dump()

    for absent in ("b", "x", "none"):
        with pytest.raises(NotFound):
            await store.begin(store.message(sid=sid, replaces=absent))
    with pytest.raises(NotFound):
        await store.begin(store.message(sid=other, replaces="a"))
    assert await store.dump() == before


async def test_a_running_turn_is_not_replaced(store: Store) -> None:
    begun = await store.begin(store.message(message_id="a"))

    with pytest.raises(SessionBusy):
        await store.begin(store.message(sid=begun.writer.sid, replaces="a"))


async def test_a_turn_that_replaces_is_taken_over_with_its_own_conversation(store: Store) -> None:
    sid = await conversation(store, "a", "b")
    begun = await store.begin(store.message(sid=sid, message_id="b2", replaces="b"))
    await begun.writer.checkpoint(store.now, Batch(records=[step("Half way")]))
    store.now += 60_000

    claimed = await store.sessions.claim("alice", sid)

    assert claimed is not None
    assert turns(list(claimed[1].entries)) == [1, 3]


async def test_pages_pass_over_what_was_replaced(store: Store) -> None:
    sid = await conversation(store, "a", "b", "c", "d")
    await anew(store, sid, "b2", "b")

    latest = await store.sessions.read("alice", sid, page=Page(messages=1))
    earlier = await store.sessions.read("alice", sid, before=(5, 1), page=Page(messages=1))
    replaced = await store.sessions.read_turn("alice", sid, 3)

    assert turns(list(latest.entries)) == [5]
    assert turns(list(earlier.entries)) == [1]
    assert turns(list(replaced.entries)) == [3]
    assert await store.sessions.message_ids(sid, [2, 5]) == {2: "b", 5: "b2"}


async def test_another_first_message_gives_the_session_its_title(store: Store) -> None:
    sid = await conversation(store, "a", "b")

    later = await store.begin(store.message(sid=sid, message_id="b2", replaces="b", title="Second"))
    await store.end(later)
    first = await store.begin(store.message(sid=sid, message_id="a2", replaces="a", title="First"))
    await store.end(first)
    await store.sessions.rename("alice", sid, "Mine")
    own = await store.begin(store.message(sid=sid, message_id="a3", replaces="a2", title="Third"))

    assert [(turn.title, turn.is_first) for turn in (later, first, own)] == [
        *(("New session", False), ("First", True), ("Mine", True)),
    ]


@pytest.mark.parametrize(
    ("pairs", "conversation", "alternatives"),
    [
        ("", [1, 2, 3, 4, 5, 6], {}),
        (" 6-7", [1, 2, 3, 4, 5, 7], {7: [6, 7]}),
        (" 2-4 4-6", [1, 6], {6: [2, 4, 6]}),
        (" 3-4 2-5", [1, 5, 6], {5: [2, 5]}),
        (" 1-2 2-3 3-6", [6], {6: [1, 2, 3, 6]}),
        (" 2-4 5-6", [1, 4, 6], {4: [2, 4], 6: [5, 6]}),
    ],
)
def test_the_pairs_say_what_the_conversation_is(
    pairs: str, conversation: list[int], alternatives: dict[int, list[int]]
) -> None:
    branches = Branches.parsed(pairs)
    last = max([6, *(by for _, by in branches.pairs)])

    assert left_by(branches, last) == conversation
    assert branches.first_turn == conversation[0]
    assert branches.alternatives(conversation) == alternatives


def left_by(branches: Branches, last: int) -> list[int]:
    """The turns that are in the conversation, replayed one by one."""
    replaced_by = {by: replaced for replaced, by in branches.pairs}
    left: list[int] = []
    for turn in range(1, last + 1):
        left = [each for each in left if each < replaced_by.get(turn, turn)] + [turn]
    return left


def test_of_many_alternatives_the_newest_are_told() -> None:
    pairs = [(turn, turn + 1) for turn in range(1, 200)]

    assert Branches(pairs).alternatives([200]) == {200: [*range(151, 201)]}


async def test_after_many_replacements_a_session_costs_as_many_commands_as_after_one(store: Store) -> None:
    sid = await conversation(store, "a", "b0")

    async def commands(work: Awaitable[object]) -> int:
        store.redis.reset_counters()
        await work
        return store.redis.commands_billed

    async def cost(number: int) -> tuple[int, int]:
        """Of reading the session, and of replacing its last message once more."""
        read = await commands(store.sessions.read("alice", sid))
        return read, await commands(anew(store, sid, f"b{number}", f"b{number - 1}"))

    await anew(store, sid, "b1", "b0")
    after_one = await cost(2)
    for n in range(3, 200):
        await anew(store, sid, f"b{n}", f"b{n - 1}")

    assert await cost(200) == after_one


@given(st.data())
@settings(max_examples=20, deadline=None)
async def test_any_replacements_leave_the_conversation_that_their_pairs_say(data: st.DataObject) -> None:
    async with a_store() as store:
        sid, ids = await conversation(store, "1"), [1]
        for turn in range(2, 12):
            replaced = data.draw(st.sampled_from([None, *ids]))
            replaces = None if replaced is None else str(replaced)
            begun = await store.begin(store.message(sid=sid, message_id=str(turn), replaces=replaces))
            ids = [each for each in ids if replaced is None or each < replaced] + [turn]
            await store.end(begun)
            assert turns(list(begun.history)) == ids
        before, since = data.draw(st.integers(1, 12)), data.draw(st.integers(0, 11))
        view = await store.sessions.read("alice", sid)
        part = await store.sessions.read("alice", sid, since=since, before=(before, 2))

        assert turns(view.entries) == left_by(view.state.branches, 11) == ids
        assert view.state.branches.first_turn == ids[0]
        assert turns(part.entries) == [turn for turn in ids if since <= turn <= before]
