"""SIGKILL while the app is checked at the end of a turn: the answer is kept, and the check is made again."""

import asyncio

import pytest
from crash_world import FaultWorld, assert_nothing_refused, joined, ownerless

from dev.claude import Reply, Text, ToolUse
from tests.end_to_end.stack import assert_well_formed, texts
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG = ToolUse(
    "create_file", {"path": "src/App.tsx", "content": "const a: number = 'b';\nexport default a;\n"}
)
MEND = ToolUse("edit_file", {"path": "src/App.tsx", "edits": [{"old": "'b'", "new": "1"}]})


async def test_a_check_under_way_is_made_again_by_the_next_owner(world: FaultWorld):
    vendor, session = await world.vendor_with_session()
    message = vendor.says(Reply(WRONG), Reply(Text("Done.")), Reply(MEND), Reply(Text("Mended.")))
    async with asyncio.timeout(PATIENCE), world.watched(vendor.post(message, session)) as watched:
        await until(lambda: any(process.busy for process in world.stack.server.processes("build")))
        seen = await watched.kill()
    assert (await ownerless(vendor, session))["status"] == "interrupted"

    after = seen[-1].id
    async with asyncio.timeout(PATIENCE), vendor.resume(session, after, **{"continue": "1"}) as stream:
        assert stream.response.status_code == 200
        page = joined(seen, await stream.rest())

    assert_well_formed(page)
    assert texts(page) == "Done.Mended."
    assert [event.data["ok"] for event in page if event.type == "check_finished"] == [False, True]
    assert len(vendor.plays.asked(message)) == 4
    assert page[-1].type == "message_complete"
    assert_nothing_refused(world)
