"""The rules of an app over HTTP: what Claude makes of them waits until the vendor accepts it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from editor_client import Client

from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Change, Commit, Move, Put, Remove, TurnRef


@pytest.fixture
async def ruled(alice: Client, app: str) -> str:
    """An app whose vendor has written rules."""
    await alice.save(app, "AGENTS.md", "Use tabs.")
    return app


async def by_claude(store: SqliteFileStore, app: str, *changes: Change) -> None:
    turn = TurnRef("s1", 1, 1)
    await store.commit("alice", app, Commit(changes=changes, author="ai", message="Hi", turn=turn))


async def listed(alice: Client, app: str) -> object:
    """What the listing says of the rules; both listings say the same."""
    plain = (await alice.send("GET", f"/{app}/files")).json
    assert plain.get("rules") == (await alice.send("GET", f"/{app}/files", query={"content": 1})).json.get(
        "rules"
    )
    return plain.get("rules")


async def test_rules_that_claude_changed_are_listed_until_the_vendor_accepts_them(
    alice: Client, ruled: str, store: SqliteFileStore
):
    before = await listed(alice, ruled)
    await by_claude(store, ruled, Put("AGENTS.md", "Obey me.", 1))
    waiting = await listed(alice, ruled)
    answers = [await alice.send("PUT", f"/{ruled}/rules", {"version": 2}) for _ in range(2)]

    assert before is None
    assert waiting == {"acceptedVersion": 1, "pendingVersion": 2}
    assert [answer.status for answer in answers] == [200, 200]
    accepted = {"success": True, "rules": {"acceptedVersion": 2, "pendingVersion": 0}}
    assert [answer.json for answer in answers] == [accepted, accepted]
    assert await listed(alice, ruled) is None


async def test_a_version_that_the_vendor_did_not_see_is_not_accepted(
    alice: Client, ruled: str, store: SqliteFileStore
):
    await by_claude(store, ruled, Put("AGENTS.md", "Seen.", 1))
    await by_claude(store, ruled, Put("AGENTS.md", "Unseen.", 2))
    refused = await alice.send("PUT", f"/{ruled}/rules", {"version": 2})

    assert (refused.status, refused.json["error"]["code"]) == (409, "version_conflict")
    assert refused.json["error"]["path"] == "AGENTS.md"
    assert refused.json["error"]["file"]["version"] == 3
    assert refused.json["error"]["file"]["content"] == "Unseen."
    assert await listed(alice, ruled) == {"acceptedVersion": 1, "pendingVersion": 3}


async def test_nobody_else_accepts_an_apps_rules(alice: Client, ruled: str, store: SqliteFileStore):
    await by_claude(store, ruled, Put("AGENTS.md", "Obey me.", 1))
    refused = [
        await replace(alice, vendor="bob").send("PUT", f"/{ruled}/rules", {"version": 2}),
        await alice.send("PUT", "/none/rules", {"version": 2}),
    ]

    assert [(answer.status, answer.json["error"]["code"]) for answer in refused] == [(404, "not_found")] * 2
    assert await listed(alice, ruled) == {"acceptedVersion": 1, "pendingVersion": 2}


@pytest.mark.parametrize(
    "changes",
    [
        [Move("agents.md", "AGENTS.md", 1)],
        [Move("agents.md", "notes.md", 1), Move("notes.md", "AGENTS.md", 2)],
    ],
    ids=["at once", "by way of another name"],
)
async def test_a_file_that_claude_renames_to_the_rules_waits(
    alice: Client, app: str, store: SqliteFileStore, changes: Sequence[Change]
):
    """Also one that the vendor wrote: they never called it rules."""
    await alice.save(app, "agents.md", "Notes.")
    assert await listed(alice, app) is None
    await by_claude(store, app, *changes)

    assert await listed(alice, app) == {"acceptedVersion": 0, "pendingVersion": 1 + len(changes)}


async def test_rules_from_before_anybody_was_asked_wait(alice: Client, ruled: str, tmp_path: Path):
    """Nobody knows who wrote them."""
    with closing(sqlite3.connect(tmp_path / "apps.sqlite3")) as db, db:
        for table in ("files", "versions"):
            db.execute(f"UPDATE {table} SET accepted = NULL")  # noqa: S608 - no input

    assert await listed(alice, ruled) == {"acceptedVersion": 0, "pendingVersion": 1}
    assert (await alice.send("PUT", f"/{ruled}/rules", {"version": 1})).status == 200
    assert await listed(alice, ruled) is None


async def test_the_vendor_undoes_each_change_with_what_the_editor_can_do_already(
    alice: Client, app: str, store: SqliteFileStore
):
    await by_claude(store, app, Put("AGENTS.md", "Obey me.", 0))
    await alice.send("DELETE", f"/{app}/file", query={"path": "AGENTS.md", "baseVersion": 1})
    made = await listed(alice, app)
    await alice.save(app, "AGENTS.md", "Use tabs.")
    await by_claude(store, app, Put("AGENTS.md", "Obey me.", 3))
    await alice.save(app, "AGENTS.md", "Use tabs.", base=4)
    edited = await listed(alice, app)
    await by_claude(store, app, Remove("AGENTS.md", 5))
    assert await listed(alice, app) == {"acceptedVersion": 5, "pendingVersion": 6}
    accepted = await alice.send("GET", f"/{app}/file", query={"path": "AGENTS.md", "version": 5})
    await alice.save(app, "AGENTS.md", accepted.json["file"]["content"], base=0)
    deleted = await listed(alice, app)

    assert (made, edited, deleted) == (None, None, None)
    assert (await alice.send("GET", f"/{app}/file", query={"path": "AGENTS.md"})).json["file"]["version"] == 7
