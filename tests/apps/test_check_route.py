"""GET check: a revision of an app, as the build function sees it."""

import pytest
from editor_client import Builds, Client

from aicode.api_types import Problem

PROBLEM: Problem = {
    "path": "src/App.tsx",
    "line": 2,
    "column": 5,
    "code": "TS2304",
    "message": "Cannot find name 'x'.",
    "known": False,
}


async def test_the_newest_revision_is_checked(alice: Client, app: str, builder: Builds) -> None:
    await alice.save(app, "src/App.tsx", "x")
    builder.errors = [PROBLEM]
    answer = await alice.send("GET", f"/{app}/check")

    assert answer.json == {"success": True, "revision": 1, "ok": False, "errors": [PROBLEM], "durationMs": 7}


async def test_a_revision_can_be_named(alice: Client, app: str) -> None:
    await alice.save(app, "src/App.tsx", "1")
    answer = await alice.send("GET", f"/{app}/check", query={"revision": 0})

    assert (answer.status, answer.json["revision"], answer.json["ok"]) == (200, 0, True)


@pytest.mark.parametrize(("revision", "status"), [("-1", 400), ("x", 400), ("9", 404)])
async def test_a_revision_that_is_none_is_refused(
    alice: Client, app: str, revision: str, status: int
) -> None:
    answer = await alice.send("GET", f"/{app}/check", query={"revision": revision})

    assert answer.status == status


async def test_where_nothing_can_be_built_one_may_try_again(alice: Client, app: str, builder: Builds) -> None:
    builder.down = True
    answer = await alice.send("GET", f"/{app}/check")

    assert (answer.status, answer.json["error"]["code"]) == (503, "store_unavailable")
