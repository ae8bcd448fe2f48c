"""A vendor's tokens of the day, as a client reads them."""

from session_world import World

from aicode.session_manager.turn_writer import Batch
from tests.session_store import counted, session_store, step

DAY_MS = 86_400_000


async def spend(world: World, tokens: int) -> None:
    begun = await world.begin()
    batch = Batch(last_seq=9, records=[step()], **counted(begun, tokens))
    await begun.writer.end(world.clock, batch, "idle")


async def test_the_days_tokens_are_told_with_their_limit_and_when_they_are_new(world: World) -> None:
    world.clock = 20_000 * DAY_MS + 5
    await spend(world, 100)
    await spend(world, 20)

    answer = await world.ask("GET", "/budget")

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == {
        "success": True,
        "budget": {"usedTokens": 120, "limitTokens": 2_000_000, "resetsAt": 20_001 * DAY_MS},
    }
    others = (await world.ask("GET", "/budget", vendor="bob")).body["budget"]
    assert others["usedTokens"] == 0


async def test_what_is_reserved_for_a_turn_under_way_is_told_as_used(world: World) -> None:
    begun = await world.begin()

    budget = (await world.ask("GET", "/budget")).body["budget"]

    assert begun.writer.day is not None
    assert budget["usedTokens"] == begun.writer.day.reserved > 0


async def test_a_new_day_begins_with_nothing(world: World) -> None:
    world.clock = 20_000 * DAY_MS + 5
    await spend(world, 100)
    world.clock = 20_001 * DAY_MS

    budget = (await world.ask("GET", "/budget")).body["budget"]

    assert (budget["usedTokens"], budget["resetsAt"]) == (0, 20_002 * DAY_MS)


async def test_without_a_budget_there_is_no_limit() -> None:
    async with session_store({"DAILY_TOKEN_BUDGET": "0"}) as known:
        world = World(known.settings, known.redis, known.client, known.sessions)
        await spend(world, 100)

        budget = (await world.ask("GET", "/budget")).body["budget"]

    assert (budget["usedTokens"], budget["limitTokens"]) == (100, None)
