"""How many requests a vendor may make in a sliding minute, with time that the test turns."""

from collections.abc import AsyncGenerator

import pytest
from session_world import ORIGIN, Answer, World

from tests.session_store import session_store

LIMITS = {"reads": 5, "writes": 3}
METHODS = {"reads": "GET", "writes": "PUT"}
MINUTE_MS = 60_000


@pytest.fixture
async def limited() -> AsyncGenerator[World]:
    """A world in which little is too much; its clock stands in the middle of a minute."""
    variables = {f"{kind[:-1].upper()}_LIMIT_PER_MINUTE": str(limit) for kind, limit in LIMITS.items()}
    async with session_store({"ALLOWED_ORIGINS": ORIGIN, **variables}) as known:
        world = World(known.settings, known.redis, known.client, known.sessions)
        world.clock -= world.clock % MINUTE_MS - MINUTE_MS // 2
        yield world


async def ask(world: World, kind: str, *, vendor: str = "alice") -> Answer:
    """A request of this kind; whether there is what it is about does not matter."""
    return await world.ask(METHODS[kind], "?sessionId=none", body='{"title": "Mine"}', vendor=vendor)


async def statuses(world: World, kind: str, times: int) -> list[int]:
    """What so many requests are answered."""
    return [(await ask(world, kind)).status for _ in range(times)]


@pytest.mark.parametrize("kind", LIMITS)
async def test_one_more_than_allowed_is_refused_and_goes_in_after_the_time_it_is_told(
    limited: World, kind: str
) -> None:
    limit = LIMITS[kind]
    assert await statuses(limited, kind, limit) == [404] * limit

    refused = [await ask(limited, kind) for _ in range(3)][-1]
    assert (refused.status, refused.body["error"]["code"]) == (429, "rate_limited")
    seconds = int(refused.headers["retry-after"])
    assert f"wait {seconds} s" in refused.body["error"]["message"]
    limited.clock += (seconds - 1) * 1000
    assert (await ask(limited, kind)).status == 429
    limited.clock += 1000
    assert (await ask(limited, kind)).status == 404


@pytest.mark.parametrize("kind", LIMITS)
async def test_who_always_waits_as_told_always_gets_in_and_never_too_often(limited: World, kind: str) -> None:
    admitted: list[int] = []
    for _ in range(4 * LIMITS[kind]):
        answer = await ask(limited, kind)
        if answer.status == 429:
            limited.clock += int(answer.headers["retry-after"]) * 1000
            answer = await ask(limited, kind)
        assert answer.status == 404
        admitted.append(limited.clock)
        limited.clock += 700

    # The minutes are counted by their shares, so that a burst at the end of one may be let in once more.
    for time in admitted:
        assert sum(time <= other < time + MINUTE_MS for other in admitted) <= 2 * LIMITS[kind]


async def test_reads_writes_and_other_vendors_are_counted_apart(limited: World) -> None:
    assert await statuses(limited, "writes", LIMITS["writes"] + 1) == [404] * LIMITS["writes"] + [429]

    assert (await ask(limited, "reads")).status == 404
    assert (await ask(limited, "writes", vendor="bob")).status == 404


async def test_a_request_whose_first_answer_is_lost_counts_at_most_twice(limited: World) -> None:
    assert limited.redis.faults is not None
    lost = limited.redis.faults.add("drop_answer", times=1, containing="requests:")

    found = await statuses(limited, "writes", LIMITS["writes"])

    assert lost.struck == 1
    assert found == [404] * (LIMITS["writes"] - 1) + [429]


async def test_nothing_is_left_of_a_vendors_counters_two_minutes_later(limited: World) -> None:
    await ask(limited, "reads")
    await ask(limited, "writes")

    keys = await limited.client.command("KEYS", "requests:*")
    assert len(keys) == 2
    for key in keys:
        assert 0 < await limited.client.command("PTTL", key) <= 2 * MINUTE_MS
