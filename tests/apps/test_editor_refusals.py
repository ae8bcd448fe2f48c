"""What the editor is told where it asks for what it cannot have."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest
from editor_client import Client, SessionStore

from aicode.errors import StoreUnavailable
from aicode.file_store import open_store
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Commit, Put, Remove
from aicode.media import UNKNOWN
from aicode.redis import RedisClient
from aicode.settings import Settings
from apps.sessions import RedisSessions

Route = tuple[str, str, object, Mapping[str, object]]


def binary(content: object, media_type: object = UNKNOWN) -> dict[str, object]:
    """The body that makes a binary file."""
    return {"path": "b", "contentBase64": content, "mediaType": media_type, "baseVersion": 0}


@pytest.mark.parametrize(
    "route",
    [
        ("POST", "", {}, {}),
        ("POST", "", {"name": 1}, {}),
        ("POST", "", {"name": ""}, {}),
        ("POST", "", {"name": " \u3000"}, {}),
        ("POST", "", {"name": "x" * 101}, {}),
        ("POST", "", {"name": "a\nb"}, {}),
        ("POST", "", {"name": "\ud800"}, {}),
        ("POST", "", {"name": "x", "appId": "mine"}, {}),
        ("POST", "", [], {}),
        ("PUT", "/", {"name": ""}, {}),
        ("PUT", "/", {"name": "x" * 101}, {}),
        ("PUT", "/", {"name": "a\u2028b"}, {}),
        ("PUT", "/", {"name": "x", "appId": "mine"}, {}),
        ("PUT", "/", {}, {}),
        ("GET", "/files", None, {"content": ""}),
        ("GET", "/files", None, {"content": "0"}),
        ("GET", "/files", None, {"content": "true"}),
        ("GET", "/file", None, {}),
        ("GET", "/file", None, {"path": "../x"}),
        ("GET", "/file", None, {"path": "a", "version": "abc"}),
        ("GET", "/file", None, {"path": "a", "version": "-1"}),
        ("GET", "/file", None, {"path": "a", "version": "9007199254740992"}),
        ("GET", "/file", None, {"path": "a", "version": "\u0661"}),
        ("PUT", "/file", {"path": "a", "content": "x"}, {}),
        ("PUT", "/file", {"path": "a", "content": "x", "baseVersion": "0"}, {}),
        ("PUT", "/file", {"path": "a", "content": "x", "baseVersion": -1}, {}),
        ("PUT", "/file", {"path": "a", "content": "x", "baseVersion": True}, {}),
        ("PUT", "/file", {"path": "a", "content": "x", "baseVersion": 1e999}, {}),
        ("PUT", "/file", {"path": "a", "content": None, "baseVersion": 0}, {}),
        ("PUT", "/file", {"path": "a", "content": "a\0", "baseVersion": 0}, {}),
        ("PUT", "/file", {"path": "a", "content": "\udfff", "baseVersion": 0}, {}),
        ("PUT", "/file", {"path": "a/../b", "content": "x", "baseVersion": 0}, {}),
        ("PUT", "/file", {"path": "a", "content": "x", "baseVersion": 0, "more": 1}, {}),
        ("PUT", "/file", {"path": "b", "baseVersion": 0}, {}),
        ("PUT", "/file", {"path": "b", "content": "x", "contentBase64": "eA==", "baseVersion": 0}, {}),
        ("PUT", "/file", {"path": "b", "content": "x", "mediaType": "text/plain", "baseVersion": 0}, {}),
        ("PUT", "/file", {"path": "b", "mediaType": "text/plain", "baseVersion": 0}, {}),
        *(("PUT", "/file", binary(text), {}) for text in ("%%%", "eA", "eA=", "eA==\n", "e A==", "-_8=")),
        *(("PUT", "/file", binary(text), {}) for text in ("eA==eA==", "=", "é", None, 1, "\ud800")),
        *(("PUT", "/file", binary("AAE=", kind), {}) for kind in ("", " ", None, 1, "png", "image/png\n")),
        *(("PUT", "/file", binary("AAE=", kind), {}) for kind in ("image/png", "a/" + "x" * 99)),
        ("PUT", "/file", {**binary("AAE="), "path": "AGENTS.md"}, {}),
        ("PUT", "/file", {**binary("AAE="), "path": "a/../b"}, {}),
        ("GET", "/raw", None, {}),
        ("GET", "/raw", None, {"path": "../x"}),
        ("GET", "/raw", None, {"path": "a", "version": "abc"}),
        ("DELETE", "/file", None, {"path": "a"}),
        ("DELETE", "/file", None, {"path": "a", "baseVersion": ""}),
        ("DELETE", "/file", None, {"baseVersion": 1}),
        ("POST", "/rename", {"path": "a", "newPath": "/b", "baseVersion": 1}, {}),
        ("POST", "/rename", {"path": "a", "newPath": "a", "baseVersion": 1}, {}),
        ("POST", "/rename", {"path": "a", "baseVersion": 1}, {}),
        ("GET", "/diff", None, {"from": 0}),
        ("GET", "/diff", None, {"from": "x", "to": 1}),
        ("GET", "/checkpoints", None, {"limit": 0}),
        ("GET", "/checkpoints", None, {"limit": "many"}),
        ("GET", "/checkpoints", None, {"limit": -1}),
        ("GET", "/checkpoints", None, {"limit": ""}),
        ("GET", "/checkpoints", None, {"before": "1.5"}),
        ("GET", "/checkpoints", None, {"before": "9007199254740992"}),
        ("PUT", "/rules", {}, {}),
        ("PUT", "/rules", {"version": "1"}, {}),
        ("PUT", "/rules", {"version": 1, "more": 1}, {}),
        ("PUT", "/policy", {}, {}),
        ("PUT", "/policy", {"publish": "always"}, {}),
        ("PUT", "/policy", {"publish": "ask", "push": None}, {}),
        ("PUT", "/policy", {"publish": ["ask"]}, {}),
        ("PUT", "/policy", {"publish": "ask", "delete": "allow"}, {}),
        ("POST", "/restore", {}, {}),
        ("POST", "/restore", {"revision": 0.5}, {}),
        ("POST", "/restore", {"revision": 0, "paths": []}, {}),
        ("POST", "/restore", {"revision": 0, "paths": "a"}, {}),
        ("POST", "/restore", {"revision": 0, "paths": [1]}, {}),
        ("POST", "/restore", {"revision": 0, "paths": ["a", "CON"]}, {}),
        ("POST", "/restore", {"revision": 0, "force": 1}, {}),
    ],
)
async def test_a_request_of_another_shape_is_invalid(alice: Client, app: str, route: Route):
    method, path, body, query = route
    await alice.save(app, "a", "1")
    at = "" if path == "" else f"/{app}{path}".rstrip("/")
    answer = await alice.send(method, at, body, query=query)

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")
    assert (await alice.send("GET", f"/{app}/files")).json["revision"] == 1


@pytest.mark.parametrize(
    "raw",
    [
        {"body": "{"},
        {"body": ""},
        {"body": '{"name": "a", "name": "b"}'},
        {"body": '{"name": NaN}'},
        {"body": "[" * 100_000},
        {"body": '{"name": ' + "9" * 5_000 + "}"},
        {"body": "null"},
        {"body": "%%%", "isBase64Encoded": True},
        {"body": base64.b64encode(b'{"name": "\xff"}').decode(), "isBase64Encoded": True},
        {"rawQueryString": "a=1&a=2"},
        {"rawQueryString": "a=%ff"},
        {"rawQueryString": "&".join(f"a{n}=1" for n in range(100))},
    ],
)
async def test_what_is_no_request_is_invalid(alice: Client, raw: Mapping[str, object]):
    answer = await alice.send("POST", "", {"name": "x"}, raw=raw)

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")


async def test_a_body_may_come_in_base64(alice: Client):
    raw = {"body": base64.b64encode(json.dumps({"name": "é"}).encode()).decode(), "isBase64Encoded": True}

    assert (await alice.send("POST", "", raw=raw)).json["app"]["name"] == "é"


async def test_a_body_must_say_that_it_is_json(alice: Client, app: str):
    for content_type in ("", "text/plain", "multipart/form-data", "application/jsonp"):
        answer = await alice.send("POST", "", {"name": "x"}, headers={"content-type": content_type})
        assert (answer.status, answer.json["error"]["code"]) == (415, "unsupported_media_type")

    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert (await alice.send("POST", "", {"name": "x"}, headers=headers)).status == 201


async def test_a_body_beyond_its_limit_is_too_large(alice: Client, app: str):
    small, large = "x" * (256 * 1024), "x" * (6 * 1024 * 1024)
    answers = [
        await alice.send("POST", "", {"name": small}),
        await alice.send("POST", f"/{app}/rename", {"path": small, "newPath": "b", "baseVersion": 1}),
        await alice.send("POST", f"/{app}/restore", {"revision": 0, "paths": [small]}),
        await alice.save(app, "a", large),
    ]

    assert [(answer.status, answer.json["error"]["code"]) for answer in answers] == [(413, "too_large")] * 4


@pytest.fixture
def limited(alice: Client, settings: Settings, tmp_path: Path) -> Iterator[Client]:
    """A vendor of a service with the smallest quotas that the settings allow."""
    smallest = replace(settings, data_dir=f"{tmp_path}/limited", max_apps=1, max_history_bytes=1_000_000)
    store = open_store(smallest)
    assert isinstance(store, SqliteFileStore)
    yield replace(alice, dependencies=replace(alice.dependencies, store=store))
    store.close()


async def test_what_is_beyond_a_vendors_quotas_is_refused_with_what_to_do(limited: Client):
    app = await limited.new_app()
    await limited.save(app, "a", "a" * 600_000)
    answers = [
        await limited.send("POST", "", {"name": "One more"}),
        await limited.save(app, "b", "b" * 600_000),
    ]

    assert [(answer.status, answer.json["error"]["code"]) for answer in answers] == [(413, "too_large")] * 2
    assert "Delete one first" in answers[0].json["error"]["message"]
    assert "Make a new app of the files" in answers[1].json["error"]["message"]
    assert (await limited.send("GET", f"/{app}/files")).json["revision"] == 1


@pytest.mark.parametrize(("files", "size"), [(2_000, 1), (50, 1_000_000)])
async def test_a_restore_of_files_that_would_make_the_app_too_large_is_refused(
    alice: Client, app: str, store: SqliteFileStore, files: int, size: int
):
    full = [Put(f"{n}", "x" * size, 0) for n in range(files)]
    for changes in (full, [Remove("0", 1), Put("other", "x" * size, 0)]):
        await store.commit("alice", app, Commit(changes=changes, author="vendor", message=""))
    answer = await alice.send("POST", f"/{app}/restore", {"revision": 1, "paths": ["0"]})

    assert (answer.status, answer.json["error"]["code"]) == (413, "too_large")
    assert (await alice.send("GET", f"/{app}/files")).json["revision"] == 2


async def test_revisions_and_versions_that_never_were_are_not_found(alice: Client, app: str):
    await alice.save(app, "a", "1")
    answers = [
        await alice.send("GET", f"/{app}/file", query={"path": "none"}),
        await alice.send("GET", f"/{app}/file", query={"path": "a", "version": 2}),
        await alice.send("GET", f"/{app}/file", query={"path": "a", "version": 0}),
        await alice.send("GET", f"/{app}/diff", query={"from": 0, "to": 2}),
        await alice.send("POST", f"/{app}/restore", {"revision": 2}),
    ]

    assert [(answer.status, answer.json["error"]["code"]) for answer in answers] == [(404, "not_found")] * 5


class SilentStore(SqliteFileStore):
    """Does not answer."""

    async def list_apps(self, vendor: str) -> Never:
        raise StoreUnavailable("The file store does not answer.", retry_after=1)


class HalfDeletingStore(SqliteFileStore):
    """Removes an app, and fails before all that was written of it is gone."""

    async def delete_app(self, vendor: str, app_id: str) -> None:
        await super().delete_app(vendor, app_id)
        raise StoreUnavailable("The file store does not answer.", retry_after=1)


async def test_no_session_outlives_an_app_that_was_removed_in_part(
    alice: Client, app: str, sessions: SessionStore, tmp_path: Path
):
    half = HalfDeletingStore(tmp_path / "apps.sqlite3")
    answer = await replace(alice, dependencies=replace(alice.dependencies, store=half)).send(
        "DELETE", f"/{app}"
    )
    half.close()

    assert (answer.status, answer.json["error"]["code"]) == (503, "store_unavailable")
    assert sessions.deleted == [("alice", app, True), ("alice", app, False)]


async def test_a_silent_store_asks_for_patience(alice: Client, tmp_path: Path):
    silent = SilentStore(tmp_path / "apps.sqlite3")
    answer = await replace(alice, dependencies=replace(alice.dependencies, store=silent)).send("GET", "")

    assert (answer.status, answer.json["error"]["code"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_an_app_whose_sessions_cannot_be_ended_stays(alice: Client, app: str):
    settings = alice.dependencies.settings
    out_of_reach = RedisSessions(settings, RedisClient(settings.redis_url, settings.redis_token))
    answer = await replace(alice, dependencies=replace(alice.dependencies, sessions=out_of_reach)).send(
        "DELETE", f"/{app}"
    )

    assert (answer.status, answer.json["error"]["code"]) == (503, "store_unavailable")
    assert (await alice.send("GET", f"/{app}/files")).status == 200
