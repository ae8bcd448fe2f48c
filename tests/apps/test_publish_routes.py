"""The routes of an app's site."""

from dataclasses import replace

import pytest
from editor_client import Client

from aicode.sites.folder import FolderShelf
from tests.sites.site_world import BROKEN, Builder, site_of


async def test_an_app_is_published_rolled_back_indexed_and_taken_down(alice: Client, app: str):
    await alice.save(app, "index.html", "1")
    first = await alice.send("POST", f"/{app}/publish", {})
    assert first.status == 200
    site = first.json["site"]
    assert first.json == {"success": True, "site": site}
    assert site.keys() == {"url", "version", "revision", "publishedAt", "indexed"}
    assert (site["version"], site["revision"], site["indexed"]) == (1, 1, False)
    await alice.save(app, "index.html", "2", base=1)

    second = (await alice.send("POST", f"/{app}/publish")).json["site"]  # no body is needed
    older = (await alice.send("POST", f"/{app}/publish", {"revision": 1})).json["site"]
    assert (second["version"], second["revision"]) == (2, 2)
    assert (older["version"], older["revision"]) == (3, 1)

    back = await alice.send("POST", f"/{app}/publish/rollback", {"version": 2})
    assert back.json == {"success": True, "site": second}
    indexed = await alice.send("PUT", f"/{app}/publish", {"indexed": True})
    assert indexed.json == {"success": True, "site": {**second, "indexed": True}}

    state = (await alice.send("GET", f"/{app}/publish")).json
    assert state["site"] == {**second, "indexed": True}
    assert [(each["version"], each["live"]) for each in state["versions"]] == [
        (3, False),
        (2, True),
        (1, False),
    ]

    for _ in range(2):
        down = await alice.send("DELETE", f"/{app}/publish")
        assert (down.status, down.json) == (200, {"success": True, "site": None})
    after = (await alice.send("GET", f"/{app}/publish")).json
    assert after["site"] is None
    assert not any(each["live"] for each in after["versions"])


async def test_an_app_that_was_never_published_has_neither_site_nor_versions(alice: Client, app: str):
    assert (await alice.send("GET", f"/{app}/publish")).json == {
        "success": True,
        "site": None,
        "versions": [],
    }
    assert (await alice.send("DELETE", f"/{app}/publish")).json == {"success": True, "site": None}


async def test_a_build_that_fails_is_a_conflict_with_its_errors(
    alice: Client, app: str, site_builder: Builder
):
    site_builder.errors = [BROKEN]

    answer = await alice.send("POST", f"/{app}/publish", {})

    assert answer.status == 409
    assert answer.json["error"]["code"] == "build_failed"
    assert answer.json["error"]["errors"] == [BROKEN]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "publish", {"revision": "1"}, 400),
        ("POST", "publish", {"revision": 1, "force": True}, 400),
        ("POST", "publish/rollback", {}, 400),
        ("POST", "publish/rollback", {"version": 7}, 404),
        ("PUT", "publish", {}, 400),
        ("PUT", "publish", {"indexed": "yes"}, 400),
        ("PUT", "publish", {"indexed": True}, 404),
        ("PATCH", "publish", {}, 405),
    ],
)
async def test_what_cannot_be_done_is_refused(  # noqa: PLR0913, PLR0917 - a request and its answer
    method: str, path: str, body: object, status: int, alice: Client, app: str
):
    assert (await alice.send(method, f"/{app}/{path}", body)).status == status


async def test_a_deleted_app_shows_nothing_any_more(alice: Client, app: str, site_shelf: FolderShelf):
    site = site_of((await alice.send("POST", f"/{app}/publish", {})).json["site"]["url"])
    assert site_shelf.shown(site) is not None

    assert (await alice.send("DELETE", f"/{app}")).status == 200

    assert site_shelf.shown(site) is None
    assert not site_shelf.files(site, 1).exists()


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
async def test_where_publishing_is_not_set_up_the_routes_say_so(method: str, alice: Client, app: str):
    without = replace(alice, dependencies=replace(alice.dependencies, sites=lambda: None))

    answer = await without.send(method, f"/{app}/publish", {} if method == "POST" else None)

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")
    assert answer.json["error"]["message"] == "Publishing is not set up here."
    assert (await without.send("DELETE", f"/{app}")).status == 200
