"""What the editor gets for what it asks."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from editor_client import Client, SessionStore

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Change, Commit, Committed, Move, Put, Remove, TurnRef
from tests.observing import Operators


async def test_apps_are_made_listed_and_deleted(alice: Client, sessions: SessionStore):
    made = await alice.send("POST", "", {"name": "Todo 日本 👩\u200d💻"})

    assert made.status == 201
    app = made.json["app"]
    assert app == {**app, "name": "Todo 日本 👩\u200d💻"}
    assert app.keys() == {"appId", "name", "createdAt", "updatedAt"}
    assert (await alice.send("GET", "")).json == {"success": True, "apps": [app]}
    gone = await alice.send("DELETE", f"/{app['appId']}")
    assert (gone.status, gone.json) == (200, {"success": True})
    assert (await alice.send("GET", "")).json == {"success": True, "apps": []}
    assert sessions.deleted == [("alice", app["appId"], True), ("alice", app["appId"], False)]


async def test_an_app_gets_another_name_and_keeps_its_place(alice: Client, app: str):
    other = await alice.new_app("Other")
    await alice.save(other, "a", "1")
    before = {each["appId"]: each for each in (await alice.send("GET", "")).json["apps"]}
    renamed = await alice.send("PUT", f"/{app}", {"name": "日本 👩\u200d💻"})

    assert renamed.status == 200
    assert renamed.json == {"success": True, "app": {**before[app], "name": "日本 👩\u200d💻"}}
    assert (await alice.send("GET", "")).json["apps"] == [before[other], renamed.json["app"]]
    assert (await alice.send("GET", f"/{app}/files")).json["revision"] == 0


async def test_only_the_owner_renames_an_app(alice: Client, app: str):
    bob = replace(alice, vendor="bob")
    answers = [
        await bob.send("PUT", f"/{app}", {"name": "Mine"}),
        await alice.send("PUT", "/none", {"name": "Mine"}),
    ]

    assert [(answer.status, answer.json["error"]["code"]) for answer in answers] == [(404, "not_found")] * 2
    assert [each["name"] for each in (await alice.send("GET", "")).json["apps"]] == ["Todo"]


async def test_answers_are_never_kept_or_guessed_at(alice: Client, app: str):
    for answer in (await alice.send("GET", ""), await alice.send("GET", "/none/files")):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_is_made_saved_and_read(alice: Client, app: str):
    made = await alice.save(app, "src/cafe\u0301.ts", "1\n")
    file = made.json["file"]

    assert made.json == {"success": True, "revision": 1, "file": file}
    assert file == {"path": "src/caf\u00e9.ts", "version": 1, "size": 2, "updatedAt": file["updatedAt"]}
    saved = (await alice.save(app, "src/caf\u00e9.ts", "é", 1)).json
    assert (saved["revision"], saved["file"]["version"], saved["file"]["size"]) == (2, 2, 2)
    listed = (await alice.send("GET", f"/{app}/files")).json
    assert listed == {"success": True, "revision": 2, "files": [saved["file"]]}
    query = {"path": "src/caf\u00e9.ts"}
    read = (await alice.send("GET", f"/{app}/file", query=query)).json
    assert read == {"success": True, "file": {**saved["file"], "content": "é"}}
    first = (await alice.send("GET", f"/{app}/file", query={**query, "version": 1})).json
    assert first["file"] == {**file, "content": "1\n"}


async def test_a_listing_can_hold_the_contents(alice: Client, app: str):
    contents = {
        "src/b.ts": "é\n",
        "a": "",
        "日本": "\u2028",
        "large.txt": "x" * 200_001,
        "largest": "x" * 200_000,
    }
    for path, content in contents.items():
        await alice.save(app, path, content)
    await alice.save(app, "gone", "1")
    await alice.send("DELETE", f"/{app}/file", query={"path": "gone", "baseVersion": 1})
    listed = (await alice.send("GET", f"/{app}/files")).json
    answer = await alice.send("GET", f"/{app}/files", query={"content": 1})

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        **listed,
        "files": [
            file if file["path"] == "large.txt" else {**file, "content": contents[file["path"]]}
            for file in listed["files"]
        ],
    }


async def test_contents_are_listed_for_those_who_own_the_app(alice: Client, app: str):
    query = {"content": 1}

    assert (await alice.send("GET", f"/{app}/files", query=query)).json["files"] == []
    assert (await replace(alice, vendor="bob").send("GET", f"/{app}/files", query=query)).status == 404
    assert (await alice.send("GET", "/none/files", query=query)).status == 404


async def test_saving_what_is_there_keeps_version_and_revision(alice: Client, app: str):
    made = await alice.save(app, "a", "1")

    assert (await alice.save(app, "a", "1", 1)).json == made.json


async def test_a_file_is_renamed_and_deleted(alice: Client, app: str):
    await alice.save(app, "a", "1")
    renamed = await alice.send("POST", f"/{app}/rename", {"path": "a", "newPath": "b", "baseVersion": 1})

    assert renamed.status == 200
    assert renamed.json["revision"] == 2
    assert (renamed.json["file"]["path"], renamed.json["file"]["version"]) == ("b", 2)
    deleted = await alice.send("DELETE", f"/{app}/file", query={"path": "b", "baseVersion": 2})
    assert (deleted.status, deleted.json) == (200, {"success": True, "revision": 3})
    assert (await alice.send("GET", f"/{app}/files")).json["files"] == []
    assert (await alice.send("GET", f"/{app}/file", query={"path": "b"})).status == 404
    old = await alice.send("GET", f"/{app}/file", query={"path": "b", "version": 2})
    assert old.json["file"]["content"] == "1"


async def test_a_conflict_shows_the_current_file(alice: Client, app: str):
    await alice.save(app, "a", "1")
    await alice.save(app, "a", "2", 1)
    current = (await alice.send("GET", f"/{app}/file", query={"path": "a"})).json["file"]
    conflicts = [
        await alice.save(app, "a", "3", 1),
        await alice.save(app, "a", "3", 0),
        await alice.send("POST", f"/{app}/rename", {"path": "a", "newPath": "b", "baseVersion": 1}),
        await alice.send("DELETE", f"/{app}/file", query={"path": "a", "baseVersion": 1}),
    ]
    for conflict in conflicts:
        assert conflict.status == 409
        assert conflict.json["error"]["code"] == "version_conflict"
        assert conflict.json["error"]["file"] == current

    absent = [
        await alice.save(app, "none", "3", 1),
        await alice.send("POST", f"/{app}/rename", {"path": "none", "newPath": "b", "baseVersion": 1}),
        await alice.send("DELETE", f"/{app}/file", query={"path": "none", "baseVersion": 0}),
    ]
    assert [answer.status for answer in absent] == [409, 409, 409]
    assert all(answer.json["error"]["file"] is None for answer in absent)


async def test_a_version_far_ahead_is_a_conflict_in_body_and_query_alike(alice: Client, app: str):
    await alice.save(app, "a", "1")
    far = 2**53 - 1
    answers = [
        await alice.save(app, "a", "2", far),
        await alice.send("DELETE", f"/{app}/file", query={"path": "a", "baseVersion": far}),
    ]

    assert [(answer.status, answer.json["error"]["code"]) for answer in answers] == [
        (409, "version_conflict")
    ] * 2


async def test_paths_that_collide_are_a_conflict(alice: Client, app: str):
    await alice.save(app, "src/App.tsx", "1")
    await alice.save(app, "b", "1")
    collisions = [
        await alice.save(app, "src/app.tsx", ""),
        await alice.save(app, "Src/other", ""),
        await alice.save(app, "b/c", ""),
        await alice.send("POST", f"/{app}/rename", {"path": "b", "newPath": "src", "baseVersion": 1}),
    ]
    assert [(answer.status, answer.json["error"]["code"]) for answer in collisions] == [
        (409, "path_conflict")
    ] * 4

    body = {"path": "src/App.tsx", "newPath": "src/app.tsx", "baseVersion": 1}
    assert (await alice.send("POST", f"/{app}/rename", body)).status == 200


async def test_the_largest_file_can_be_saved(alice: Client, app: str):
    assert (await alice.save(app, "a", "\x01" * 1_000_000)).json["file"]["size"] == 1_000_000
    assert (await alice.save(app, "b", "x" * 1_000_001)).json["error"]["code"] == "too_large"


@pytest.fixture
async def turn(alice: Client, app: str, store: SqliteFileStore) -> str:
    """A vendor's file `a`, then a turn that edits it, renames `old` and makes `new` in two commits."""
    await alice.save(app, "a", "1\n")
    await alice.save(app, "old", "1\n")
    for changes in ([Put("a", "1\n2\n", 1), Put("new", "", 0)], [Move("old", "moved", 1)]):
        commit = Commit(changes=changes, author="ai", message="Add a line", turn=TurnRef("s1", 7, 1))
        await store.commit("alice", app, commit)
    return app


async def test_a_turn_is_shown_diffed_and_undone_as_one(alice: Client, turn: str):
    checkpoints = (await alice.send("GET", f"/{turn}/checkpoints")).json["checkpoints"]
    checkpoint = checkpoints[0]

    assert len(checkpoints) == 3
    assert checkpoint == {
        "revision": 4,
        "baseRevision": 2,
        "turnId": 7,
        "sessionId": "s1",
        "author": "ai",
        "message": "Add a line",
        "createdAt": checkpoint["createdAt"],
        "changes": [
            {"path": "a", "action": "edited", "additions": 1, "deletions": 0},
            {"path": "moved", "action": "renamed", "previousPath": "old", "additions": 0, "deletions": 0},
            {"path": "new", "action": "created", "additions": 0, "deletions": 0},
        ],
    }
    diff = (await alice.send("GET", f"/{turn}/diff", query={"from": 2, "to": 4})).json
    assert diff["files"][0] == {
        "path": "a",
        "action": "edited",
        "diff": "--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n 1\n+2\n",
    }
    body = {"revision": 2, "paths": [change["path"] for change in checkpoint["changes"]]}
    undone = (await alice.send("POST", f"/{turn}/restore", body)).json
    assert (undone["success"], undone["revision"]) == (True, 5)
    assert {(change["path"], change["action"]) for change in undone["changes"]} == {
        ("a", "edited"),
        ("moved", "deleted"),
        ("new", "deleted"),
        ("old", "created"),
    }
    assert (await alice.send("GET", f"/{turn}/diff", query={"from": 2, "to": 5})).json["files"] == []


async def test_checkpoints_come_in_pages_that_cut_no_turn_in_two(alice: Client, turn: str):
    async def page(**query: int) -> tuple[list[tuple[int, int]], bool]:
        told = (await alice.send("GET", f"/{turn}/checkpoints", query=query)).json
        pairs = [(checkpoint["baseRevision"], checkpoint["revision"]) for checkpoint in told["checkpoints"]]
        return pairs, told["hasMore"]

    await alice.save(turn, "later", "1\n")
    assert await page() == ([(4, 5), (2, 4), (1, 2), (0, 1)], False)
    assert await page(limit=1) == ([(4, 5)], True)
    assert await page(limit=1, before=5) == ([(2, 4)], True)
    # A commit of the turn is there, but the turn ends later.
    assert await page(limit=3, before=4) == ([(1, 2), (0, 1)], False)
    assert await page(limit=2, before=3) == ([(1, 2), (0, 1)], False)
    assert await page(limit=1, before=1) == ([], False)
    assert await page(before=0) == ([], False)


async def test_a_page_of_checkpoints_holds_two_hundred_at_the_most(alice: Client, app: str):
    for n in range(201):
        await alice.save(app, "a", f"{n}", n)
    for query in ({}, {"limit": 200}, {"limit": 9_000_000_000}):
        told = (await alice.send("GET", f"/{app}/checkpoints", query=query)).json
        assert [checkpoint["revision"] for checkpoint in told["checkpoints"]] == list(range(201, 1, -1))
        assert told["hasMore"] is True


async def test_undoing_a_turn_asks_before_it_undoes_the_vendors_work(alice: Client, turn: str):
    await alice.save(turn, "a", "mine", 2)
    body = {"revision": 2, "paths": ["a"]}
    refused = await alice.send("POST", f"/{turn}/restore", body)

    assert refused.status == 409
    assert refused.json["error"]["file"]["content"] == "mine"
    assert (await alice.send("POST", f"/{turn}/restore", {**body, "force": True})).json["revision"] == 6
    assert (await alice.send("POST", f"/{turn}/restore", {"revision": 5})).json["revision"] == 7
    read = await alice.send("GET", f"/{turn}/file", query={"path": "a"})
    assert read.json["file"]["content"] == "mine"


async def test_json_is_ascii_whatever_a_file_holds(alice: Client, app: str):
    await alice.save(app, "日本", "\u2028é")
    answer = await alice.send("GET", f"/{app}/file", query={"path": "日本"})

    assert answer.content.isascii()
    assert json.loads(answer.content)["file"]["content"] == "\u2028é"


async def test_the_sessions_are_told_which_turns_a_restore_covers(
    alice: Client, app: str, store: SqliteFileStore, sessions: SessionStore
):
    async def turn(session: str, number: int, *changes: Change) -> None:
        commit = Commit(changes=changes, author="ai", message="Hi", turn=TurnRef(session, number, 1))
        await store.commit("alice", app, commit)

    await turn("s1", 1, Put("a.txt", "1", 0), Put("e\u0301.txt", "1", 0))
    await alice.save(app, "mine.txt", "1")
    await turn("s2", 1, Put("b.txt", "1", 0))
    await turn("s1", 2, Put("a.txt", "2", 1), Move("b.txt", "c.txt", 1))
    await turn("s1", 3, Put("d.txt", "1", 0))
    await turn("s1", 3, Remove("d.txt", 1))

    async def restore(revision: int, *paths: str) -> None:
        body = {"revision": revision, "paths": [*paths], "force": True} if paths else {"revision": revision}
        assert (await alice.send("POST", f"/{app}/restore", body)).status == 200

    await restore(3, "a.txt")
    await restore(3, "a.txt", "c.txt")
    await restore(0, "a.txt", "e\u0301.txt")
    await restore(1)
    await restore(4)

    assert [told[2:] for told in sessions.restored] == [
        ({}, 3, 7),
        ({"s1": {2: False}}, 3, 8),
        ({"s1": {1: False}}, 0, 9),
        ({"s2": {1: False}, "s1": {2: False, 1: True}}, 1, 10),
        ({"s2": {1: True}, "s1": {2: True, 1: True}}, 4, 11),
    ]


async def test_a_turn_that_goes_on_after_a_restore_is_not_told_as_undone(
    alice: Client, sessions: SessionStore, tmp_path: Path
):
    class Meanwhile(SqliteFileStore):
        """Turns commit as soon as a restore has."""

        async def restore(
            self,
            vendor: str,
            app_id: str,
            revision: int,
            *,
            paths: Sequence[str] | None = None,
            force: bool = False,
        ) -> Committed:
            committed = await super().restore(vendor, app_id, revision, paths=paths, force=force)
            for turn in (TurnRef("s1", 1, 1), TurnRef("s2", 1, 1)):
                changes = [Put(f"{turn.session_id}.txt", "more", 0)]
                await self.commit(vendor, app_id, Commit(changes=changes, author="ai", message="", turn=turn))
            return committed

    store = Meanwhile(tmp_path / "meanwhile.sqlite3")
    busy = replace(alice, dependencies=replace(alice.dependencies, store=store))
    app = await busy.new_app()
    for turn in (TurnRef("s1", 1, 1), TurnRef("s3", 1, 1)):
        changes = [Put(f"{turn.session_id}-first.txt", "1", 0)]
        await store.commit("alice", app, Commit(changes=changes, author="ai", message="", turn=turn))
    await busy.send("POST", f"/{app}/restore", {"revision": 0})

    assert [told[2:] for told in sessions.restored] == [({"s3": {1: False}}, 0, 3)]
    store.close()


async def test_the_undoing_of_a_turn_reads_no_commits_from_before_it(
    alice: Client, turn: str, sessions: SessionStore, tmp_path: Path
):
    with sqlite3.connect(tmp_path / "apps.sqlite3") as database:
        database.execute("UPDATE commits SET changes = 'unreadable' WHERE revision <= 2")
    database.close()
    for revision in (2, 4, 2):
        body = {"revision": revision, "paths": ["a", "new", "old", "moved"], "force": True}
        assert (await alice.send("POST", f"/{turn}/restore", body)).status == 200

    assert [told[2:] for told in sessions.restored] == [
        ({"s1": {7: False}}, 2, 5),
        ({"s1": {7: True}}, 4, 6),
        ({"s1": {7: False}}, 2, 7),
    ]


async def test_a_turn_is_told_again_where_a_restore_before_the_latest_had_undone_it(
    alice: Client, turn: str, sessions: SessionStore
):
    for revision in (0, 3, 5, 4):
        assert (await alice.send("POST", f"/{turn}/restore", {"revision": revision})).status == 200

    assert [told[2] for told in sessions.restored] == [
        {"s1": {7: False}},
        {},
        {"s1": {7: True}},
        {"s1": {7: True}},
    ]


async def test_files_are_restored_where_the_session_store_does_not_answer(
    alice: Client, turn: str, sessions: SessionStore, operators: Operators
):
    sessions.down = True
    answer = await alice.send("POST", f"/{turn}/restore", {"revision": 2})
    [(what, logged)] = operators.logged

    assert (answer.status, answer.json["revision"]) == (200, 5)
    assert what == "restore not noted"
    assert logged["error"] == "StoreUnavailable"
    assert not {"a", "old", "new", "moved"} & {*map(str, logged.values())}
