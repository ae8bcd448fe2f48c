"""What every file store promises."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from aicode.api_types import Checkpoint, FileDiff
from aicode.errors import (
    FencedError,
    InvalidRequest,
    NotFound,
    PathConflict,
    RequestError,
    TooLarge,
    VersionConflict,
)
from aicode.file_store.store import (
    RULES_PATH,
    Change,
    Commit,
    Committed,
    FileStore,
    Move,
    Put,
    Remove,
    Rules,
    TurnRef,
)

VENDOR = "alice"


@pytest.fixture
async def app(store: FileStore) -> str:
    return (await store.create_app(VENDOR, "Todo"))["appId"]


async def save(store: FileStore, app: str, *changes: Change) -> Committed:
    commit = Commit(changes=changes, author="vendor", message="Save")
    return await store.commit(VENDOR, app, commit)


async def by_ai(
    store: FileStore, app: str, turn: TurnRef, *changes: Change, key: str | None = None
) -> Committed:
    commit = Commit(changes=changes, author="ai", message="Make a todo app", turn=turn, key=key)
    return await store.commit(VENDOR, app, commit)


async def contents(store: FileStore, app: str) -> dict[str, str]:
    listing = await store.list_files(VENDOR, app)
    files = await store.read_files(VENDOR, app, [file["path"] for file in listing.files])
    return {file["path"]: file["content"] for file in files if "content" in file}


async def differences(store: FileStore, app: str, start: int, end: int) -> list[FileDiff]:
    return [diff async for diff in await store.diff(VENDOR, app, start, end)]


# Apps


async def test_a_new_app_is_empty_and_its_vendors(store: FileStore):
    app = await store.create_app(VENDOR, "Todo")

    assert await store.list_apps(VENDOR) == [app]
    assert await store.list_apps("bob") == []
    assert await store.owns(VENDOR, app["appId"])
    assert not await store.owns("bob", app["appId"])
    listing = await store.list_files(VENDOR, app["appId"])
    assert (listing.revision, list(listing.files)) == (0, [])


async def test_making_an_app_again_with_its_id_keeps_it_as_it_is(store: FileStore):
    app = await store.create_app(VENDOR, "Demo", app_id="demo-app")
    await save(store, "demo-app", Put("a", "1", 0))

    again = await store.create_app(VENDOR, "Other name", app_id="demo-app")
    assert (again["appId"], again["name"], again["createdAt"]) == ("demo-app", "Demo", app["createdAt"])
    assert await contents(store, "demo-app") == {"a": "1"}
    with pytest.raises(NotFound):
        await store.create_app("bob", "Mine", app_id="demo-app")


async def test_the_app_changed_last_comes_first(store: FileStore):
    apps = [(await store.create_app(VENDOR, name))["appId"] for name in ("one", "two")]
    await save(store, apps[0], Put("a", "1", 0))

    assert {app["appId"] for app in await store.list_apps(VENDOR)} == set(apps)
    listed = await store.list_apps(VENDOR)
    assert [app["updatedAt"] for app in listed] == sorted((app["updatedAt"] for app in listed), reverse=True)


async def test_a_renamed_app_stays_as_it_is_but_for_its_name(store: FileStore):
    first, second = await store.create_app(VENDOR, "Todo"), await store.create_app(VENDOR, "Notes")
    await save(store, second["appId"], Put("a", "1", 0))
    before = await store.list_apps(VENDOR)
    renamed = await store.rename_app(VENDOR, first["appId"], "Tasks")

    assert renamed == {**first, "name": "Tasks"}
    assert await store.list_apps(VENDOR) == [before[0], renamed]
    await save(store, first["appId"], Put("a", "1", 0))
    assert (await store.list_apps(VENDOR))[0]["name"] == "Tasks"


async def test_another_vendors_app_is_as_absent_as_none(store: FileStore, app: str):
    await save(store, app, Put("a", "1", 0))
    turn = TurnRef("s", 1, 1)
    calls: list[Callable[[str, str], Awaitable[object]]] = [
        lambda vendor, app: store.rename_app(vendor, app, "Mine"),
        store.delete_app,
        store.list_files,
        lambda vendor, app: store.read_file(vendor, app, "a"),
        lambda vendor, app: store.read_files(vendor, app, ["a"]),
        lambda vendor, app: store.read_raw(vendor, app, "a"),
        lambda vendor, app: store.read_raw_files(vendor, app, ["a"]),
        lambda vendor, app: store.commit(vendor, app, Commit(changes=[], author="ai", message="")),
        lambda vendor, app: store.raise_fence(vendor, app, turn),
        lambda vendor, app: store.stored(vendor, app, "key"),
        store.checkpoints,
        lambda vendor, app: store.diff(vendor, app, 0, 1),
        lambda vendor, app: store.restore(vendor, app, 0),
    ]
    for call in calls:
        messages: list[str] = []
        for vendor, which in (("bob", app), (VENDOR, "no-such-app")):
            with pytest.raises(NotFound) as caught:
                await call(vendor, which)
            messages.append(caught.value.message)

        assert messages[0] == messages[1]
    assert await contents(store, app) == {"a": "1"}


async def test_a_deleted_app_leaves_nothing(store: FileStore, app: str):
    await by_ai(store, app, TurnRef("s", 1, 5), Put("a", "1", 0), key="k")
    await store.delete_app(VENDOR, app)

    assert await store.list_apps(VENDOR) == []
    await store.create_app(VENDOR, "Again", app_id=app)
    assert await store.checkpoints(VENDOR, app) == []
    assert await store.stored(VENDOR, app, "k") is None
    assert await contents(store, app) == {}
    await by_ai(store, app, TurnRef("s", 1, 1), Put("a", "2", 0))


# Versions


async def test_a_paths_versions_only_grow(store: FileStore, app: str):
    steps: list[Change] = [
        Put("a", "1", 0),
        Put("a", "2", 1),
        Remove("a", 2),
        Put("a", "3", 0),
        Move("a", "b", 4),
        Put("a", "4", 0),
    ]
    versions = [(await save(store, app, step)).changes[0].version for step in steps]

    assert versions == [1, 2, 3, 4, 5, 6]
    assert (await store.list_files(VENDOR, app)).revision == 6
    for version, content in ((1, "1"), (2, "2"), (4, "3"), (6, "4")):
        assert (await store.read_file(VENDOR, app, "a", version)).get("content") == content
    for version in (3, 5, 7):
        with pytest.raises(NotFound):
            await store.read_file(VENDOR, app, "a", version)


async def test_a_listing_tells_size_in_bytes_and_is_sorted(store: FileStore, app: str):
    await save(store, app, Put("b", "é", 0), Put("a/c", "", 0))

    listing = await store.list_files(VENDOR, app)
    assert [(file["path"], file["version"], file["size"]) for file in listing.files] == [
        ("a/c", 1, 0),
        ("b", 1, 2),
    ]


async def test_several_files_are_read_in_one_call(store: FileStore, app: str):
    await save(store, app, Put("caf\u00e9", "1", 0), Put("b", "2", 0), Put("c", "3", 0))

    files = await store.read_files(VENDOR, app, ["c", "cafe\u0301", "none"])
    assert {file["path"]: file.get("content") for file in files} == {"c": "3", "caf\u00e9": "1"}


async def test_text_comes_back_byte_for_byte(store: FileStore, app: str):
    text = "\ufeffa\r\nb\rc\u2028d\x0b\x01 \t\n\n日本語👩\u200d💻"
    await save(store, app, Put("a", text, 0))

    assert (await store.read_file(VENDOR, app, "a")).get("content") == text


async def test_saving_what_is_there_changes_nothing(store: FileStore, app: str):
    await save(store, app, Put("a", "1", 0))
    result = await save(store, app, Put("a", "1", 1))

    assert (result.revision, list(result.changes)) == (1, [])
    assert len(await store.checkpoints(VENDOR, app)) == 1


# Commits


async def test_a_commit_tells_what_became_of_each_path(store: FileStore, app: str):
    await save(store, app, Put("a", "1\n2\n3\n", 0), Put("b", "x", 0), Put("c", "y", 0))
    result = await save(
        store, app, Put("a", "1\ntwo\n3\nfour", 1, "t1"), Move("b", "d/b", 1, "t2"), Remove("c", 1)
    )

    told = [
        (c.path, c.action, c.version, c.size, c.additions, c.deletions, c.previous_path, c.tool_id)
        for c in result.changes
    ]
    assert told == [
        ("a", "edited", 2, 12, 2, 1, None, "t1"),
        ("d/b", "renamed", 2, 1, 0, 0, "b", "t2"),
        ("c", "deleted", 2, 0, 0, 1, None, ""),
    ]
    assert result.revision == 2


async def test_changes_of_one_commit_build_on_each_other(store: FileStore, app: str):
    await save(
        store, app, Put("a", "1", 0), Put("a", "2", 1), Move("a", "b", 2), Put("b", "3", 3), Put("a", "4", 0)
    )

    assert await contents(store, app) == {"a": "4", "b": "3"}
    assert (await store.list_files(VENDOR, app)).revision == 1


async def test_one_stale_change_keeps_the_whole_commit_out(store: FileStore, app: str):
    await save(store, app, Put("a", "1", 0), Put("b", "1", 0))
    await save(store, app, Put("b", "by someone else", 1))
    with pytest.raises(VersionConflict) as caught:
        await save(store, app, Put("a", "2", 1), Put("new", "", 0), Put("b", "mine", 1))

    assert caught.value.details["path"] == "b"
    file = await store.read_file(VENDOR, app, "b")
    assert caught.value.details["file"] == file
    assert (file["version"], file.get("content")) == (2, "by someone else")
    assert await contents(store, app) == {"a": "1", "b": "by someone else"}
    assert (await store.list_files(VENDOR, app)).revision == 2


@pytest.mark.parametrize(
    "change",
    [
        Put("a", "x", 1),
        Remove("a", 1),
        Remove("a", 0),
        Move("a", "b", 2),
        Put("a", "x", 2),
        Remove("never", 0),
        Move("never", "b", 0),
    ],
)
async def test_expecting_a_file_that_is_not_there_is_a_conflict_with_nothing(
    store: FileStore, app: str, change: Change
):
    await save(store, app, Put("a", "1", 0))
    await save(store, app, Remove("a", 1))
    with pytest.raises(VersionConflict) as caught:
        await save(store, app, change)

    assert caught.value.details["file"] is None


@pytest.mark.parametrize("change", [Put("a", "x", 0), Remove("a", 0), Move("a", "b", 7)])
async def test_expecting_another_version_is_a_conflict_with_the_file(
    store: FileStore, app: str, change: Change
):
    await save(store, app, Put("a", "1", 0))
    with pytest.raises(VersionConflict) as caught:
        await save(store, app, change)

    assert caught.value.details["file"] == await store.read_file(VENDOR, app, "a")


@pytest.mark.parametrize(
    "changes",
    [
        [Put("SRC/app.ts", "", 0)],
        [Put("Src/other.ts", "", 0)],
        [Put("src", "", 0)],
        [Put("src/App.ts/x", "", 0)],
        [Put("src/APP.ts/x", "", 0)],
        [Move("src/App.ts", "readme", 1)],
        [Move("README", "src/App.ts", 1)],
        [Put("new", "", 0), Put("NEW", "", 0)],
        [Put("x/a", "", 0), Put("X/b", "", 0)],
    ],
)
async def test_paths_that_cannot_stand_side_by_side_are_a_conflict(
    store: FileStore, app: str, changes: list[Change]
):
    await save(store, app, Put("src/App.ts", "1", 0), Put("README", "2", 0))
    with pytest.raises(PathConflict):
        await save(store, app, *changes)

    assert await contents(store, app) == {"src/App.ts": "1", "README": "2"}


async def test_what_is_gone_is_in_nobodys_way(store: FileStore, app: str):
    await save(store, app, Put("src/App.ts", "1", 0))
    await save(store, app, Move("src/App.ts", "src/app.ts", 1))
    await save(store, app, Move("src/app.ts", "Src/app.ts", 2))
    await save(store, app, Remove("Src/app.ts", 3), Put("src", "2", 0))

    assert await contents(store, app) == {"src": "2"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Put("../a", "", 0), InvalidRequest),
        (Remove("/a", 1), InvalidRequest),
        (Move("a", "con", 1), InvalidRequest),
        (Move("a", "a", 1), InvalidRequest),
        (Put("b", "a\0", 0), InvalidRequest),
        (Put("b", "\ud800", 0), InvalidRequest),
        (Put("b", "x" * 1_000_001, 0), TooLarge),
        (Put("b", "é" * 500_001, 0), TooLarge),
    ],
)
async def test_what_no_app_may_hold_is_refused(
    store: FileStore, app: str, change: Change, error: type[RequestError]
):
    await save(store, app, Put("a", "1", 0))
    with pytest.raises(error):
        await save(store, app, Put("c", "fine", 0), change)

    assert await contents(store, app) == {"a": "1"}


async def test_an_app_holds_two_thousand_files_and_not_one_more(store: FileStore, app: str):
    await save(store, app, *(Put(f"{n // 100}/{n}", str(n), 0) for n in range(2_000)))
    with pytest.raises(TooLarge):
        await save(store, app, Put("one more", "", 0))

    await save(store, app, Remove("0/0", 1), Put("one more", "", 0))
    assert len((await store.list_files(VENDOR, app)).files) == 2_000
    await store.restore(VENDOR, app, 0)
    assert (await store.list_files(VENDOR, app)).files == []
    await store.restore(VENDOR, app, 1)
    assert len(await contents(store, app)) == 2_000


async def test_an_app_holds_fifty_million_bytes_and_not_one_more(store: FileStore, app: str):
    await save(store, app, *(Put(str(n), "x" * 1_000_000, 0) for n in range(50)))
    with pytest.raises(TooLarge):
        await save(store, app, Put("one more", "x", 0))

    await save(store, app, Put("one more", "", 0))


# Keys and fences


async def test_a_key_names_one_effect(store: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    first = await by_ai(store, app, turn, Put("a", "1", 0, "t"), key="s:1:t")
    await save(store, app, Put("a", "by the vendor", 1))
    again = await by_ai(store, app, turn, Put("a", "1", 0, "t"), key="s:1:t")

    assert again == first
    assert await store.stored(VENDOR, app, "s:1:t") == first
    assert await store.stored(VENDOR, app, "another") is None
    assert await contents(store, app) == {"a": "by the vendor"}
    assert (await store.list_files(VENDOR, app)).revision == 2


async def test_a_refused_commit_leaves_its_key_free(store: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    with pytest.raises(VersionConflict):
        await by_ai(store, app, turn, Put("a", "1", 3), key="k")

    assert await store.stored(VENDOR, app, "k") is None
    assert (await by_ai(store, app, turn, Put("a", "1", 0), key="k")).revision == 1


async def test_a_writer_whose_turn_was_taken_over_is_refused(store: FileStore, app: str):
    await by_ai(store, app, TurnRef("s", 1, 3), Put("a", "1", 0), key="k")
    await store.raise_fence(VENDOR, app, TurnRef("s", 1, 4))
    with pytest.raises(FencedError):
        await by_ai(store, app, TurnRef("s", 1, 3), Put("a", "2", 1))
    with pytest.raises(FencedError):
        await by_ai(store, app, TurnRef("s", 1, 3), Put("a", "1", 0), key="k")
    with pytest.raises(FencedError):
        await store.raise_fence(VENDOR, app, TurnRef("s", 1, 3))

    assert await contents(store, app) == {"a": "1"}
    await by_ai(store, app, TurnRef("s", 1, 4), Put("a", "2", 1))
    await by_ai(store, app, TurnRef("other session", 1, 1), Put("a", "3", 2))
    await by_ai(store, app, TurnRef("s", 2, 9), Put("a", "4", 3))
    with pytest.raises(FencedError):
        await by_ai(store, app, TurnRef("s", 1, 4), Put("a", "5", 4))


# Checkpoints, diff, restore


async def test_all_that_a_turn_changed_is_one_checkpoint(store: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    await save(store, app, Put("old", "1\n", 0), Put("moved", "1\n", 0))
    await by_ai(store, app, turn, Put("a", "1\n", 0), Put("gone", "", 0), Put("old", "1\n2\n", 1))
    await save(store, app, Put("vendors", "", 0))
    await by_ai(store, app, turn, Put("a", "1\n2\n", 1), Remove("gone", 1), Move("moved", "here", 1))

    newest, between, oldest = await store.checkpoints(VENDOR, app)
    assert (newest["revision"], newest["baseRevision"], newest["author"]) == (4, 1, "ai")
    assert (newest.get("sessionId"), newest.get("turnId")) == ("s", 1)
    assert newest["message"] == "Make a todo app"
    assert newest["changes"] == [
        {"path": "a", "action": "created", "additions": 2, "deletions": 0},
        {"path": "here", "action": "renamed", "previousPath": "moved", "additions": 0, "deletions": 0},
        {"path": "old", "action": "edited", "additions": 1, "deletions": 0},
    ]
    assert (between["revision"], between["baseRevision"], between["author"]) == (3, 2, "vendor")
    assert "turnId" not in between
    assert "sessionId" not in between
    assert oldest["revision"] == 1


async def test_what_a_turn_made_or_deleted_counts_as_it_came_out(store: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    await save(store, app, Put("old", "1\n2\n3\n", 0), Put("moved", "1\n2\n", 0))
    await by_ai(store, app, turn, Put("new", "1\n2\n", 0), Put("old", "1\n2\nthree\nfour\n", 1))
    await by_ai(store, app, turn, Put("new", "one\n2\n3\n", 1), Remove("old", 2), Move("moved", "here", 1))
    await by_ai(store, app, turn, Put("here", "1\n2\n3\n", 2), Remove("here", 3))

    newest, _ = await store.checkpoints(VENDOR, app)
    assert newest["changes"] == [
        {"path": "moved", "action": "deleted", "additions": 0, "deletions": 2},
        {"path": "new", "action": "created", "additions": 3, "deletions": 0},
        {"path": "old", "action": "deleted", "additions": 0, "deletions": 3},
    ]


async def test_a_file_that_took_another_ones_place_is_told_with_where_it_came_from(
    store: FileStore, app: str
):
    turn = TurnRef("s", 1, 1)
    await save(store, app, *(Put(path, f"{path}\n" * n, 0) for n, path in enumerate("abcde", 1)))
    await by_ai(store, app, turn, Remove("a", 1), Move("b", "a", 1))
    await by_ai(store, app, turn, Move("c", "new", 1), Move("d", "c", 1), Move("new", "d", 2))
    await by_ai(store, app, turn, Move("e", "f", 1), Move("f", "e", 2), Put("b", "again\n", 0))

    newest, _ = await store.checkpoints(VENDOR, app)
    assert newest["changes"] == [
        {"path": "a", "action": "renamed", "previousPath": "b", "additions": 0, "deletions": 1},
        {"path": "b", "action": "created", "additions": 1, "deletions": 0},
        {"path": "c", "action": "renamed", "previousPath": "d", "additions": 0, "deletions": 0},
        {"path": "d", "action": "renamed", "previousPath": "c", "additions": 0, "deletions": 0},
    ]
    await store.restore(VENDOR, app, 1, paths=[change["path"] for change in newest["changes"]])
    assert await contents(store, app) == {path: f"{path}\n" * n for n, path in enumerate("abcde", 1)}


async def test_however_checkpoints_are_paged_each_is_told_once_and_whole(store: FileStore, app: str):
    for step in range(1, 31):
        if step % 3:
            turn = TurnRef(f"s{step % 2}", 1 + step // 15, 1)
            await by_ai(store, app, turn, Put(f"{step}", "1\n", 0))
        else:
            await save(store, app, Put(f"{step}", "1\n", 0))
    whole = await store.checkpoints(VENDOR, app)
    for limit in (1, 2, 3, 30):
        paged: list[Checkpoint] = []
        before = None
        while page := await store.checkpoints(VENDOR, app, before=before, limit=limit):
            assert len(page) <= limit, limit
            paged += page
            before = page[-1]["revision"]

        assert paged == whole, limit
    assert sum(len(checkpoint["changes"]) for checkpoint in whole) == 30
    assert len([checkpoint for checkpoint in whole if checkpoint["author"] == "ai"]) == 4
    for after, end in ((0, 31), (7, 22), (12, 13), (30, 31), (31, 40), (9, 9), (0, 0)):
        expected = [checkpoint for checkpoint in whole if after < checkpoint["revision"] < end]
        assert await store.checkpoints(VENDOR, app, after=after, before=end) == expected


async def test_a_diff_tells_what_differs_between_two_revisions(store: FileStore, app: str):
    await save(store, app, Put("a", "1\n2\n", 0), Put("b", "x", 0), Put("same", "", 0))
    await save(store, app, Put("a", "1\ntwo\n", 1), Remove("b", 1), Put("c", "y\n", 0))

    diffs = await differences(store, app, 1, 2)
    assert [(diff["path"], diff["action"]) for diff in diffs] == [
        ("a", "edited"),
        ("b", "deleted"),
        ("c", "created"),
    ]
    assert diffs[0].get("diff") == "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n 1\n-2\n+two\n"
    assert diffs[1].get("diff") == "--- a/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\\ No newline at end of file\n"
    assert diffs[2].get("diff") == "--- /dev/null\n+++ b/c\n@@ -0,0 +1 @@\n+y\n"
    assert [diff["action"] for diff in await differences(store, app, 2, 1)] == [
        "edited",
        "created",
        "deleted",
    ]
    assert len(await differences(store, app, 0, 2)) == 3
    assert await differences(store, app, 2, 2) == []
    for start, end in ((0, 3), (3, 0), (-1, 0)):
        with pytest.raises(NotFound):
            await store.diff(VENDOR, app, start, end)


async def test_a_diff_ends_where_its_app_is_deleted_meanwhile(store: FileStore, app: str):
    await save(store, app, *(Put(f"{n}", f"{n}" * 1_000_000, 0) for n in range(5)))
    diffs = await store.diff(VENDOR, app, 0, 1)
    first = await anext(diffs)
    await store.delete_app(VENDOR, app)

    assert first["path"] == "0"
    with pytest.raises(NotFound):
        _ = [diff async for diff in diffs]


async def test_any_revision_can_be_brought_back_and_that_undone(store: FileStore, app: str):
    await save(store, app, Put("a", "1", 0), Put("b/c", "2", 0))
    await save(store, app, Put("a", "3", 1), Remove("b/c", 1), Put("b", "4", 0), Put("A2", "5", 0))
    await save(store, app, Move("A2", "a2", 1))

    result = await store.restore(VENDOR, app, 1)
    assert result.revision == 4
    assert await contents(store, app) == {"a": "1", "b/c": "2"}
    assert {(c.path, c.action) for c in result.changes} == {
        ("a", "edited"),
        ("b", "deleted"),
        ("a2", "deleted"),
        ("b/c", "created"),
    }
    await store.restore(VENDOR, app, 3)
    assert await contents(store, app) == {"a": "3", "b": "4", "a2": "5"}
    assert (await store.restore(VENDOR, app, 3)).revision == 5
    await store.restore(VENDOR, app, 0)
    assert await contents(store, app) == {}
    assert [checkpoint["author"] for checkpoint in await store.checkpoints(VENDOR, app)] == ["vendor"] * 6
    with pytest.raises(NotFound):
        await store.restore(VENDOR, app, 7)


async def undo(store: FileStore, app: str, session_id: str, *, force: bool = False) -> Committed:
    """What the page does to undo a turn."""
    checkpoint = next(c for c in await store.checkpoints(VENDOR, app) if c.get("sessionId") == session_id)
    paths = [change["path"] for change in checkpoint["changes"]]
    return await store.restore(VENDOR, app, checkpoint["baseRevision"], paths=paths, force=force)


async def test_undoing_a_turn_leaves_later_work_on_other_files_alone(store: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    await save(store, app, Put("a", "1", 0), Put("b", "1", 0), Put("c", "1", 0))
    await by_ai(store, app, turn, Put("a", "2", 1), Put("new", "", 0))
    await save(store, app, Put("c", "the vendor's", 1))
    await by_ai(store, app, turn, Put("a", "3", 2), Remove("b", 1))
    await undo(store, app, "s")

    assert await contents(store, app) == {"a": "1", "b": "1", "c": "the vendor's"}
    assert list((await undo(store, app, "s")).changes) == []


async def test_undoing_a_turn_gives_files_their_old_names_back(store: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    await save(store, app, Put("a", "1", 0))
    await by_ai(store, app, turn, Move("a", "b", 1))
    await by_ai(store, app, turn, Move("b", "c", 2), Put("c", "2", 3))
    await undo(store, app, "s")

    assert await contents(store, app) == {"a": "1"}


async def test_the_undoing_of_a_turn_is_a_checkpoint_that_can_be_undone(store: FileStore, app: str):
    turn = TurnRef("s", 1, 1)
    await save(store, app, Put("a", "1", 0), Put("b", "1", 0), Put("c", "1", 0))
    await by_ai(store, app, turn, Put("a", "2", 1), Remove("b", 1), Move("c", "d", 1), Put("e", "2", 0))
    after_turn = await contents(store, app)
    await undo(store, app, "s")
    assert await contents(store, app) == {"a": "1", "b": "1", "c": "1"}
    undone = (await store.checkpoints(VENDOR, app))[0]
    await save(store, app, Put("later", "", 0))
    paths = [change["path"] for change in undone["changes"]]
    await store.restore(VENDOR, app, undone["baseRevision"], paths=paths)

    assert await contents(store, app) == {**after_turn, "later": ""}


@pytest.mark.parametrize("when", ["during", "after"])
async def test_undoing_a_turn_never_undoes_what_came_of_it(store: FileStore, app: str, when: str):
    turn = TurnRef("s", 1, 1)
    await save(store, app, Put("a", "1", 0), Put("b", "1", 0))
    await by_ai(store, app, turn, Put("a", "2", 1), Put("b", "2", 1))
    await save(store, app, Put("a", "the vendor's", 2))
    if when == "during":
        await by_ai(store, app, turn, Put("a", "3", 3))
    before = await contents(store, app)
    with pytest.raises(VersionConflict) as caught:
        await undo(store, app, "s")

    assert caught.value.details == {"path": "a", "file": await store.read_file(VENDOR, app, "a")}
    assert await contents(store, app) == before
    await undo(store, app, "s", force=True)
    assert await contents(store, app) == {"a": "1", "b": "1"}


async def test_turns_are_undone_one_after_another_the_latest_first(store: FileStore, app: str):
    first, second = TurnRef("s1", 1, 1), TurnRef("s2", 1, 1)
    await save(store, app, Put("a", "1", 0), Put("b", "1", 0), Put("c", "1", 0))
    await by_ai(store, app, first, Put("a", "2", 1), Put("new", "1", 0), Move("b", "d", 1))
    after_first = await contents(store, app)
    await by_ai(store, app, second, Put("a", "3", 2), Remove("new", 1), Put("d", "3", 2), Put("c", "3", 1))
    await undo(store, app, "s2")

    assert await contents(store, app) == after_first
    await undo(store, app, "s1")
    assert await contents(store, app) == {"a": "1", "b": "1", "c": "1"}


async def test_undoing_the_earlier_of_two_turns_would_lose_the_later_one(store: FileStore, app: str):
    first, second = TurnRef("s1", 1, 1), TurnRef("s2", 1, 1)
    await save(store, app, Put("a", "1", 0))
    await by_ai(store, app, first, Put("a", "2", 1))
    await by_ai(store, app, second, Put("a", "3", 2))
    with pytest.raises(VersionConflict):
        await undo(store, app, "s1")

    assert await contents(store, app) == {"a": "3"}


@pytest.mark.parametrize("when", ["during", "after"])
async def test_what_others_changed_and_brought_back_does_not_keep_a_turn_from_being_undone(
    store: FileStore, app: str, when: str
):
    turn = TurnRef("s", 1, 1)
    await save(store, app, Put("a", "1", 0))
    await by_ai(store, app, turn, Put("a", "2", 1), Put("b", "2", 0))
    await save(store, app, Put("a", "the vendor's", 2), Move("b", "c", 1))
    await save(store, app, Put("a", "2", 3), Move("c", "b", 2))
    if when == "during":
        await by_ai(store, app, turn, Put("a", "3", 4))
    await undo(store, app, "s")

    assert await contents(store, app) == {"a": "1"}


async def test_restoring_named_paths_keeps_the_rules_for_names(store: FileStore, app: str):
    await save(store, app, Put("a", "1", 0))
    await save(store, app, Remove("a", 1))
    await save(store, app, Put("a/b", "2", 0))
    with pytest.raises(PathConflict):
        await store.restore(VENDOR, app, 1, paths=["a"])
    with pytest.raises(InvalidRequest):
        await store.restore(VENDOR, app, 1, paths=["../a"])

    assert list((await store.restore(VENDOR, app, 1, paths=["never there"])).changes) == []


# Rules


CLAUDE = TurnRef("session-1", 1, 1)


async def ruled(store: FileStore, app: str) -> None:
    """The vendor's rules, at version 1 of their path and revision 1 of the app."""
    await save(store, app, Put(RULES_PATH, "Use tabs.", 0))


@pytest.mark.parametrize(
    "changes",
    [
        [Put(RULES_PATH, "Obey me.", 1)],
        [Remove(RULES_PATH, 1)],
        [Move(RULES_PATH, "old.md", 1)],
        [Remove(RULES_PATH, 1), Put("new.md", "Obey me.", 0), Move("new.md", RULES_PATH, 1)],
    ],
    ids=["overwrite", "delete", "rename away", "rename to"],
)
async def test_rules_that_claude_changes_wait_for_the_vendor(
    store: FileStore, app: str, changes: Sequence[Change]
):
    await ruled(store, app)
    await by_ai(store, app, CLAUDE, *changes)

    waiting = (await store.list_files(VENDOR, app)).rules
    assert waiting.accepted == 1
    assert waiting.pending > 1
    assert await store.read_rules(VENDOR, app) == "Use tabs."
    assert (await store.read_file(VENDOR, app, RULES_PATH, waiting.accepted)).get("content") == "Use tabs."

    accepted = await store.accept_rules(VENDOR, app, waiting.pending)
    assert accepted == await store.accept_rules(VENDOR, app, waiting.pending)
    assert accepted.pending == 0
    assert await store.read_rules(VENDOR, app) == (await contents(store, app)).get(RULES_PATH, "")
    assert (await store.list_files(VENDOR, app)).rules == accepted


async def test_rules_that_claude_makes_count_only_once_accepted(store: FileStore, app: str):
    await by_ai(store, app, CLAUDE, Put(RULES_PATH, "Obey me.", 0), Put("src/AGENTS.md", "Me too.", 0))

    assert (await store.list_files(VENDOR, app)).rules == Rules(0, 1)
    assert await store.read_rules(VENDOR, app) == ""
    assert await store.accept_rules(VENDOR, app, 1) == Rules(1, 0)
    assert await store.read_rules(VENDOR, app) == "Obey me."
    assert (await store.list_files(VENDOR, app)).revision == 1


async def test_undoing_an_undo_accepts_nothing(store: FileStore, app: str):
    await ruled(store, app)
    await by_ai(store, app, CLAUDE, Put(RULES_PATH, "Obey me.", 1))

    undone = await store.restore(VENDOR, app, 1)
    assert (await store.list_files(VENDOR, app)).rules.pending == 0
    await store.restore(VENDOR, app, undone.revision - 1, paths=[RULES_PATH])

    assert (await contents(store, app))[RULES_PATH] == "Obey me."
    assert (await store.list_files(VENDOR, app)).rules == Rules(3, 4)
    assert await store.read_rules(VENDOR, app) == "Use tabs."


async def test_the_vendors_own_rules_count_again_when_they_are_restored(store: FileStore, app: str):
    await ruled(store, app)
    await save(store, app, Put(RULES_PATH, "Use spaces.", 1))
    await store.restore(VENDOR, app, 1)

    assert (await store.list_files(VENDOR, app)).rules == Rules(3, 0)
    assert await store.read_rules(VENDOR, app) == "Use tabs."


async def test_only_the_version_that_the_vendor_saw_can_be_accepted(store: FileStore, app: str):
    await ruled(store, app)
    await by_ai(store, app, CLAUDE, Put(RULES_PATH, "Seen.", 1))
    await by_ai(store, app, CLAUDE, Put(RULES_PATH, "Unseen.", 2))

    with pytest.raises(VersionConflict) as refusal:
        await store.accept_rules(VENDOR, app, 2)
    assert refusal.value.details["file"] == await store.read_file(VENDOR, app, RULES_PATH)
    with pytest.raises(NotFound):
        await store.accept_rules("bob", app, 3)
    assert await store.read_rules(VENDOR, app) == "Use tabs."


# Revisions as they were, and documents


async def test_the_files_of_an_earlier_revision_are_listed_and_read_as_they_were(store: FileStore, app: str):
    first = await save(store, app, Put("a.txt", "one", 0), Put("b.txt", "bee", 0))
    await save(store, app, Put("a.txt", "two", 1), Remove("b.txt", 1))

    listed = await store.files_at(VENDOR, app, first.revision)
    read = await store.raw_files_at(VENDOR, app, first.revision)
    named = await store.raw_files_at(VENDOR, app, first.revision, ["b.txt", "absent.txt"])

    assert [(file["path"], file["version"]) for file in listed] == [("a.txt", 1), ("b.txt", 1)]
    assert [(file.info["path"], file.data) for file in read] == [("a.txt", b"one"), ("b.txt", b"bee")]
    assert [file.info["path"] for file in named] == ["b.txt"]
    assert await store.files_at(VENDOR, app, 0) == []
    with pytest.raises(NotFound):
        await store.files_at(VENDOR, app, 3)
    with pytest.raises(NotFound):
        await store.raw_files_at("bob", app, first.revision)


async def test_a_document_is_replaced_only_at_the_version_that_its_writer_has_read(
    store: FileStore, app: str
):
    assert await store.read_document(VENDOR, app, "policy") is None
    assert await store.write_document(VENDOR, app, "policy", {"push": "ask"}, version=1) is None
    assert await store.write_document(VENDOR, app, "policy", {"push": "ask"}, version=0) == 1
    assert await store.write_document(VENDOR, app, "policy", {"push": "deny"}, version=0) is None
    assert await store.write_document(VENDOR, app, "policy", {"push": "allow"}, version=1) == 2

    found = await store.read_document(VENDOR, app, "policy")

    assert found is not None
    assert (found.value, found.version) == ({"push": "allow"}, 2)


async def test_documents_are_their_vendors_alone_and_go_with_the_app(store: FileStore, app: str):
    await store.write_document(VENDOR, app, "policy", {"push": "allow"}, version=0)
    with pytest.raises(NotFound):
        await store.read_document("bob", app, "policy")
    with pytest.raises(NotFound):
        await store.write_document("bob", app, "policy", {}, version=1)

    await store.delete_app(VENDOR, app)
    await store.create_app(VENDOR, "Again", app_id=app)

    assert await store.read_document(VENDOR, app, "policy") is None
