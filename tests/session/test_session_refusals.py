"""What the session routes refuse, as far as a client of the whole product cannot reach it."""

import pytest
from session_world import World

from dev.upstash.faults import Kind


async def test_there_is_nothing_where_the_chat_function_answers(world: World) -> None:
    for method, below in (("POST", ""), ("GET", "/abc/stream")):
        answer = await world.ask(method, below)
        assert (answer.status, answer.body["error"]["code"]) == (404, "not_found")
    assert world.operators.requests == [("none", 404)] * 2


@pytest.mark.parametrize("kind", ["drop_request", "bad_gateway", "unauthorized", "out_of_memory"])
async def test_a_store_that_does_not_answer_is_503_with_a_time_to_wait(world: World, kind: Kind) -> None:
    sid = await world.turn()
    assert world.redis.faults is not None
    world.redis.faults.add(kind)

    for method, below in (
        ("GET", f"?sessionId={sid}"),
        ("GET", "?appId=app-1"),
        ("GET", "/budget"),
        ("PUT", f"?sessionId={sid}"),
        ("DELETE", f"?sessionId={sid}"),
        ("POST", f"/{sid}/cancel"),
    ):
        answer = await world.ask(method, below, body='{"title": "Mine"}')
        assert (answer.status, answer.body["error"]["code"]) == (503, "store_unavailable")
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_store_that_hangs_is_503_too(world: World) -> None:
    sid = await world.turn()
    assert world.redis.faults is not None
    world.redis.faults.add("hang")

    answer = await world.ask("GET", f"?sessionId={sid}")

    assert (answer.status, answer.body["error"]["code"]) == (503, "store_unavailable")
