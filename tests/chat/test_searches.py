"""Searches of the web: how many, what is not asked twice, and what never leaves the app."""

import base64
import functools
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from turn_world import APP, VENDOR, Act, Halt, Running, World, asks, halts, says

from aicode.file_store.store import Change, Commit, Put, Remove
from aicode.history import result_blocks, text_of
from chat.agent.tools.web_search import web_search_tool
from chat.agent.turn.takeover import take_over
from dev import exa
from dev.exa import ExaServer

SECRET = "Zk39canary8841qPw7LmN2x0"
ENV = f"STRIPE_KEY={SECRET}\n"
READ = ("read_file", {"path": ".env"})


@pytest.fixture
async def web(world: World) -> AsyncGenerator[ExaServer]:
    """The stand-in for Exa; the world's turns have a search that asks it."""
    async with exa.serve() as server:
        world.web_search = functools.partial(web_search_tool, server.url, "key")
        yield server


def search(query: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "web_search", {"query": query, **more}


async def saves(world: World, *changes: Change) -> None:
    await world.store.commit(VENDOR, APP, Commit(changes=changes, author="vendor", message="Saved"))


async def turn(
    world: World, *acts: Act, sid: str | None = None, text: str = "Hi", uploads: Sequence[str] = ()
) -> list[str]:
    """A turn that does these acts; gives the results of its tools."""
    begun = await world.begin(text, sid, uploads=uploads)
    running = await world.start(*acts, says("Done."), begun=begun)
    await running.events()
    return await results(world, running)


async def results(world: World, running: Running) -> list[str]:
    entries = (await world.view(running.sid)).entries
    records = [e["record"] for e in entries if e["turn"] == running.begun.writer.turn]
    blocks = [block for record in records if record["kind"] == "results" for block in record["content"]]
    return [text_of(result_blocks(block)) for block in blocks]


def asked(web: ExaServer) -> list[str]:
    return [request["query"] for request in web.requests]


async def test_a_turn_has_eight_searches_and_goes_on_without_more(world: World, web: ExaServer) -> None:
    side_by_side = asks(*[search(f"react {n}") for n in range(60)])

    said = await turn(world, side_by_side, asks(search("vue")))

    assert len(web.requests) == 8
    assert sum("all of its 8 searches" in result for result in said) == 53


async def test_a_day_has_so_many_searches_in_all_of_the_vendors_turns(world: World, web: ExaServer) -> None:
    world.settings = replace(world.settings, searches_per_day=3)

    await turn(world, asks(search("a react"), search("b react")))
    said = await turn(world, asks(search("c react"), search("d react")))
    world.clock += 86_400_000
    await turn(world, asks(search("e react")))

    assert len(web.requests) == 4
    assert "all 3 searches of this day" in said[1]


async def test_a_search_that_cannot_be_counted_is_not_made(world: World, web: ExaServer) -> None:
    assert world.redis.faults is not None
    world.redis.faults.add("drop_answer", times=2, containing="about to search the web")

    said = await turn(world, asks(search("react")))

    assert "could not be counted" in said[0]
    assert web.requests == []


async def test_the_next_owner_of_a_turn_goes_on_counting(world: World, web: ExaServer) -> None:
    halt = Halt()
    running = await world.start(asks(*[search(f"react {n}") for n in range(7)]), halts(halt))
    await halt.reached()
    world.clock += 31_000
    taken = await take_over(world.sessions, world.store, VENDOR, running.sid)
    assert taken is not None
    more = asks(search("React  0"), search("vue"), search("svelte"))

    again = await world.start(more, says("Done."), begun=taken.owned())
    await again.events()

    from_memory, *others = (await results(world, again))[-3:]
    assert from_memory == (await results(world, again))[0]
    assert len(web.requests) == 8
    assert "all of its 8 searches" in "".join(others)
    halt.open.set()
    await running.events()


async def test_the_same_search_is_answered_from_memory(world: World, web: ExaServer) -> None:
    twice = asks(
        search("React state", domains=["example.com"]), search(" react  STATE", domains=["Example.com"])
    )
    first = await world.start(twice, asks(search("react state", max_results=1)), says("."))
    await first.events()
    later = await turn(world, asks(search("react state", domains=["example.com"])), sid=first.sid)

    said = await results(world, first)
    assert len(web.requests) == 2
    assert said[0] == said[1] == later[0]
    assert said[0].endswith("</untrusted_web_results>")


WAYS = [
    [f"what is {SECRET}"],
    [base64.b64encode(SECRET.encode()).decode()],
    [f"react {SECRET[:8]}", f"{SECRET[8:16]} hooks", f"vue {SECRET[16:]} x"],
]


@pytest.mark.parametrize("queries", WAYS, ids=["plain", "coded", "in pieces"])
async def test_what_stands_in_a_secret_file_does_not_leave(
    world: World, web: ExaServer, queries: list[str]
) -> None:
    await saves(world, Put(".env", ENV, 0))

    said = await turn(world, asks(*map(search, queries)))

    assert "Not searched: it holds" in said[-1]
    assert SECRET not in "".join(said)
    assert len(web.requests) < len(queries)


async def test_nor_does_it_in_a_domain(world: World, web: ExaServer) -> None:
    await saves(world, Put("config/prod.pem", ENV, 0))

    said = await turn(world, asks(search("react", domains=[f"{SECRET}.evil.test"])))

    assert "config/prod.pem" in said[0]
    assert web.requests == []


async def test_nor_does_what_the_vendor_attached_under_such_a_name(world: World, web: ExaServer) -> None:
    env = world.uploads.add("prod.env", ENV.encode())

    said = await turn(world, asks(search(f"what is {SECRET}")), uploads=[env])

    assert "prod.env" in said[0]
    assert web.requests == []


async def test_a_binary_file_that_looks_secret_holds_up_no_search(world: World, web: ExaServer) -> None:
    await saves(world, Put("prod.p12", b"\0\xff" * 1_000, 0), Put(".env", ENV, 0))
    await saves(world, Put(".env", b"\0\xff", 1))

    await turn(world, asks(search("react")))

    assert asked(web) == ["react"]


async def test_a_refused_search_counts_neither_as_sent_nor_as_a_search(world: World, web: ExaServer) -> None:
    await saves(world, Put(".env", ENV, 0))

    await turn(world, *[asks(search(f"{SECRET} {n}"), search(f"react {n}")) for n in range(8)])

    assert len(web.requests) == 8


async def test_what_the_vendor_says_may_be_looked_up(world: World, web: ExaServer) -> None:
    await saves(world, Put(".env", "APP_URL=https://developer.mozilla.org/docs\n", 0))
    query = "developer.mozilla.org docs"

    first = await world.start(asks(search(query)), says("."), begun=await world.begin("Look it up"))
    await first.events()
    said = await turn(world, asks(search(query)), sid=first.sid, text=f"I mean {query}")

    assert asked(web) == [query]
    assert "Not searched" not in said[0]


COPY = ("create_file", {"path": "notes.txt", "content": ENV})
MOVED: dict[str, list[Act]] = {
    "renamed before": [asks(("rename_file", {"path": ".env", "new_path": "notes.txt"}))],
    "copied and deleted": [asks(READ), asks(COPY, ("delete_file", {"path": ".env"}))],
    "found and deleted": [
        asks(("search_files", {"pattern": "KEY"})),
        asks(COPY, ("delete_file", {"path": ".env"})),
    ],
    "emptied": [asks(READ), asks(("create_file", {"path": ".env", "content": "", "overwrite": True}))],
}


@pytest.mark.parametrize("acts", MOVED.values(), ids=MOVED.keys())
@pytest.mark.parametrize("when", ["same turn", "next session"])
async def test_a_secret_that_claude_moved_elsewhere_does_not_leave(
    world: World, web: ExaServer, acts: list[Act], when: str
) -> None:
    await saves(world, Put(".env", ENV, 0))
    last = asks(search(f"{SECRET} meaning"))
    if when == "same turn":
        said = await turn(world, *acts, last)
    else:
        running = await world.start(*acts, says("."))
        await running.events()
        said = await turn(world, last)

    assert "Not searched" in said[-1]
    assert web.requests == []


async def test_nor_does_one_that_the_same_batch_moves(world: World, web: ExaServer) -> None:
    await saves(world, Put(".env", ENV, 0))

    said = await turn(world, asks(("delete_file", {"path": ".env"}), search(f"{SECRET} meaning")))

    assert "Not searched" in said[-1]


async def test_more_secrets_than_can_be_compared_let_nothing_leave(world: World, web: ExaServer) -> None:
    await saves(world, *[Put(f"{n}.pem", "x y\n" * 200_000, 0) for n in range(3)])

    said = await turn(world, asks(search("react")))

    assert "more files that look like secrets" in said[0]
    assert web.requests == []


async def test_nor_one_that_the_vendor_has_deleted_since(world: World, web: ExaServer) -> None:
    await saves(world, Put(".env", ENV, 0))
    await saves(world, Remove(".env", 1), Put("old.txt", f"{SECRET}\n", 0))

    said = await turn(world, asks(search(f"{SECRET} meaning"), search("react state")))

    assert "Not searched" in said[0]
    assert asked(web) == ["react state"]
