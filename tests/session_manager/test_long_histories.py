"""A session's history once a part of it is summarised: what is loaded, and what stays to be read."""

from collections.abc import Sequence

import pytest
from store_world import LEASE_MS, Store, results

from aicode.errors import StoreUnavailable
from aicode.history.content import result_blocks, text_of
from aicode.history.records import Entry, Record
from aicode.history.usage import no_usage
from aicode.redis.keys import SessionKeys
from aicode.session_manager.manager import OwnedTurn
from aicode.session_manager.reader import Page
from aicode.session_manager.turn_writer import Batch
from tests.session_store import step


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
    page = (await store.sessions.read("alice", sid, before=(3, 1), page=Page(messages=1))).entries

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


# -- contents ----------------------------------------------------------------------------------------------

LONG = "x\n" * 5_000


async def contents(store: Store, sid: str) -> set[str]:
    """The places of those entries of whose records the whole is kept."""
    return set(await store.client.command("HKEYS", SessionKeys(sid).contents))


def of_results(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """What each result says, by its turn."""
    return [
        (entry["turn"], text_of(result_blocks(block)))
        for entry in entries
        if entry["record"]["kind"] == "results"
        for block in entry["record"]["content"]
    ]


async def turn_with_results(store: Store, sid: str | None, *contents: str) -> str:
    begun = await store.begin(sid=sid)
    for content in contents:
        await begun.writer.checkpoint(store.now, Batch(records=[step("I read."), results(content)]))
    await store.end(begun)
    return begun.writer.sid


async def test_claude_is_sent_everything_whole_until_a_summary_takes_its_place(store: Store) -> None:
    sid = await turn_with_results(store, None, LONG, "short")
    await turn_with_results(store, sid, LONG)

    begun = await store.begin(sid=sid)

    assert of_results(begun.history) == [(1, LONG), (1, "short"), (2, LONG)]
    assert of_results((await store.sessions.read("alice", sid)).entries) == of_results(begun.history)
    assert await contents(store, sid) == {"1-3", "2-3"}


async def test_what_a_summary_speaks_of_is_kept_in_short_for_its_vendor(store: Store) -> None:
    sid = None
    for _ in range(10):  # the tenth comes behind the ninth
        sid = await turn_with_results(store, sid, LONG)
    begun = await store.begin(sid=sid)
    await begun.writer.checkpoint(store.now, Batch(records=[summary(10)], since=(10, 1)))
    await begun.writer.checkpoint(store.now, Batch(records=[step("I read."), results(LONG)]))
    await store.end(begun)

    view = await store.sessions.read("alice", begun.writer.sid)
    again = await store.begin(sid=sid)

    short = [(turn, "Read a.ts") for turn in range(1, 10)]
    assert of_results(view.entries) == [*short, (10, LONG), (11, LONG)]
    assert of_results(again.history) == [(10, LONG), (11, LONG)]
    assert await contents(store, begun.writer.sid) == {"10-3", "11-4"}


async def test_a_turn_that_is_taken_over_has_all_of_what_comes_after_a_summary_in_its_middle(
    store: Store,
) -> None:
    begun = await store.begin(store.message(text=LONG))
    for _ in range(5):
        await begun.writer.checkpoint(store.now, Batch(records=[step("I read."), results(LONG)]))
    long_summary: Record = {**summary(1, 10), "text": LONG}  # pyright: ignore[reportAssignmentType]
    await begun.writer.checkpoint(store.now, Batch(records=[long_summary], since=(1, 10)))
    store.now += LEASE_MS

    claimed = await store.sessions.claim("alice", begun.writer.sid)

    assert claimed is not None
    entries = claimed[1].entries
    assert of_results(entries) == [(1, "Read a.ts")] * 4 + [(1, LONG)]
    assert [entry["record"].get("text") for entry in (entries[0], entries[-1])] == [LONG, LONG]
    assert await contents(store, begun.writer.sid) == {"1-11"}


async def test_a_summary_whose_answer_was_lost_takes_nothing_more_away(store: Store) -> None:
    begun = await store.begin(sid=await turn_with_results(store, None, LONG))
    seen = {f"src/{n}.ts": n for n in range(100)}
    long_summary: Record = {**summary(2), "seen": seen}  # pyright: ignore[reportAssignmentType]
    batch = Batch(records=[long_summary], since=(2, 1))
    store.faults.add("drop_answer", times=2)
    with pytest.raises(StoreUnavailable):
        await begun.writer.checkpoint(store.now, batch)

    await begun.writer.checkpoint(store.now, batch)

    assert await contents(store, begun.writer.sid) == {"2-2"}
