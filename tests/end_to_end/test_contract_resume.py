"""Coming back: the same message again, a stream from any event, and a turn replayed from the history."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from dev.claude import Gate, Reply, Text, Thinking, ToolUse
from tests.end_to_end.contract_world import Vendor, World, assert_error, assert_guarded, kinds
from tests.end_to_end.stack import BASE, Event, assert_well_formed, session_of, texts
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def plain(events: Sequence[Event]) -> list[tuple[str, str, object]]:
    """What two readers of the same events must both have seen."""
    return [(event.id, event.type, event.data) for event in events]


def says(text: str) -> Callable[[Event], bool]:
    """True if an event is this piece of text."""
    return lambda event: event.type == "text_delta" and event.data["text"] == text


def a_rich_turn(vendor: Vendor) -> str:
    return vendor.says(
        Reply(
            Thinking("Let me see."),
            Text("One file."),
            ToolUse("create_file", {"path": "a.txt", "content": "1"}),
            ToolUse("read_file", {"path": "absent.txt"}),
        ),
        Reply(Text("It is done, in several words.", cuts=4)),
    )


async def test_a_finished_turn_resumes_from_every_event_with_just_what_was_missed(vendor: Vendor):
    events = await vendor.turn(a_rich_turn(vendor))
    session = session_of(events)

    for event in events[:-1]:
        missed = await vendor.missed(session, event.id)
        assert plain(missed) == plain(events[event.seq :])
    assert plain(await vendor.missed(session, "1-0")) == plain(events)


async def test_the_id_may_come_as_a_query_parameter(vendor: Vendor):
    events = await vendor.turn("Hi")
    async with vendor.resume(session_of(events), after=None) as nothing:
        assert nothing.response.status_code == 204
    async with vendor.stream("GET", f"{BASE}/{session_of(events)}/stream?after=1-1") as stream:
        assert plain(await stream.rest()) == plain(events[1:])


async def test_nothing_missed_and_nothing_running_is_204(vendor: Vendor):
    events = await vendor.turn("Hi")
    session = session_of(events)
    for headers in ({}, {"Last-Event-ID": events[-1].id}):
        answer = await vendor.client.get(f"{BASE}/{session}/stream", headers=headers)
        assert answer.status_code == 204
        assert answer.content == b""
        assert_guarded(answer)


@pytest.mark.parametrize(
    "bad",
    ["", "1", "1-", "-1", "a-b", "1-1-1", "0-1", "1.1", "1-x", "-1-1", "1--1", "1e3-1", "0x1-1", "9" * 99],
)
async def test_a_malformed_id_is_400(vendor: Vendor, bad: str):
    session = session_of(await vendor.turn("Hi"))
    by_header = await vendor.client.get(f"{BASE}/{session}/stream", headers={"Last-Event-ID": bad})
    by_query = await vendor.client.get(f"{BASE}/{session}/stream", params={"after": bad})

    assert_error(by_header, 400, "invalid_request")
    assert_error(by_query, 400, "invalid_request")


async def test_a_running_turn_is_read_from_its_start_or_from_any_event_by_many(world: World, vendor: Vendor):
    message = vendor.says(
        Reply(Text("Before."), ToolUse("list_files")),
        Reply(Text("Half"), Gate("readers"), Text(" and half.")),
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as live:
        await live.until(says("Half"))
        session = session_of(live.seen)

        opened: list[int] = []

        async def read(after: str | None) -> list[Event]:
            async with vendor.resume(session, after) as stream:
                opened.append(stream.response.status_code)
                return await stream.rest()

        asked = [None, "1-1", live.seen[3].id, live.seen[-1].id]
        readers = [asyncio.create_task(read(after)) for after in asked]
        await until(lambda: opened == [200] * len(asked))
        world.stack.model.open("readers")
        events = await live.rest()
        found = await asyncio.gather(*readers)

    assert_well_formed(events)
    for after, seen in zip([0, 1, live.seen[3].seq, None], found, strict=True):
        if after is None:
            assert plain(seen) == plain(events[len(events) - len(seen) :])
            assert texts(seen) == " and half."
        else:
            assert plain(seen) == plain(events[after:])


async def test_readers_of_one_turn_beyond_four_are_refused_and_stop_nobody_else(world: World, vendor: Vendor):
    message = vendor.says(Reply(Text("Half"), Gate("crowd"), Text(" and half.")))
    async with asyncio.timeout(PATIENCE), vendor.post(message) as live:
        await live.until(says("Half"))
        session, refused, attached = session_of(live.seen), list[int](), list[str]()

        async def read() -> None:
            async with vendor.resume(session) as stream:
                if stream.response.status_code == 200:
                    attached.append(texts(await stream.rest()))
                else:
                    refused.append(stream.response.status_code)

        readers = [asyncio.create_task(read()) for _ in range(12)]
        await until(lambda: len(refused) >= 8)
        other = await world.vendor()
        assert texts(await other.turn(other.says(Reply(Text("Not disturbed."))))) == "Not disturbed."
        world.stack.model.open("crowd")
        await asyncio.gather(*readers)

    assert set(refused) == {429}
    assert attached == ["Half and half."] * 4


async def test_an_id_of_an_earlier_turn_gets_the_whole_latest_turn(vendor: Vendor):
    first = await vendor.turn("One")
    session = session_of(first)
    await vendor.turn("Two", session)
    third = await vendor.turn(a_rich_turn(vendor), session)

    for after in ("1-1", first[-1].id, "2-2", "2-999"):
        assert plain(await vendor.missed(session, after)) == plain(third)
    assert await vendor.missed(session, third[-1].id) == []


async def test_after_ten_minutes_a_turn_is_replayed_from_history_numbered_anew(vendor: Vendor):
    events = await vendor.turn(a_rich_turn(vendor), messageId="kept")
    session = session_of(events)
    await vendor.forget_events(session)
    for after in ("1-1", "1-3"):
        replay = await vendor.missed(session, after)
        assert_well_formed(replay)
        assert replay[0].data == events[0].data
        assert texts(replay) == texts(events)
        assert replay[-1].type == "message_complete"
        assert replay[-1].data == events[-1].data
        for kind in ("file_change", "tool_use_complete", "tool_use_start", "step_complete"):
            assert [e.data for e in replay if e.type == kind] == [e.data for e in events if e.type == kind]
        assert "".join(e.data["text"] for e in replay if e.type == "thinking_delta") == "Let me see."

    assert events[-1].id != replay[-1].id
    assert await vendor.missed(session, events[-1].id) == []
    assert await vendor.missed(session, replay[-1].id) == []
    assert plain(await vendor.turn(str(await text_of(vendor, session)), messageId="kept")) == plain(replay)


async def text_of(vendor: Vendor, session: str) -> str:
    """The vendor's first message in the session."""
    return (await vendor.session(session))["messages"][0]["content"][0]["text"]


async def test_a_cancelled_and_a_failed_turn_are_replayed_with_their_own_end(world: World, vendor: Vendor):
    message = vendor.says(
        Reply(Text("Shown."), ToolUse("list_files", id="toolu_c"), Gate("replay"), Text("x"))
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("tool_use_start")
        session = session_of(stream.seen)
        assert (await vendor.client.post(f"{BASE}/{session}/cancel")).json()["cancelled"] is True
        cancelled = await stream.rest()
    world.stack.model.open("replay")
    await vendor.forget_events(session)
    replay = await vendor.missed(session, "1-1")

    assert_well_formed(cancelled)
    assert_well_formed(replay)
    assert replay[-1].type == "turn_cancelled"
    assert replay[-1].data == cancelled[-1].data
    assert texts(replay) == "Shown."

    failed = await vendor.turn(vendor.says(Reply(status=400)), session)
    await vendor.forget_events(session)
    replay = await vendor.missed(session, "2-1")
    assert_well_formed(replay)
    assert kinds(replay) == ["connection_established", "error"]
    assert replay[-1].data == failed[-1].data


async def test_the_same_message_again_attaches_to_its_running_turn(world: World, vendor: Vendor):
    message = vendor.says(Reply(Text("Half"), Gate("same"), Text(" and half.")))
    body = {"message": message, "appId": vendor.app, "messageId": "again"}
    async with asyncio.timeout(PATIENCE), vendor.stream("POST", BASE, json=body) as live:
        await live.until("text_delta")
        session = session_of(live.seen)
        async with (
            vendor.stream("POST", BASE, json=body) as second,
            vendor.stream("POST", BASE, json={**body, "sessionId": session}) as third,
        ):
            await second.until("text_delta")
            await third.until("text_delta")
            world.stack.model.open("same")
            seen = [await live.rest(), await second.rest(), await third.rest()]

    assert_well_formed(seen[0])
    assert plain(seen[0]) == plain(seen[1]) == plain(seen[2])
    assert len(vendor.plays.asked(message)) == 1
    assert (await vendor.session(session))["metadata"]["turns"] == 1


async def test_two_calls_with_one_message_id_at_the_same_moment_make_one_turn(vendor: Vendor):
    message = vendor.says(Reply(Text("Once.")))
    first, second = await asyncio.gather(
        vendor.turn(message, messageId="twins"), vendor.turn(message, messageId="twins")
    )

    assert plain(first) == plain(second)
    assert len(vendor.plays.asked(message)) == 1


async def test_the_same_message_again_replays_its_finished_turn_also_an_older_one(vendor: Vendor):
    message = a_rich_turn(vendor)
    events = await vendor.turn(message, messageId="older")
    session = session_of(events)
    assert plain(await vendor.turn(message, messageId="older")) == plain(events)
    assert plain(await vendor.turn(message, session, messageId="older")) == plain(events)
    await vendor.turn("Another", session, messageId="newer")
    replay = await vendor.turn(message, session, messageId="older")

    assert_well_formed(replay)
    assert replay[0].data == events[0].data
    assert replay[-1].data == events[-1].data
    assert texts(replay) == texts(events)
    assert (await vendor.session(session))["metadata"]["turns"] == 2


async def test_a_message_id_is_not_reused_for_another_message_or_session(vendor: Vendor, stranger: Vendor):
    session = session_of(await vendor.turn("Hi", messageId="mine"))
    other = session_of(await vendor.turn("Hi"))
    for body in (
        {"message": "Other words", "appId": vendor.app},
        {"message": "Other words", "appId": vendor.app, "sessionId": session},
        {"message": "Hi ", "appId": vendor.app},
        {"message": "Hi", "appId": vendor.app, "sessionId": other},
    ):
        answer = await vendor.client.post(BASE, json={**body, "messageId": "mine"})
        assert_error(answer, 409, "message_id_reused")
    assert (await vendor.session(session))["metadata"]["turns"] == 1
    assert (await vendor.session(other))["metadata"]["turns"] == 1

    elsewhere = {"message": "Other", "appId": await vendor.new_app(), "messageId": "mine"}
    async with vendor.stream("POST", BASE, json=elsewhere) as stream:
        assert session_of(await stream.rest()) not in (session, other)
    theirs = await stranger.turn("Mine too", messageId="mine")
    assert session_of(theirs) != session


async def test_another_message_meanwhile_is_409_with_the_running_turn(world: World, vendor: Vendor):
    session = session_of(await vendor.turn("Hi"))
    message = vendor.says(Reply(Gate("busy"), Text("Done.")))
    async with asyncio.timeout(PATIENCE), vendor.post(message, session) as stream:
        await anext(stream.events)
        answer = await vendor.client.post(
            BASE, json={"message": "Me too", "appId": vendor.app, "sessionId": session}
        )
        world.stack.model.open("busy")
        await stream.rest()

    assert assert_error(answer, 409, "session_busy")["turnId"] == 2
    assert int(answer.headers["retry-after"]) >= 1
    read = await vendor.session(session)
    assert read["metadata"]["turns"] == 2
    assert "Me too" not in str(read["messages"])


async def test_a_turn_goes_on_when_nobody_listens(world: World, vendor: Vendor):
    message = vendor.says(Reply(Text("Half"), Gate("nobody"), Text(" and half.")))
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("text_delta")
        seen = list(stream.seen)
    session = session_of(seen)
    world.stack.model.open("nobody")
    read = await vendor.until_status(session, "idle")
    missed = await vendor.missed(session, seen[-1].id)

    assert "".join(block["text"] for block in read["messages"][-1]["content"]) == "Half and half."
    assert_well_formed([*seen, *missed])
    assert missed[-1].type == "message_complete"


async def test_streams_of_sessions_that_are_not_there_are_404(vendor: Vendor):
    for session in ("nothing", "a.b", "x" * 65, "%20", "%2e%2e"):
        assert_error(await vendor.client.get(f"{BASE}/{session}/stream"), 404, "not_found")
