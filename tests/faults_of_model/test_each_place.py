"""One stream of text and tool calls, broken at each place in each way; `make faults` leaves out none."""

import os
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import httpx
from faults import CUTS
from model_world import MODEL, FaultWorld, fault_world

from dev.claude import Cut, Raw, Reply, Stall, StreamError, Text, Thinking, ToolUse
from dev.claude.received import Received
from dev.claude.script import Control
from tests.end_to_end.stack import assert_well_formed, texts

EVERY = "FAULT_TURNS" in os.environ
"""True if no place is left out; otherwise so many are tried as take some seconds."""
SAMPLES = 20
CONTENT = 'line one\nline \u2028 two \U0001f600 {"json": [1, 2]}\n'
WHOLE: list[Any] = [
    Thinking("Two files. é"),
    Text("I write two files. "),
    ToolUse("create_file", {"path": "a.txt", "content": CONTENT}),
    ToolUse("list_files"),
    ToolUse("create_file", {"path": "b.txt", "content": CONTENT}),
]
Run = Callable[[Coroutine[Any, Any, None]], None]


class Scene:
    """The model breaks `broken` answers as it is told, then gives the whole one, then a last word."""

    def __init__(self) -> None:
        self.next_reply: Callable[[], Reply] = lambda: Reply(*WHOLE)
        self.broken = 0

    def __call__(self, request: Received, _n: int) -> Reply:
        if request.messages[-1]["content"][0]["type"] == "tool_result":
            return Reply(Text("Done."))
        self.broken -= 1
        return self.next_reply() if self.broken >= 0 else Reply(*WHOLE)


async def assert_mended(world: FaultWorld, scene: Scene, reply: Callable[[], Reply], place: object) -> None:
    """One broken answer changes nothing of what the turn leaves behind."""
    scene.next_reply, scene.broken = reply, 1
    app = await world.new_app()
    sid, events = await world.turn(app, "Write")

    assert_well_formed(events)
    assert events[-1].type == "message_complete", place
    assert texts(events) == await world.stored_text(sid) == "I write two files. Done.", place
    assert await world.files(app) == {"a.txt": CONTENT, "b.txt": CONTENT}, place
    assert [change["version"] for change in events[-1].data["fileChanges"]] == [1, 1], place
    steps = [event.data["step"] for event in events if event.type == "step_complete"]
    assert steps == [1, 2], place


async def assert_given_up(world: FaultWorld, scene: Scene, reply: Callable[[], Reply], place: object) -> None:
    """An answer that breaks at this place again and again never writes a file and is never complete."""
    scene.next_reply, scene.broken = reply, 10**6
    app = await world.new_app()
    sid, events = await world.turn(app, "Write")

    assert_well_formed(events)
    assert events[-1].type == "error", place
    assert await world.files(app) == {}, place
    assert texts(events) == await world.stored_text(sid), place


def cut_at(place: int) -> Callable[[], Reply]:
    return lambda: Reply(*WHOLE, cut_at_byte=place, cut=CUTS[place % len(CUTS)])


def struck_at(event: int, fault: Control) -> Callable[[], Reply]:
    return lambda: Reply(*WHOLE, at={event: fault})


def some(places: Sequence[Any]) -> Sequence[Any]:
    return places if EVERY else places[:: max(1, len(places) // SAMPLES)]


async def length_of(world: FaultWorld, scene: Scene) -> int:
    """The bytes of the whole answer, up to the last event's own."""
    body = {
        "model": MODEL,
        "max_tokens": 1,
        "stream": True,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Write"}]}],
    }
    headers = {"x-api-key": "key", "anthropic-version": "1"}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{world.server.url}/v1/messages", json=body, headers=headers)
    assert scene.broken == -1
    return answer.content.index(b"event: message_stop")


def test_a_stream_that_breaks_off_at_any_byte_leaves_no_trace(run: Run, tmp_path: Path):
    async def turns() -> None:
        scene = Scene()
        async with fault_world(tmp_path, scene, "bytes") as world:
            length = await length_of(world, scene)
            for place in some(range(1, length)):
                await assert_mended(world, scene, cut_at(place), place)
            for place in some(range(1, length))[::10]:
                await assert_given_up(world, scene, cut_at(place), place)

    run(turns())


def test_a_stream_that_fails_at_any_event_leaves_no_trace(run: Run, tmp_path: Path):
    errors = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")
    kinds: list[Control] = [
        *(Cut(kind) for kind in CUTS),
        *(StreamError(kind) for kind in errors),
        Stall(),
        Stall(ping_every=1.0),
        Raw(),
    ]

    async def turns() -> None:
        scene = Scene()
        async with fault_world(tmp_path, scene, "events") as world:
            places = [(at, kind) for at in range(18) for kind in kinds]
            for at, kind in some(places):
                await assert_mended(world, scene, struck_at(at, kind), (at, kind))

    run(turns())
