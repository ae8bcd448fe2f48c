"""What the last message of a turn tells of the whole turn, whatever the page shows of it."""

from typing import Any

import pytest
from session_world import World

from aicode.api_types import FileChange, Usage
from aicode.history.records import Record
from aicode.session_manager.turn_writer import Batch
from tests.session_store import step

SPENT: Usage = {
    "inputTokens": 10,
    "outputTokens": 5,
    "cacheReadTokens": 2,
    "cacheWriteTokens": 1,
    "costUsd": 0.25,
}
TWICE: Usage = {
    "inputTokens": 20,
    "outputTokens": 10,
    "cacheReadTokens": 4,
    "cacheWriteTokens": 2,
    "costUsd": 0.5,
}
Turn = dict[str, Any]


def change(number: int, path: str = "a.ts") -> FileChange:
    return {
        "path": path,
        "action": "edited",
        "version": number,
        "additions": number,
        "deletions": 1,
        "toolId": f"t{number}",
    }


def call(number: int, *changes: FileChange) -> list[Record]:
    """A step that asks for a tool, and its result."""
    asked = step(
        "", {"type": "tool_use", "id": f"t{number}", "name": "edit_file", "input": {}}, number=number
    )
    assert asked["kind"] == "step"
    asked["usage"] = SPENT
    return [
        asked,
        {
            "kind": "results",
            "step": number,
            "content": [{"type": "tool_result", "tool_use_id": f"t{number}", "content": "Long. " * 200}],
            "tools": [
                {
                    "toolId": f"t{number}",
                    "toolName": "edit_file",
                    "status": "completed",
                    "isError": False,
                    "summary": "Edited a.ts (+1 -1)",
                    "durationMs": 1200 + number,
                }
            ],
            "changes": list(changes),
            "seen": {},
            "at": 7,
        },
    ]


def end(event: str, notice: str | None = None, **data: object) -> Record:
    found: Record = {"kind": "end", "event": event, "data": {**data}, "at": 9}
    if notice is not None:
        found["notice"] = notice
    return found


def told(*steps: Record) -> list[Record]:
    return [*call(1, change(1), change(2, "b.ts")), *call(2, change(3)), *steps]


async def read(world: World, sid: str, query: str = "") -> list[dict[str, Any]]:
    answer = await world.ask("GET", f"?sessionId={sid}{query}")
    assert answer.status == 200
    return answer.body["session"]["messages"]


def turns(messages: list[dict[str, Any]]) -> list[tuple[int, Turn]]:
    """The turns of the messages, each with its message's place."""
    return [(at, message["turn"]) for at, message in enumerate(messages) if "turn" in message]


CHANGES = [change(1), change(2, "b.ts"), change(3)]


@pytest.mark.parametrize(
    ("last", "status", "used"),
    [
        ([step("Done"), end("message_complete", usage=TWICE, fileChanges=CHANGES)], "complete", TWICE),
        ([end("turn_cancelled", "Stopped.", usage=SPENT)], "cancelled", SPENT),
        ([end("error", "Claude is overloaded.", code="model_overloaded")], "error", TWICE),
        ([end("error", "Interrupted.", code="interrupted")], "interrupted", TWICE),
    ],
)
async def test_a_turn_that_has_ended_is_told_with_all_its_changes(
    world: World, last: list[Record], status: str, used: Usage
) -> None:
    begun = await world.begin()
    await world.end(begun, told(*last))

    messages = await read(world, begun.writer.sid)

    assert turns(messages) == [
        (
            len(messages) - 1,
            {
                "status": status,
                "usage": used,
                "fileChanges": CHANGES,
                "startedAt": world.clock,
                "endedAt": 9,
                "undone": False,
            },
        )
    ]


async def test_the_tokens_of_broken_answers_and_summaries_count(world: World) -> None:
    begun = await world.begin()
    spent: Record = {"kind": "spent", "usage": SPENT, "at": 8}
    await world.end(begun, [*call(1), spent, end("error", "Broken.", code="model_error")])

    [(_, turn)] = turns(await read(world, begun.writer.sid))

    assert turn["usage"] == TWICE


async def test_a_running_turn_has_no_end_and_what_its_finished_steps_did(world: World) -> None:
    begun = await world.begin()
    await begun.writer.checkpoint(world.clock, Batch(records=told()))

    for query in ("", "&limit=1"):
        [(_, turn)] = turns(await read(world, begun.writer.sid, query))
        assert turn == {
            "status": "running",
            "usage": TWICE,
            "fileChanges": CHANGES,
            "startedAt": world.clock,
            "undone": False,
        }


async def test_a_turn_whose_function_died_is_interrupted_and_has_no_end(world: World) -> None:
    begun = await world.begin()
    world.clock += 60_000

    [(_, turn)] = turns(await read(world, begun.writer.sid))

    assert (turn["status"], "endedAt" in turn) == ("interrupted", False)


async def test_however_a_session_is_paged_each_turn_is_told_once_and_whole(world: World) -> None:
    sid = None
    for ending in ("message_complete", "turn_cancelled", "error"):
        begun = await world.begin(sid=sid)
        sid = begun.writer.sid
        notice = None if ending == "message_complete" else "Ended."
        await world.end(begun, told(step("So far."), end(ending, notice)))
    whole = await read(world, str(sid))
    assert len(turns(whole)) == 3

    for limit in range(1, 12):
        paged: list[dict[str, Any]] = []
        page = await read(world, str(sid), f"&limit={limit}")
        while page:
            paged = [*page, *paged]
            page = await read(world, str(sid), f"&limit={limit}&before={page[0]['id']}")

        assert paged == whole, limit


async def test_a_result_says_how_long_its_call_ran_and_what_came_of_it(world: World) -> None:
    begun = await world.begin()
    await world.end(begun, told(step("Done"), end("message_complete")))

    blocks = [block for message in await read(world, begun.writer.sid) for block in message["content"]]

    assert [
        (block["toolId"], block["summary"], block["durationMs"])
        for block in blocks
        if block["type"] == "tool_result"
    ] == [("t1", "Edited a.ts (+1 -1)", 1201), ("t2", "Edited a.ts (+1 -1)", 1202)]


async def undone(world: World, sid: str) -> list[bool]:
    """Of each turn, if its changes are undone."""
    return [turn["undone"] for _, turn in turns(await read(world, sid))]


async def three_turns(world: World) -> str:
    """A session whose turns made the revisions 1 to 3 of its app."""
    sid = None
    for _ in range(3):
        begun = await world.begin(sid=sid)
        sid = begun.writer.sid
        await world.end(begun, told(end("message_complete")))
    return str(sid)


async def test_a_turn_is_undone_until_its_changes_are_brought_back(world: World) -> None:
    sid = await three_turns(world)

    async def restored(to: int, revision: int, **was_done: bool) -> list[bool]:
        named = {int(name[1:]): done for name, done in was_done.items()}
        note = world.sessions.note_restore("alice", "app-1", {sid: named}, to=to, revision=revision)
        await note
        return await undone(world, sid)

    assert await undone(world, sid) == [False, False, False]
    assert await restored(2, 4, t3=False) == [False, False, True]
    assert await restored(1, 5, t2=False) == [False, True, True]
    # Back to where only the third was undone: the second is there again.
    assert await restored(4, 6, t1=True, t2=True, t3=True) == [False, False, True]
    assert await restored(3, 7, t3=True) == [False, False, False]
    assert await restored(0, 8, t1=False, t2=False, t3=False) == [True, True, True]
    assert await restored(5, 9, t1=True, t2=True, t3=True) == [False, True, True]
    assert (await world.ask("GET", f"?sessionId={sid}")).body["session"]["fileModifications"] == []


@pytest.mark.parametrize("then", ["checkpoint", "end"])
async def test_a_turn_that_goes_on_changing_files_is_not_undone(world: World, then: str) -> None:
    begun = await world.begin()
    sid, write = begun.writer.sid, begun.writer
    changed = {"a.ts": '{"path": "a.ts", "timestamp": 1}'}
    await write.checkpoint(world.clock, Batch(records=[step("One")], modifications=changed))
    await world.sessions.note_restore("alice", "app-1", {sid: {1: False}}, to=0, revision=2)
    await write.checkpoint(world.clock, Batch(records=[step("Two")]))
    assert await undone(world, sid) == [True]

    if then == "checkpoint":
        await write.checkpoint(world.clock, Batch(records=[step("Three")], modifications=changed))
    else:
        batch = Batch(last_seq=9, records=[end("message_complete")], modifications=changed)
        await write.end(world.clock, batch, "idle")
    assert await undone(world, sid) == [False]


async def test_what_is_noted_twice_is_noted_once_and_only_in_the_vendors_own_session(world: World) -> None:
    sid = await three_turns(world)

    for vendor, app in (("bob", "app-1"), ("alice", "app-2")):
        await world.sessions.note_restore(vendor, app, {sid: {1: False}}, to=0, revision=4)
    await world.sessions.note_restore("alice", "app-1", {"absent": {1: False}}, to=0, revision=4)
    assert await undone(world, sid) == [False, False, False]
    for _ in range(2):
        await world.sessions.note_restore("alice", "app-1", {sid: {1: False}}, to=0, revision=4)
    assert await undone(world, sid) == [True, False, False]


async def test_a_restore_is_noted_in_all_sessions_by_one_request(world: World) -> None:
    sids = [await three_turns(world) for _ in range(5)]
    restored = {sid: {2: False, 3: False} for sid in sids}
    world.redis.reset_counters()
    await world.sessions.note_restore("alice", "app-1", restored, to=1, revision=4)

    assert world.redis.requests == 1
    for sid in sids:
        assert await undone(world, sid) == [False, True, True]


async def test_undoing_and_redoing_a_thousand_times_takes_little_room(world: World) -> None:
    sid = await three_turns(world)
    for revision in range(4, 1_005):
        restored = {sid: {3: revision % 2 == 1}}
        await world.sessions.note_restore("alice", "app-1", restored, to=2 + revision % 2, revision=revision)

    assert await undone(world, sid) == [False, False, True]
    view = await world.sessions.read("alice", sid)
    assert len(view.files["/undone/3"].split()) < 101
