"""What becomes of the title that a model gives a session."""

import asyncio
from dataclasses import replace

import pytest
from turn_world import VENDOR, Halt, Titled, World, halts, says

from chat.agent.turn.takeover import take_over
from chat.agent.turn.title_text import title_of


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Todo app with React", "Todo app with React"),
        ("**Todo app**", "Todo app"),
        ("***Todo*** and __notes__ app", "Todo and notes app"),
        ("**Todo app", "Todo app"),
        ("# Todo app #", "Todo app"),
        ("## **Todo app**\n\nA title for your chat.", "Todo app"),
        ("\n\n- Todo app\n- Notes", "Todo app"),
        ("1. *Todo* app", "Todo app"),
        ("> Todo app", "Todo app"),
        ("```\nTodo app\n```", "Todo app"),
        ("```text\nTodo app\n```", "Todo app"),
        ('"Todo app."', "Todo app"),
        ('**"Todo app"**.', "Todo app"),
        ("„Einkaufsliste“", "Einkaufsliste"),
        ("« Liste d'achats »", "Liste d'achats"),
        ("「買い物リスト」", "買い物リスト"),
        ("買い物リスト。", "買い物リスト"),
        ("Fix `__init__` and ``a`b``", "Fix __init__ and a`b"),
        ("The [contact form](https://example.com/a) page", "The contact form page"),
        ("![Logo](logo.png) colours", "Logo colours"),
        ("~~Old~~ new menu", "Old new menu"),
        ("Rename user_name to _full_name_", "Rename user_name to full_name"),
        ("Use __init__.py", "Use __init__.py"),
        ("Merge __init__.py, __main__.py and __notes__.", "Merge __init__.py, __main__.py and notes"),
        ("**Use __init__.py**", "Use __init__.py"),
        (r"Prices in 2 \* 3 grid", "Prices in 2 * 3 grid"),
        ("Area of 2 * 3 * 4 tiles", "Area of 2 * 3 * 4 tiles"),
        ("C# and the #1 page", "C# and the #1 page"),
        ('"Save" and "load"', '"Save" and "load"'),
        ("Rename the “Save” button", "Rename the “Save” button"),
        ("Why it waits...", "Why it waits..."),
        ("Two\twords\x07 here", "Two words here"),
        ("3 columns", "3 columns"),
        ("-1 shown as a price", "-1 shown as a price"),
        ("word " * 30, "word " * 11 + "word…"),
    ],
)
def test_a_title_is_one_line_of_plain_text(given: str, title: str):
    assert title_of(given) == title


@pytest.mark.parametrize("given", ["", " \n", "**", "```\n```", '""', "#", "- "])
def test_an_answer_that_says_nothing_gives_no_title(given: str):
    assert title_of(given) == ""


@pytest.mark.parametrize(("given", "told"), [("**Todo app**", ["Todo app"]), ("```\n```", [])])
async def test_a_turn_tells_the_title_that_its_answer_gives(world: World, given: str, told: list[str]):
    running = await world.start(model=Titled(given), wants_title=True)

    events = await running.events()
    assert [event.data["title"] for event in events if event.type == "session_title"] == told
    attempts = [str(facts["purpose"]) for what, facts in world.operators.logged if what == "attempt"]
    assert sorted(attempts) == ["answer", "title"]


async def test_the_vendors_own_title_stays(world: World):
    begun = await world.begin()
    sid = begun.writer.sid
    await world.sessions.rename(VENDOR, sid, "Mine")
    running = await world.start(model=Titled("Claude's"), wants_title=True, begun=begun)

    assert "session_title" not in [event.type for event in await running.events()]
    assert (await world.sessions.state(VENDOR, sid)).title == "Mine"


async def test_a_later_turn_whose_owner_dies_right_after_a_summary_gives_no_title(world: World):
    small, halt = replace(world.settings, compact_at_tokens=10_000), Halt()
    first, _ = await world.turn(says("Long.", tokens=10_000))
    left = await world.start(says("The summary."), halts(halt), sid=first.sid, settings=small)
    await halt.reached()
    left.task.cancel()
    await asyncio.wait({left.task})

    world.clock += 60_000
    taken = await take_over(world.sessions, world.store, VENDOR, left.sid)
    assert taken is not None
    assert {entry["turn"] for entry in taken.view.entries} == {2}
    again = await world.start(model=Titled("Another title"), begun=taken.owned(), wants_title=True)
    events = await again.events()

    assert events[-1].type == "message_complete"
    assert "session_title" not in [event.type for event in events]
