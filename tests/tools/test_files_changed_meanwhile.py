"""The vendor edits while Claude works: nobody's text is overwritten unseen."""

from contextlib import closing
from pathlib import Path

from tools_desk import APP, Desk

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Committed
from chat.agent.tools.batch_commit import MOST_REBASES

ONE_TO_TWO = [{"old": "one", "new": "two"}]


async def test_an_edit_of_a_file_the_vendor_changed_since_it_was_read_shows_the_current_text(
    desk: Desk,
) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.ok("read_file", path="a.txt")
    await desk.commit()
    await desk.vendor_writes("a.txt", "one, by the vendor\n")

    refused = await desk.error("edit_file", path="a.txt", edits=ONE_TO_TWO)
    await desk.commit()
    await desk.ok("edit_file", path="a.txt", edits=ONE_TO_TWO)
    outcome = await desk.commit()

    assert "changed by somebody else" in refused
    assert "    1\tone, by the vendor" in refused
    assert outcome.errors == {}
    assert await desk.files() == {"a.txt": "two, by the vendor\n"}


async def test_what_the_vendor_changed_and_brought_back_is_what_claude_saw(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.vendor_writes("b.txt", "one\n")
    await desk.ok("read_file", path="a.txt")
    await desk.ok("read_file", path="b.txt")
    await desk.commit()
    for name in ("a.txt", "b.txt"):
        await desk.vendor_writes(name, "one, by the vendor\n")
        await desk.vendor_writes(name, "one\n")

    await desk.ok("edit_file", "1", path="a.txt", edits=ONE_TO_TWO)
    await desk.ok("create_file", "2", path="b.txt", content="two\n", overwrite=True)
    outcome = await desk.commit()

    assert outcome.errors == {}
    assert await desk.files() == {"a.txt": "two\n", "b.txt": "two\n"}
    assert desk.seen == {"a.txt": 4, "b.txt": 4}


async def test_a_file_made_again_with_the_same_text_is_what_claude_saw(desk: Desk) -> None:
    await desk.ok("create_file", path="a.txt", content="one\n")
    await desk.commit()
    await desk.vendor_deletes("a.txt")
    await desk.vendor_writes("a.txt", "one\n")

    await desk.ok("edit_file", path="a.txt", edits=ONE_TO_TWO)

    assert (await desk.commit()).errors == {}
    assert await desk.files() == {"a.txt": "two\n"}


async def test_what_was_changed_and_brought_back_between_edit_and_commit_is_no_conflict(desk: Desk) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        await desk.vendor_writes(name, "one\n")
    await desk.ok("edit_file", "1", path="a.txt", edits=ONE_TO_TWO)
    await desk.ok("rename_file", "2", path="b.txt", new_path="d.txt")
    await desk.ok("delete_file", "3", path="c.txt")
    for name in ("a.txt", "b.txt", "c.txt"):
        await desk.vendor_writes(name, "one, by the vendor\n")
        await desk.vendor_writes(name, "one\n")

    outcome = await desk.commit()

    assert outcome.errors == {}
    assert await desk.files() == {"a.txt": "two\n", "d.txt": "one\n"}


async def test_a_file_that_is_saved_again_at_each_try_is_given_up_and_the_rest_lands(tmp_path: Path) -> None:
    class Contested(SqliteFileStore):
        """A store where somebody brings a.txt's content back just before each commit of Claude's."""

        tries = 0

        async def commit(self, vendor: str, app_id: str, commit: Commit) -> Committed:
            if commit.author == "ai" and any(change.path == "a.txt" for change in commit.changes):
                self.tries += 1
                if self.tries > 100:
                    raise AssertionError("It is tried for ever.")
                for content in ("one, by the vendor\n", "one\n"):
                    await desk.vendor_writes("a.txt", content)
            return await super().commit(vendor, app_id, commit)

    with closing(Contested(tmp_path / "contested.db")) as store:
        await store.create_app("alice", "App", app_id=APP)
        desk = Desk(store)
        for name in ("a.txt", "b.txt"):
            await desk.vendor_writes(name, "one\n")
            await desk.ok("edit_file", name, path=name, edits=ONE_TO_TWO)

        outcome = await desk.commit()

        assert set(outcome.errors) == {"a.txt"}
        assert store.tries == 1 + MOST_REBASES
        assert await desk.files() == {"a.txt": "one\n", "b.txt": "two\n"}


async def test_every_call_of_the_batch_is_refused_and_the_text_is_shown_once(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.ok("read_file", path="a.txt")
    await desk.commit()
    await desk.vendor_writes("a.txt", "one, by the vendor\n")

    refused = [
        await desk.error("edit_file", "1", path="a.txt", edits=ONE_TO_TWO),
        await desk.error("create_file", "2", path="a.txt", content="mine\n", overwrite=True),
        await desk.error("rename_file", "3", path="a.txt", new_path="b.txt"),
        await desk.error("delete_file", "4", path="a.txt"),
    ]
    await desk.commit()

    assert all("changed by somebody else" in text for text in refused)
    assert ["by the vendor" in text for text in refused] == [True, False, False, False]
    assert await desk.files() == {"a.txt": "one, by the vendor\n"}


async def test_a_vendors_save_between_edit_and_commit_wins_and_the_rest_of_the_batch_lands(
    desk: Desk,
) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.vendor_writes("b.txt", "one\n")
    await desk.ok("edit_file", "1", path="a.txt", edits=ONE_TO_TWO)
    await desk.ok("edit_file", "2", path="b.txt", edits=ONE_TO_TWO)
    await desk.ok("edit_file", "3", path="a.txt", edits=[{"old": "two", "new": "three"}])
    await desk.vendor_writes("a.txt", "the vendor's\n")

    outcome = await desk.commit()

    assert list(outcome.changes) == ["2"]
    assert "    1\tthe vendor's" in outcome.errors["1"]
    assert "built" in outcome.errors["3"]
    assert await desk.files() == {"a.txt": "the vendor's\n", "b.txt": "two\n"}
    assert desk.seen == {"a.txt": 2, "b.txt": 2}


async def test_a_file_deleted_between_edit_and_commit_stays_deleted(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.ok("edit_file", "1", path="a.txt", edits=ONE_TO_TWO)
    await desk.vendor_deletes("a.txt")

    outcome = await desk.commit()

    assert "deleted or renamed" in outcome.errors["1"]
    assert await desk.files() == {}


async def test_a_file_made_by_the_vendor_meanwhile_is_not_overwritten(desk: Desk) -> None:
    await desk.ok("create_file", "1", path="a.txt", content="mine\n")
    await desk.vendor_writes("a.txt", "the vendor's\n")

    outcome = await desk.commit()

    assert "the vendor's" in outcome.errors["1"]
    assert await desk.files() == {"a.txt": "the vendor's\n"}


async def test_a_rename_conflict_takes_out_what_was_built_on_it_but_not_what_came_before(desk: Desk) -> None:
    await desk.vendor_writes("a.txt", "one\n")
    await desk.vendor_writes("b.txt", "b\n")
    await desk.ok("delete_file", "1", path="b.txt")
    await desk.ok("rename_file", "2", path="a.txt", new_path="b.txt")
    await desk.ok("edit_file", "3", path="b.txt", edits=ONE_TO_TWO)
    await desk.vendor_renames("a.txt", "c.txt")

    outcome = await desk.commit()

    assert list(outcome.changes) == ["1"]
    assert list(outcome.errors) == ["2", "3"]
    assert await desk.files() == {"c.txt": "one\n"}


async def test_a_file_never_seen_may_be_edited_renamed_and_deleted_but_not_overwritten(desk: Desk) -> None:
    for name in ("a", "b", "c", "d"):
        await desk.vendor_writes(name, "one\n")

    await desk.ok("edit_file", "1", path="a", edits=ONE_TO_TWO)
    await desk.ok("rename_file", "2", path="b", new_path="e")
    await desk.ok("delete_file", "3", path="c")
    refused = await desk.error("create_file", "4", path="d", content="mine\n", overwrite=True)
    await desk.commit()

    assert "Read it before" in refused
    assert await desk.files() == {"a": "two\n", "d": "one\n", "e": "one\n"}


async def test_what_claude_wrote_itself_it_may_overwrite(desk: Desk) -> None:
    await desk.ok("create_file", path="a", content="one\n")
    await desk.commit()

    exists = await desk.error("create_file", path="a", content="two\n")
    replaced = await desk.ok("create_file", path="a", content="two\n", overwrite=True)
    await desk.commit()
    same = await desk.ok("create_file", path="a", content="two\n", overwrite=True)

    assert "edit_file" in exists
    assert "Replaced a (+1 -1 lines)" in replaced
    assert same.startswith("No change")
    assert await desk.files() == {"a": "two\n"}


async def test_an_overwrite_written_before_its_read_came_back_is_refused(desk: Desk) -> None:
    await desk.vendor_writes("a", "one\n")
    await desk.ok("read_file", "1", path="a")

    refused = await desk.error("create_file", "2", path="a", content="two\n", overwrite=True)

    assert "Read it before" in refused


async def test_after_a_rename_the_new_name_is_the_one_that_was_seen(desk: Desk) -> None:
    await desk.ok("create_file", path="a", content="one\n")
    await desk.commit()
    await desk.ok("rename_file", path="a", new_path="b")
    await desk.commit()
    await desk.ok("delete_file", path="b")
    await desk.commit()

    assert desk.seen == {}


async def test_after_two_misses_on_a_file_in_a_turn_its_text_comes_with_the_error(desk: Desk) -> None:
    await desk.vendor_writes("a", "".join(f"line {n}\n" for n in range(100)))
    miss = [{"old": "nowhere", "new": "x"}]

    first = await desk.error("edit_file", path="a", edits=miss)
    await desk.commit()
    second = await desk.error("edit_file", path="a", edits=miss)
    desk.new_turn()
    in_the_next_turn = await desk.error("edit_file", path="a", edits=miss)

    assert "line 99" not in first
    assert "  100\tline 99" in second
    assert "line 99" not in in_the_next_turn


async def test_the_text_that_comes_with_an_error_is_cut(desk: Desk) -> None:
    await desk.vendor_writes("a", "some line\n" * 50_000)
    miss = [{"old": "nowhere", "new": "x"}]
    await desk.error("edit_file", path="a", edits=miss)

    second = await desk.error("edit_file", path="a", edits=miss)

    assert len(second) < 25_000
    assert "50000 lines in all; read_file shows the rest from line" in second


async def test_what_a_batch_only_read_is_seen_and_fresh_in_the_next(desk: Desk) -> None:
    await desk.vendor_writes("a", "one\n")
    await desk.ok("read_file", path="a")
    desk.workspace.end_batch()
    await desk.vendor_writes("b", "one\n")
    await desk.ok("create_file", path="a", content="two\n", overwrite=True)
    await desk.commit()
    await desk.ok("read_file", path="b")
    desk.workspace.end_batch()
    await desk.vendor_writes("b", "one, by the vendor\n")

    refused = await desk.error("edit_file", path="b", edits=ONE_TO_TWO)

    assert "one, by the vendor" in refused
    assert await desk.files() == {"a": "two\n", "b": "one, by the vendor\n"}
