"""What the history tells of a turn as a whole is what its stream told, however it ended."""

from collections.abc import Sequence

import pytest
from turn_world import Act, Halt, World, asks, fails, halts, says

from aicode.api_types import Turn
from aicode.history import no_usage, turn_of
from chat.agent.model.interface import Answer, AnswerListener, ModelFailure, Request
from tests.end_to_end.stack import Event

CREATE = asks(("create_file", {"path": "a.txt", "content": "1\n"}))
AGAIN = asks(("edit_file", {"path": "a.txt", "edits": [{"old": "1", "new": "2"}]}))


def breaks(reason: str, *, retryable: bool) -> Act:
    """Breaks off, after so many tokens that somebody has to pay for."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        usage = no_usage()
        usage["inputTokens"], usage["costUsd"] = 7, 0.5
        listener.spent("claude-sonnet-5-5", usage)
        raise ModelFailure("failed", reason, retryable=retryable)

    return act


async def stored(world: World, sid: str) -> Turn:
    entries = (await world.view(sid)).entries
    return turn_of(entries, unfinished="running", undone=False)


def changes(events: Sequence[Event]) -> list[dict[str, object]]:
    return [event.data for event in events if event.type == "file_change"]


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ([breaks("truncated", retryable=True), says("Done.")], "complete"),
        ([breaks("truncated", retryable=True), breaks("400", retryable=False)], "error"),
        ([fails(RuntimeError("a fault of ours"))], "error"),
    ],
)
async def test_a_turn_is_told_with_all_its_changes_and_tokens(world: World, last: list[Act], status: str):
    running, events = await world.turn(CREATE, AGAIN, *last)
    running.task.exception()

    turn = await stored(world, running.sid)
    assert turn["status"] == status
    assert [change["version"] for change in turn["fileChanges"]] == [1, 2]
    assert turn["fileChanges"] == changes(events)
    assert turn["usage"] == (await world.view(running.sid)).state.metadata["usage"]


async def test_a_stopped_turn_is_told_with_what_it_did(world: World):
    halt = Halt()
    running = await world.start(CREATE, halts(halt, after="Well"))
    await halt.reached()
    await world.sessions.cancel("alice", running.sid)
    events = await running.events()

    turn = await stored(world, running.sid)
    assert events[-1].type == "turn_cancelled"
    assert (turn["status"], turn["usage"]) == ("cancelled", events[-1].data["usage"])
    assert turn["fileChanges"] == changes(events)
    assert turn["usage"] == (await world.view(running.sid)).state.metadata["usage"]
