"""Every request that the session routes refuse: the status, the code, and the shape."""

import pytest
from session_world import ORIGIN, World

from dev.upstash.faults import Kind
from tests.function_event import token


async def test_without_a_token_every_route_is_unauthenticated(world: World) -> None:
    for method, below in (("GET", "?sessionId=a"), ("DELETE", "?sessionId=a"), ("POST", "/a/cancel")):
        answer = await world.ask(method, below, vendor=None)
        assert (answer.status, answer.body["error"]["code"]) == (401, "unauthenticated")
        assert answer.body["error"]["requestId"] == "request-1"


@pytest.mark.parametrize(
    ("method", "below", "allow"),
    [
        ("PUT", "", "GET, POST, DELETE"),
        ("PATCH", "?sessionId=a", "GET, POST, DELETE"),
        ("GET", "/abc/cancel", "POST"),
        ("DELETE", "/abc/cancel", "POST"),
        ("POST", "/abc/stream", "GET"),
    ],
)
async def test_a_known_path_names_the_methods_it_takes(
    world: World, method: str, below: str, allow: str
) -> None:
    answer = await world.ask(method, below)

    assert (answer.status, answer.body["error"]["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    ("method", "below"),
    [
        *(("GET", "/abc"), ("GET", "/"), ("POST", "/abc/cancel/more"), ("POST", "//cancel")),
        *(("GET", "x"), ("POST", "/abc/cancel/")),
        # The chat function answers these two.
        *(("POST", ""), ("GET", "/abc/stream")),
    ],
)
async def test_there_is_nothing_at_any_other_path(world: World, method: str, below: str) -> None:
    answer = await world.ask(method, below)

    assert (answer.status, answer.body["error"]["code"]) == (404, "not_found")
    assert world.observed == [("none", 404)]


async def test_an_allowed_origin_is_echoed_on_answers_errors_and_preflights(world: World) -> None:
    sid = await world.turn()

    answers = [
        await world.ask("GET", f"?sessionId={sid}", headers={"origin": ORIGIN}),
        await world.ask("GET", "?sessionId=none", headers={"origin": ORIGIN}),
        await world.ask("OPTIONS", f"/{sid}/cancel", vendor=None, headers={"origin": ORIGIN}),
    ]

    assert [answer.status for answer in answers] == [200, 404, 204]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["vary"] == "Origin"
    assert "DELETE" in answers[2].headers["access-control-allow-methods"]


async def test_another_origin_gets_no_cors_header(world: World) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await world.ask(method, "?sessionId=a", headers={"origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_the_cookie_deletes_and_cancels_only_from_an_allowed_origin(world: World) -> None:
    sid = await world.turn()
    cookie = {"cookie": f"a=b; vendor_session={token('alice')}"}
    calls = (("POST", f"/{sid}/cancel"), ("DELETE", f"?sessionId={sid}"))

    for method, below in calls:
        for origin in ({}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            answer = await world.ask(method, below, vendor=None, headers=cookie | origin)
            assert (answer.status, answer.body["error"]["code"]) == (403, "forbidden_origin")
    assert (await world.ask("GET", f"?sessionId={sid}", vendor=None, headers=cookie)).status == 200
    for method, below in calls:
        answer = await world.ask(method, below, vendor=None, headers=cookie | {"origin": ORIGIN})
        assert answer.status == 200


@pytest.mark.parametrize("kind", ["drop_request", "bad_gateway", "unauthorized", "out_of_memory"])
async def test_a_store_that_does_not_answer_is_503_with_a_time_to_wait(world: World, kind: Kind) -> None:
    sid = await world.turn()
    assert world.redis.faults is not None
    world.redis.faults.add(kind)

    for method, below in (
        ("GET", f"?sessionId={sid}"),
        ("GET", "?appId=app-1"),
        ("DELETE", f"?sessionId={sid}"),
        ("POST", f"/{sid}/cancel"),
    ):
        answer = await world.ask(method, below)
        assert (answer.status, answer.body["error"]["code"]) == (503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_store_that_hangs_is_503_too(world: World) -> None:
    sid = await world.turn()
    assert world.redis.faults is not None
    world.redis.faults.add("hang")

    answer = await world.ask("GET", f"?sessionId={sid}")

    assert (answer.status, answer.body["error"]["code"]) == (503, "store_unavailable")
