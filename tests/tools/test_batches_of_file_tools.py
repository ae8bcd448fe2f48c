"""What several calls of one batch do to the app, and what the batch's commit says of each."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from tools_desk import APP, Desk

from aicode.errors import StoreUnavailable
from aicode.file_store.limits import Limits
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Changed, Commit, Committed, Put

# Half a second of work for the syntax check.
SLOW_TO_CHECK = "<div>" * 39_000


def told(changes: Sequence[Changed]) -> list[tuple[str, str, str | None, str]]:
    return [(change.path, change.action, change.previous_path, change.tool_id) for change in changes]


async def test_nothing_is_saved_before_the_commit_and_all_of_it_as_one_revision(desk: Desk) -> None:
    await desk.ok("create_file", "a", path="a.txt", content="1\n")
    await desk.ok("create_file", "b", path="b.txt", content="2\n3\n")
    before = await desk.revision()

    outcome = await desk.commit()

    assert before == 0
    assert outcome.revision == await desk.revision() == 1
    assert {call: told(made) for call, made in outcome.changes.items()} == {
        "a": [("a.txt", "created", None, "a")],
        "b": [("b.txt", "created", None, "b")],
    }
    assert await desk.files() == {"a.txt": "1\n", "b.txt": "2\n3\n"}


async def test_the_second_call_on_a_path_sees_what_the_first_made_of_it(desk: Desk) -> None:
    await desk.ok("create_file", "a", path="a.txt", content="one\n")
    await desk.ok("edit_file", "b", path="a.txt", edits=[{"old": "one", "new": "two"}])
    read = await desk.ok("read_file", "c", path="a.txt")
    found = await desk.ok("search_files", "d", pattern="two")
    listed = await desk.ok("list_files", "e")

    outcome = await desk.commit()

    assert "two" in read
    assert "a.txt" in found
    assert "a.txt  4 B" in listed
    assert outcome.changes["a"] == []
    assert told(outcome.changes["b"]) == [("a.txt", "created", None, "b")]
    assert await desk.files() == {"a.txt": "two\n"}


async def test_a_batch_that_only_reads_makes_no_revision(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.ok("read_file", path="a.txt")

    outcome = await desk.commit()

    assert (outcome.revision, outcome.changes, outcome.errors) == (None, {}, {})
    assert await desk.revision() == 1
    assert desk.seen == {"a.txt": 1}


async def test_a_file_made_and_deleted_in_one_batch_leaves_no_trace(desk: Desk) -> None:
    await desk.ok("create_file", "a", path="a.txt", content="one\n")
    await desk.ok("delete_file", "b", path="a.txt")

    outcome = await desk.commit()

    assert outcome.changes == {"a": [], "b": []}
    assert await desk.revision() == 0


async def test_renamed_and_edited_in_one_batch_is_still_a_rename(desk: Desk) -> None:
    await desk.vendor_writes("old.txt", "one\n")
    await desk.ok("rename_file", "a", path="old.txt", new_path="new.txt")
    await desk.ok("edit_file", "b", path="new.txt", edits=[{"old": "one", "new": "two"}])

    outcome = await desk.commit()

    assert told(outcome.changes["b"]) == [
        ("old.txt", "edited", None, "b"),
        ("new.txt", "renamed", "old.txt", "b"),
    ]
    assert await desk.files() == {"new.txt": "two\n"}


async def test_a_rename_may_take_the_place_of_a_deleted_file_and_back(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "a\n")
    await desk.vendor_writes("b.txt", "b\n")
    await desk.ok("delete_file", "1", path="b.txt")
    await desk.ok("rename_file", "2", path="a.txt", new_path="b.txt")
    await desk.ok("create_file", "3", path="a.txt", content="new\n")

    outcome = await desk.commit()

    assert outcome.errors == {}
    assert await desk.files() == {"a.txt": "new\n", "b.txt": "a\n"}


async def test_two_files_can_change_places(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "a\n")
    await desk.vendor_writes("b.txt", "b\n")
    await desk.ok("rename_file", "1", path="a.txt", new_path="c.txt")
    await desk.ok("rename_file", "2", path="b.txt", new_path="a.txt")
    await desk.ok("rename_file", "3", path="c.txt", new_path="b.txt")

    outcome = await desk.commit()

    assert outcome.errors == {}
    assert await desk.files() == {"a.txt": "b\n", "b.txt": "a\n"}


async def test_a_file_may_give_way_to_a_folder_of_its_name(desk: Desk) -> None:
    await desk.vendor_writes("lib", "x\n")
    await desk.ok("rename_file", "1", path="lib", new_path="lib/index.ts")

    outcome = await desk.commit()

    assert outcome.errors == {}
    assert await desk.files() == {"lib/index.ts": "x\n"}


async def test_a_file_may_be_renamed_to_another_case_of_its_name_and_edited(desk: Desk) -> None:
    await desk.vendor_writes("app.tsx", "one\n")
    await desk.ok("rename_file", "1", path="app.tsx", new_path="App.tsx")
    await desk.ok("edit_file", "2", path="App.tsx", edits=[{"old": "one", "new": "two"}])

    await desk.commit()

    assert await desk.files() == {"App.tsx": "two\n"}


async def test_a_path_that_collides_takes_its_call_out_alone(desk: Desk) -> None:
    await desk.vendor_writes("src/app.tsx", "x\n")
    await desk.ok("create_file", "good", path="src/b.ts", content="b\n")
    await desk.ok("create_file", "bad", path="SRC/c.ts", content="c\n")
    await desk.ok("edit_file", "later", path="SRC/c.ts", edits=[{"old": "c", "new": "d"}])

    outcome = await desk.commit()

    assert list(outcome.changes) == ["good"]
    assert "collides with src" in outcome.errors["bad"]
    assert "on which this one built" in outcome.errors["later"]
    assert (await desk.files()).keys() == {"src/app.tsx", "src/b.ts"}


async def test_an_app_that_would_get_too_large_loses_the_last_calls_only(desk: Desk) -> None:
    await desk.vendor(*(Put(f"{number}.txt", "", 0) for number in range(1_999)))
    await desk.ok("create_file", "fits", path="a.txt", content="a")
    await desk.ok("create_file", "too_many", path="b.txt", content="b")

    outcome = await desk.commit()

    assert list(outcome.changes) == ["fits"]
    assert "2,000" in outcome.errors["too_many"]
    assert len(await desk.files()) == 2_000


async def test_the_call_that_makes_an_app_too_large_fails_alone(desk: Desk) -> None:
    await desk.vendor(*(Put(f"{number}.txt", "x" * 1_000_000, 0) for number in range(50)))
    await desk.ok("delete_file", "room", path="0.txt")
    await desk.ok("create_file", "fits", path="a.txt", content="a" * 400_000)
    await desk.ok("create_file", "too_large", path="b.txt", content="b" * 700_000)
    await desk.ok("create_file", "fits_too", path="c.txt", content="c" * 600_000)

    outcome = await desk.commit()

    assert outcome.errors.keys() == {"too_large"}
    assert "50,000,000" in outcome.errors["too_large"]
    assert (await desk.files()).keys() >= {"a.txt", "c.txt"}


async def test_claude_is_told_that_the_apps_history_is_full(tmp_path: Path) -> None:
    store = SqliteFileStore(tmp_path / "small.db", limits=Limits(history_bytes=5_000, checkpoints=3))
    await store.create_app("alice", "App", app_id=APP)
    desk = Desk(store)
    await desk.ok("create_file", "too_large", path="a.txt", content="a" * 5_000)

    outcome = await desk.commit()

    assert "history of this app is full" in outcome.errors["too_large"]
    assert await desk.files() == {}
    store.close()


async def test_the_same_key_again_changes_nothing_and_gives_the_first_outcome(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.ok("edit_file", "edit", path="a.txt", edits=[{"old": "one", "new": "one two"}])
    first = await desk.commit("key")
    desk.new_turn()
    await desk.ok("edit_file", "edit", path="a.txt", edits=[{"old": "one", "new": "one two"}])

    again = await desk.commit("key")

    assert again == first
    assert await desk.workspace.recall("key") == first
    assert await desk.workspace.recall("another") is None
    assert await desk.files() == {"a.txt": "one two\n"}


async def test_a_call_that_a_stored_outcome_does_not_know_is_said_to_have_failed(desk: Desk) -> None:
    await desk.ok("create_file", "first", path="a.txt", content="a\n")
    await desk.commit("key")
    await desk.ok("create_file", "second", path="b.txt", content="b\n")

    outcome = await desk.commit("key")

    assert list(outcome.changes) == ["first"]
    assert "Not saved" in outcome.errors["second"]
    assert await desk.files() == {"a.txt": "a\n"}


async def test_all_calls_that_made_a_change_together_are_recalled(desk: Desk) -> None:
    await desk.ok("create_file", "first", path="a.txt", content="a\n")
    await desk.ok("edit_file", "second", path="a.txt", edits=[{"old": "a", "new": "b"}])
    outcome = await desk.commit("key")

    assert await desk.workspace.recall("key") == outcome
    assert outcome.changes.keys() == {"first", "second"}


async def test_what_a_step_that_is_tried_again_had_read_and_staged_is_forgotten(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.ok("read_file", path="a.txt")
    await desk.ok("edit_file", path="a.txt", edits=[{"old": "one", "new": "two"}])

    desk.workspace.reset()
    outcome = await desk.commit()

    assert (outcome.revision, desk.seen) == (None, {})
    assert await desk.files() == {"a.txt": "one\n"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_file", {"path": "new.html", "content": SLOW_TO_CHECK}),
        ("create_file", {"path": "a.html", "content": SLOW_TO_CHECK, "overwrite": True}),
        ("edit_file", {"path": "a.html", "edits": [{"old": "x", "new": SLOW_TO_CHECK}]}),
    ],
    ids=["create", "overwrite", "edit"],
)
async def test_a_call_that_is_stopped_before_its_end_changes_nothing(
    desk: Desk, tool: str, arguments: dict[str, object]
) -> None:
    await desk.vendor_writes("a.html", "x")
    await desk.ok("read_file", path="a.html")
    await desk.commit()
    before = await desk.workspace.paths()
    call = asyncio.create_task(desk.call(tool, "slow", **arguments))
    while not call.done() and await desk.workspace.paths() == before:
        pass

    stopped = call.cancel()
    await asyncio.wait({call})
    outcome = await desk.commit()

    assert (outcome.revision is None) == stopped


class StoreThatLosesAnAnswer(SqliteFileStore):
    """Saves, but the first commit's answer is lost on the way."""

    lost = False

    async def commit(self, vendor: str, app_id: str, commit: Commit) -> Committed:
        done = await super().commit(vendor, app_id, commit)
        if not self.lost:
            self.lost = True
            raise StoreUnavailable("The store did not answer.")
        return done


async def test_a_commit_whose_answer_was_lost_can_be_made_again(tmp_path: Path) -> None:
    store = StoreThatLosesAnAnswer(tmp_path / "unreliable.db")
    await store.create_app("alice", "App", app_id=APP)
    desk = Desk(store)
    await desk.ok("create_file", "a", path="a.txt", content="a\n")
    with pytest.raises(StoreUnavailable):
        await desk.commit("key")

    outcome = await desk.commit("key")

    assert told(outcome.changes["a"]) == [("a.txt", "created", None, "a")]
    assert await desk.revision() == 1
    store.close()
