"""A logo's way in a whole turn: from the vendor's message into the app, and before Claude's eyes."""

import base64
import json
from typing import Any

from turn_world import APP, VENDOR, ScriptedModel, World, asks, says

from chat.agent.model.interface import Request
from tests.memory_uploads import png

LOGO = png(512, 256, filling=b"\xff" * 1_000)
NOTES = b"".join(b"line %d\n" % number for number in range(1, 40_001))


def results(request: Request) -> list[Any]:
    """The contents of the tool results that a request ends with."""
    [*_, last] = json.loads(json.dumps(request["messages"]))
    return [block["content"] for block in last["content"] if block["type"] == "tool_result"]


async def test_a_logo_is_saved_with_its_batch_and_shown_by_a_read_behind_it(world: World) -> None:
    logo = world.uploads.add("logo.png", LOGO)
    model = ScriptedModel(
        asks(
            ("use_attachment", {"uploadId": logo, "path": "public/logo.png"}),
            ("create_file", {"path": "index.html", "content": '<img src="/logo.png">'}),
            ("read_file", {"path": "public/logo.png"}),
        ),
        says("Done."),
    )
    running = await world.start(model=model, begun=await world.begin("Use this logo", uploads=[logo]))
    events = await running.events()

    changes = [event.data for event in events if event.type == "file_change"]
    assert [(change["path"], change["action"], change["additions"]) for change in changes] == [
        ("public/logo.png", "created", 0),
        ("index.html", "created", 1),
    ]
    raw = await world.store.read_raw(VENDOR, APP, "public/logo.png")
    assert (raw.data, raw.info.get("mediaType")) == (LOGO, "image/png")
    said, picture = results(model.requests[1])[2]
    assert said["text"] == "public/logo.png is a picture, image/png, 512x256, 1 kB."
    assert base64.b64decode(picture["source"]["data"]) == LOGO
    assert events[-1].type == "message_complete"


async def test_a_long_text_is_read_by_range_in_a_later_turn_too(world: World) -> None:
    notes = world.uploads.add("notes.txt", NOTES)
    first = await world.start(says("I have it."), begun=await world.begin("Keep it", uploads=[notes]))
    await first.events()
    path = f"attachments/{notes}/notes.txt"
    model = ScriptedModel(
        asks(
            ("read_file", {"path": path, "start_line": 39_999}),
            ("search_files", {"pattern": "line 39000$", "glob": "attachments/**"}),
            ("delete_file", {"path": path}),
        ),
        says("Done."),
    )
    await (await world.start(model=model, sid=first.sid)).events()

    read, found, refused = results(model.requests[1])
    assert f"{path}: lines 39999 to 40000 of 40000" in read
    assert "39000: line 39000" in found
    assert "is read-only" in refused
