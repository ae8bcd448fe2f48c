"""Reading sessions: whole, in pages, as a list; and what is left when their life is over."""

import pytest
from store_world import Store, frame, results

from aicode.errors import NotFound, SessionExpired
from aicode.redis.keys import SessionKeys
from aicode.session_manager.manager import OwnedTurn, OwnerUnknown
from aicode.session_manager.reader import Page
from aicode.session_manager.turn_writer import Batch
from tests.session_store import ended, step
from tests.waiting import until


async def test_pages_from_the_end_hold_every_entry_once(store: Store) -> None:
    begun = await store.begin()
    await begun.writer.checkpoint(store.now, Batch(records=[step(str(number)) for number in range(11)]))
    await store.end(begun)
    await store.turn(sid=begun.writer.sid)
    found: list[tuple[int, int]] = []
    before = None
    while True:
        page = (
            await store.sessions.read("alice", begun.writer.sid, before=before, page=Page(messages=4))
        ).entries
        if not page:
            break
        found = [(entry["turn"], entry["n"]) for entry in page] + found
        before = found[0]

    assert found == [(1, n) for n in range(1, 14)] + [(2, 1), (2, 2)]


async def test_sessions_are_listed_by_their_latest_change(store: Store) -> None:
    first = await store.turn()
    store.now += 1
    second = await store.turn()
    store.now += 1
    third = await store.begin()
    store.now += 1
    await store.turn(sid=first)

    listed = await store.sessions.list_sessions("alice", "app")

    assert not isinstance(listed, OwnerUnknown)
    assert [(item["sessionId"], item["status"]) for item in listed] == [
        (first, "idle"),
        (third.writer.sid, "running"),
        (second, "idle"),
    ]


async def test_a_list_belongs_to_the_apps_owner(store: Store) -> None:
    assert isinstance(await store.sessions.list_sessions("alice", "app"), OwnerUnknown)
    assert await store.sessions.list_sessions("alice", "app", owner_known=True) == []
    await store.turn()
    with pytest.raises(NotFound):
        await store.sessions.list_sessions("bob", "app")


async def test_the_place_of_a_vendors_message_is_known_by_its_id(store: Store) -> None:
    sid = await store.turn()
    await store.end(await store.begin(store.message(sid=sid, message_id="mine")))

    assert await store.sessions.entry_of_message("alice", "app", sid, "mine") == (2, 1)
    assert await store.sessions.entry_of_message("alice", "app", sid, "other") is None
    assert await store.sessions.entry_of_message("alice", "app", "another", "mine") is None


async def test_text_survives_whatever_it_holds(store: Store) -> None:
    text = 'line\nline\u2028 "quoted" \\ \x00 😀 é \ud800'
    begun = await store.begin(store.message(text=text, title=text))

    entry = (await store.sessions.read("alice", begun.writer.sid)).entries[0]

    assert entry["record"]["kind"] == "user"
    assert entry["record"]["text"] == text.replace("\ud800", "\N{REPLACEMENT CHARACTER}")


async def test_no_key_outlives_a_session_for_ever(store: Store) -> None:
    begun = await store.begin()
    await begun.writer.checkpoint(
        store.now,
        Batch(records=[step(), results("x" * 5_000)], frames=frame(1), last_seq=1, modifications={"a": "{}"}),
    )
    running = await store.dump()
    await store.end(begun)
    at_its_end = await store.begin()
    await store.end(at_its_end, "cancelled", results("x" * 5_000), ended())

    assert SessionKeys(begun.writer.sid).contents in running
    assert SessionKeys(at_its_end.writer.sid).contents in await store.dump()
    assert [key for key, (expires, _) in running.items() if not expires] == []
    assert [key for key, (expires, _) in (await store.dump()).items() if not expires] == []


async def test_an_index_that_expired_while_a_turn_ran_is_made_anew_with_a_life(store: Store) -> None:
    begun = await store.begin()
    await store.client.command("DEL", "ix:alice:app", "mid:alice:app", "own:app")

    await store.end(begun)

    assert all(expires for expires, _ in (await store.dump()).values())
    assert await store.client.command("ZSCORE", "ix:alice:app", begun.writer.sid) is not None


async def test_a_session_whose_life_is_over_leaves_a_tombstone_and_then_nothing(store: Store) -> None:
    short = store.manager(SESSION_TTL_SECONDS="1", TURN_LEASE_SECONDS="0.5")
    begun = await short.begin(store.message(), owner_known=True)
    assert isinstance(begun, OwnedTurn)
    await store.end(begun)
    sid = begun.writer.sid
    kept = {f"s:{sid}:m", f"s:{sid}:h", f"s:{sid}:e", "ix:alice:app", "mid:alice:app", "own:app"}
    assert kept <= await store.keys()

    await _gone(store, kept)
    with pytest.raises(SessionExpired):
        await short.state("alice", sid)
    with pytest.raises(NotFound):
        await short.state("bob", sid)
    await _gone(store, {f"s:{sid}:x"})
    with pytest.raises(NotFound):
        await short.state("alice", sid)
    assert {key.partition(":")[0] for key in await store.keys()} <= {"rate", "tokens"}


async def _gone(store: Store, keys: set[str]) -> None:
    """Waits until the keys have expired."""

    async def are_gone() -> bool:
        return not keys & await store.keys()

    await until(are_gone)


async def test_an_expired_session_is_not_listed(store: Store) -> None:
    kept, expired = await store.turn(), await store.turn()
    await store.client.command("DEL", f"s:{expired}:m")

    listed = await store.sessions.list_sessions("alice", "app")

    assert not isinstance(listed, OwnerUnknown)
    assert [item["sessionId"] for item in listed] == [kept]


async def test_an_entry_that_cannot_be_read_does_not_spoil_the_others(store: Store) -> None:
    begun = await store.begin()
    await store.client.command("XADD", f"s:{begun.writer.sid}:h", "1-2", "m", "{broken")
    await store.client.command("XADD", f"s:{begun.writer.sid}:h", "1-3", "m", '{"kind":"unheard-of"}')
    await store.end(begun, "idle", step(), ended())

    view = await store.sessions.read("alice", begun.writer.sid)

    kinds = [(entry["n"], entry["record"]["kind"]) for entry in view.entries]
    assert [place for place in kinds if place[1] != "opaque"] == [(1, "user"), (4, "step"), (5, "end")]
