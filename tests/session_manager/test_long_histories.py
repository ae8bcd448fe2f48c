"""A session's history once a part of it is summarised: what is loaded, and what stays to be read."""

from store_world import Store, step

from aicode.history.records import Record
from aicode.history.usage import no_usage
from aicode.session_manager.manager import OwnedTurn
from aicode.session_manager.turn_writer import Batch


def summary(turn: int, n: int = 1) -> Record:
    return {
        "kind": "summary",
        "text": "Much was said.",
        "before": (turn, n),
        "seen": {},
        "usage": no_usage(),
        "model": "claude-test",
        "at": 7,
    }


async def summarised(store: Store, turns: int) -> tuple[str, OwnedTurn]:
    """A session whose latest, running turn has summarised all turns before it."""
    sid = await store.turn()
    for _ in range(turns - 1):
        await store.turn(sid=sid)
    begun = await store.begin(sid=sid)
    turn = begun.writer.turn
    await begun.writer.checkpoint(store.now, Batch(records=[summary(turn)], since=(turn, 1)))
    return sid, begun


async def test_a_turn_loads_the_history_from_the_summarised_place_on(store: Store) -> None:
    sid, begun = await summarised(store, 5)
    await store.end(begun, "idle", step("Done"))

    again = await store.begin(sid=sid)

    kinds = [(entry["turn"], entry["record"]["kind"]) for entry in again.history]
    assert kinds == [(6, "user"), (6, "summary"), (6, "step"), (7, "user")]


async def test_an_answer_to_begin_that_was_lost_is_given_again_from_the_same_place(store: Store) -> None:
    sid, begun = await summarised(store, 3)
    await store.end(begun)
    store.faults.add("drop_answer", times=1, containing="LPUSH")

    again = await store.begin(sid=sid)

    assert [entry["turn"] for entry in again.history] == [4, 4, 4, 5]


async def test_a_turn_that_is_taken_over_is_loaded_from_the_summarised_place_on(store: Store) -> None:
    sid, begun = await summarised(store, 3)
    await begun.writer.checkpoint(store.now, Batch(records=[step("Half way")]))
    store.now += 60_000

    claimed = await store.sessions.claim("alice", sid)

    assert claimed is not None
    writer, view = claimed
    assert [entry["record"]["kind"] for entry in view.entries] == ["user", "summary", "step"]
    await writer.checkpoint(store.now, Batch(records=[step("Further")]))
    assert (await store.sessions.read("alice", sid)).entries[-1]["n"] == 4


async def test_the_vendor_still_reads_all_that_was_said(store: Store) -> None:
    sid, _ = await summarised(store, 5)

    everything = (await store.sessions.read("alice", sid)).entries
    page = (await store.sessions.read("alice", sid, before=(3, 1), count=2)).entries

    assert [entry["turn"] for entry in everything if entry["record"]["kind"] == "user"] == [1, 2, 3, 4, 5, 6]
    assert [(entry["turn"], entry["record"]["kind"]) for entry in page] == [(2, "user"), (2, "end")]


async def test_a_summary_that_ends_in_the_middle_of_a_turn_leaves_that_turns_message_to_be_loaded(
    store: Store,
) -> None:
    sid = await store.turn()
    begun = await store.begin(sid=sid)
    long = [step(f"Step {n}") for n in range(1, 6)]
    await begun.writer.checkpoint(store.now, Batch(records=long))
    await begun.writer.checkpoint(store.now, Batch(records=[summary(2, 5)], since=(2, 5)))
    await store.end(begun)

    history = (await store.begin(sid=sid)).history

    kinds = [(entry["turn"], entry["n"], entry["record"]["kind"]) for entry in history]
    assert kinds == [
        *[(2, 1, "user"), (2, 5, "step"), (2, 6, "step"), (2, 7, "summary"), (2, 8, "end")],
        (3, 1, "user"),
    ]


async def test_a_turn_that_is_taken_over_is_loaded_whole_though_a_summary_ends_in_its_middle(
    store: Store,
) -> None:
    sid = await store.turn()
    begun = await store.begin(sid=sid)
    await begun.writer.checkpoint(store.now, Batch(records=[step("One"), step("Two")]))
    await begun.writer.checkpoint(store.now, Batch(records=[summary(2, 3)], since=(2, 3)))
    store.now += 60_000

    claimed = await store.sessions.claim("alice", sid)

    assert claimed is not None
    assert [entry["record"]["kind"] for entry in claimed[1].entries] == ["user", "step", "step", "summary"]
