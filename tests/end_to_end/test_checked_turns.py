"""An app that is type-checked and bundled within a turn, by the build function itself."""

import pytest

from dev.claude import Reply, Text, ToolUse
from dev.claude.received import Received
from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import Event, Json, assert_well_formed, session_of, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG = "export default function App() {\n  const days: number = 'three';\n  return <p>{days}</p>;\n}\n"
BREAK = ToolUse("create_file", {"path": "src/App.tsx", "content": WRONG})
MEND = ToolUse("edit_file", {"path": "src/App.tsx", "edits": [{"old": "'three'", "new": "3"}]})


def checks(events: list[Event]) -> list[Json]:
    return [event.data for event in events if event.type == "check_finished"]


def last_texts(request: Received) -> str:
    return "\n".join(block["text"] for block in request.messages[-1]["content"] if block["type"] == "text")


async def test_claude_is_told_of_its_type_error_and_mends_it(vendor: Vendor):
    message = vendor.says(
        Reply(Text("I'll write it."), BREAK),
        Reply(Text("Done.")),
        Reply(Text("I'll mend it."), MEND),
        Reply(Text("Mended.")),
    )

    events = await vendor.turn(message)

    assert_well_formed(events)
    assert texts(events) == "I'll write it.Done.I'll mend it.Mended."
    red, green = checks(events)
    (error,) = red["errors"]
    assert (error["path"], error["line"], error["column"]) == ("src/App.tsx", 2, 9)
    assert (error["code"], error["known"]) == ("TS2322", False)
    assert (green["ok"], green["errors"]) == (True, [])
    assert (red["revision"], green["revision"]) == (1, 2)
    assert events[-1].type == "message_complete"
    told = last_texts(vendor.plays.asked(message)[2])
    assert told.startswith("<app_check>\n1 error is left.\nsrc/App.tsx:2:9 TS2322 ")


async def test_a_session_and_a_replay_from_its_history_tell_what_was_checked(vendor: Vendor):
    events = await vendor.turn(
        vendor.says(Reply(BREAK), Reply(Text("Done.")), Reply(MEND), Reply(Text("Yes.")))
    )
    session = session_of(events)
    await vendor.forget_events(session)

    read = await vendor.session(session)
    replayed = await vendor.missed(session, "1-0")

    blocks = [block for message in read["messages"] for block in message["content"]]
    told = [{k: v for k, v in block.items() if k != "type"} for block in blocks if block["type"] == "check"]
    assert told == checks(replayed) == checks(events)
    assert len(told) == 2


async def test_claude_checks_what_it_has_just_saved_when_it_likes(vendor: Vendor):
    message = vendor.says(Reply(BREAK, ToolUse("check_app", {})), Reply(MEND), Reply(Text("Mended.")))

    events = await vendor.turn(message)

    assert [check["ok"] for check in checks(events)] == [False, True]
    result = vendor.plays.asked(message)[1].messages[-1]["content"][-1]["content"]
    assert "src/App.tsx:2:9 TS2322" in str(result)
