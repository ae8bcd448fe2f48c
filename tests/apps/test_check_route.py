"""GET check: a revision of an app, as the build function sees it."""

import pytest
from editor_client import Client

from tests.line_builder import LineBuilder


async def test_the_newest_revision_is_checked_or_the_one_that_is_named(alice: Client, app: str) -> None:
    await alice.save(app, "src/App.tsx", "// Hello\nBROKEN")
    newest = await alice.send("GET", f"/{app}/check")
    before = await alice.send("GET", f"/{app}/check", query={"revision": 0})

    error = {"path": "src/App.tsx", "line": 2, "column": 1, "code": "TS2304"}
    error |= {"message": "Cannot find name 'BROKEN'.", "known": False}
    assert newest.json == {"success": True, "revision": 1, "ok": False, "errors": [error], "durationMs": 12}
    assert before.json == {"success": True, "revision": 0, "ok": True, "errors": [], "durationMs": 12}


@pytest.mark.parametrize(("revision", "status"), [("-1", 400), ("x", 400), ("9", 404)])
async def test_a_revision_that_is_none_is_refused(
    alice: Client, app: str, revision: str, status: int
) -> None:
    answer = await alice.send("GET", f"/{app}/check", query={"revision": revision})

    assert answer.status == status


async def test_where_nothing_can_be_built_one_may_try_again(
    alice: Client, app: str, builder: LineBuilder
) -> None:
    builder.is_down = True
    answer = await alice.send("GET", f"/{app}/check")

    assert (answer.status, answer.json["error"]["code"]) == (503, "store_unavailable")
