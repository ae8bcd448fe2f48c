"""The vendor's editor and Claude at work on the same files, and taking back what either did."""

import asyncio
import io
import zipfile
from typing import Any

import httpx
import pytest

from dev.claude import Gate, Reply, Text, ToolUse
from tests.end_to_end.contract_world import Vendor, World, assert_error
from tests.end_to_end.stack import APPS, Json, assert_well_formed, session_of
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def edit(path: str, old: str, new: str, **options: Any) -> ToolUse:
    return ToolUse("edit_file", {"path": path, "edits": [{"old": old, "new": new}]}, **options)


async def put(vendor: Vendor, path: str, content: str, base: int) -> httpx.Response:
    body = {"path": path, "content": content, "baseVersion": base}
    return await vendor.client.put(f"{APPS}/{vendor.app}/file", json=body)


async def checkpoints(vendor: Vendor) -> list[Json]:
    return (await vendor.client.get(f"{APPS}/{vendor.app}/checkpoints")).json()["checkpoints"]


async def undo(vendor: Vendor, checkpoint: Json, **members: Any) -> httpx.Response:
    paths = [change["path"] for change in checkpoint["changes"]]
    body = {"revision": checkpoint["baseRevision"], "paths": paths, **members}
    return await vendor.client.post(f"{APPS}/{vendor.app}/restore", json=body)


async def undone(vendor: Vendor, session: str) -> list[bool]:
    """Of each turn of a session, if its changes are undone."""
    messages = (await vendor.session(session))["messages"]
    return [message["turn"]["undone"] for message in messages if "turn" in message]


async def contents(vendor: Vendor) -> dict[str, str]:
    answer = await vendor.client.get(f"{APPS}/{vendor.app}/export.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = [name for name in archive.namelist() if not name.startswith(".git/")]
        return {name: archive.read(name).decode() for name in names}


async def test_a_save_over_claudes_edit_is_409_with_claudes_text(vendor: Vendor):
    await vendor.save("a.txt", "one\n")
    await vendor.turn(vendor.says(Reply(edit("a.txt", "one", "two")), Reply(Text("Done."))))
    error = assert_error(await put(vendor, "a.txt", "mine\n", 1), 409, "version_conflict")

    assert (error["file"]["version"], error["file"]["content"]) == (2, "two\n")
    assert await vendor.file("a.txt") == "two\n"
    assert (await put(vendor, "a.txt", "mine\n", error["file"]["version"])).status_code == 200


async def test_an_edit_of_what_the_vendor_changed_shows_claude_the_text_and_lands_when_made_again(
    world: World, vendor: Vendor
):
    await vendor.save("a.txt", "one\n")
    message = vendor.says(
        Reply(ToolUse("read_file", {"path": "a.txt"})),
        Reply(Gate("the vendor saved"), edit("a.txt", "one", "two", id="toolu_first")),
        Reply(edit("a.txt", "one", "two", id="toolu_again")),
        Reply(Text("Done.")),
    )
    async with asyncio.timeout(PATIENCE), vendor.post(message) as stream:
        await stream.until("step_complete")
        await until(lambda: len(vendor.plays.asked(message)) == 2)
        await vendor.save("a.txt", "one, by the vendor\n", 1)
        world.stack.model.open("the vendor saved")
        events = await stream.rest()
    results = {
        block["tool_use_id"]: block
        for request in vendor.plays.asked(message)
        for block in request.messages[-1]["content"]
        if block["type"] == "tool_result"
    }

    assert_well_formed(events)
    assert results["toolu_first"]["is_error"] is True
    assert "one, by the vendor" in str(results["toolu_first"]["content"])
    assert [event.data["toolId"] for event in events if event.type == "file_change"] == ["toolu_again"]
    assert await vendor.file("a.txt") == "two, by the vendor\n"


async def test_two_edits_of_one_path_in_a_batch_run_in_the_models_order(vendor: Vendor):
    await vendor.save("a.txt", "one\n")
    message = vendor.says(
        Reply(edit("a.txt", "one", "two"), edit("a.txt", "two", "three"), edit("a.txt", "three", "four")),
        Reply(Text("Done.")),
    )
    events = await vendor.turn(message)

    assert [event.data["version"] for event in events if event.type == "file_change"] == [2]
    assert await vendor.file("a.txt") == "four\n"


async def test_a_turn_is_undone_the_undoing_too_and_later_work_elsewhere_stays(vendor: Vendor):
    for path in ("edited.txt", "moved.txt", "gone.txt"):
        await vendor.save(path, f"{path}\n")
    before = await contents(vendor)
    message = vendor.says(
        Reply(
            edit("edited.txt", "edited", "changed"),
            ToolUse("rename_file", {"path": "moved.txt", "new_path": "here.txt"}),
            ToolUse("create_file", {"path": "new.txt", "content": "new\n"}),
        ),
        Reply(ToolUse("delete_file", {"path": "gone.txt"})),
        Reply(Text("Done.")),
    )
    session = session_of(await vendor.turn(message))
    after = await contents(vendor)
    await vendor.save("later.txt", "later\n")
    turn = (await checkpoints(vendor))[1]
    assert await undone(vendor, session) == [False]

    renamed = next(change for change in turn["changes"] if change["action"] == "renamed")
    assert (renamed["path"], renamed["previousPath"]) == ("here.txt", "moved.txt")
    assert (await undo(vendor, turn)).status_code == 200
    assert await contents(vendor) == {**before, "later.txt": "later\n"}
    assert await undone(vendor, session) == [True]
    undoing = (await checkpoints(vendor))[0]
    assert (undoing["author"], undoing["baseRevision"]) == ("vendor", undoing["revision"] - 1)
    assert (await undo(vendor, undoing)).status_code == 200
    assert await contents(vendor) == {**after, "later.txt": "later\n"}
    assert await undone(vendor, session) == [False]


async def test_undone_turns_stay_undone_when_what_came_after_them_is_undone(vendor: Vendor):
    await vendor.save("a.txt", "zero\n")
    session = None
    for old, new in (("zero", "one"), ("one", "two")):
        message = vendor.says(Reply(edit("a.txt", old, new)), Reply(Text("Done.")))
        session = session_of(await vendor.turn(message, session))
    assert (await undo(vendor, (await checkpoints(vendor))[0])).status_code == 200
    look, change = Reply(ToolUse("read_file", {"path": "a.txt"})), Reply(edit("a.txt", "one", "three"))
    await vendor.turn(vendor.says(look, change, Reply(Text("Done."))), session)
    assert await undone(vendor, str(session)) == [False, True, False]

    third = (await checkpoints(vendor))[0]
    assert (await undo(vendor, third)).status_code == 200
    assert await vendor.file("a.txt") == "one\n"
    assert await undone(vendor, str(session)) == [False, True, True]
    # Undoing what is undone changes nothing, and is no error.
    assert (await undo(vendor, third)).status_code == 200
    assert await undone(vendor, str(session)) == [False, True, True]
    everything = await vendor.client.post(f"{APPS}/{vendor.app}/restore", json={"revision": 0})
    assert everything.status_code == 200
    assert await undone(vendor, str(session)) == [True, True, True]


async def test_an_undo_that_could_not_be_noted_is_done_and_noted_when_tried_again(
    world: World, vendor: Vendor
):
    message = vendor.says(
        Reply(ToolUse("create_file", {"path": "a.txt", "content": "a\n"})), Reply(Text("Done."))
    )
    session = session_of(await vendor.turn(message))
    [turn] = await checkpoints(vendor)
    world.faults.add("drop_request")
    try:
        assert (await undo(vendor, turn)).status_code == 200
    finally:
        world.faults.clear()
    assert await vendor.file("a.txt") is None
    assert await undone(vendor, session) == [False]

    assert (await undo(vendor, turn)).status_code == 200
    assert await undone(vendor, session) == [True]


async def test_undoing_a_turn_whose_file_was_changed_since_is_409_unless_forced(vendor: Vendor):
    await vendor.save("a.txt", "one\n")
    await vendor.turn(vendor.says(Reply(edit("a.txt", "one", "two")), Reply(Text("Done."))))
    await vendor.save("a.txt", "the vendor's\n", 2)
    turn = (await checkpoints(vendor))[1]
    error = assert_error(await undo(vendor, turn), 409, "version_conflict")

    assert error["file"]["content"] == "the vendor's\n"
    assert await vendor.file("a.txt") == "the vendor's\n"
    assert (await undo(vendor, turn, force=True)).status_code == 200
    assert await vendor.file("a.txt") == "one\n"


async def test_what_does_not_parse_is_written_and_claude_is_told(vendor: Vendor):
    message = vendor.says(
        Reply(ToolUse("create_file", {"path": "a.ts", "content": "const a = ;\n"})), Reply(Text("Done."))
    )
    await vendor.turn(message)
    told = str(vendor.plays.asked(message)[1].messages[-1]["content"])

    assert "Syntax check, line 1" in told
    assert await vendor.file("a.ts") == "const a = ;\n"
