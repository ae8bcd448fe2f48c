"""What the vendor is told while Claude does not answer."""

import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from model_world import VENDOR, fault_world

from aicode.history.vendor_view import messages
from dev.claude import Reply, Text
from tests.end_to_end.stack import Event, assert_well_formed, texts

Run = Callable[[Coroutine[Any, Any, None]], None]


def told(events: list[Event]) -> list[dict[str, str]]:
    return [event.data for event in events if event.type == "notice"]


def test_an_overload_of_some_seconds_is_told_once_and_stays_in_the_conversation(tmp_path: Path, run: Run):
    replies = [Reply(status=529, retry_after=4.0)] * 3 + [Reply(Text("At last."))]

    async def overloaded() -> None:
        async with fault_world(tmp_path, lambda _request, n: replies[n], "seed", {}) as made:
            sid, events = await made.turn(await made.new_app(), "Hi")
            view = await made.sessions.read(VENDOR, sid)

        assert_well_formed(events)
        assert texts(events) == "At last."
        [notice] = told(events)
        assert notice["kind"] == "other"
        assert re.fullmatch(r"Claude is overloaded\. Trying again for up to \d+ s more\.", notice["text"])
        kinds = [event.type for event in events]
        assert kinds.index("notice") < kinds.index("text_delta")
        shown = [block for message in messages(view.entries) for block in message["content"]]
        assert [block["text"] for block in shown if block["type"] == "notice"] == [notice["text"]]

    run(overloaded())


def test_an_overload_that_is_soon_over_is_not_told(tmp_path: Path, run: Run):
    replies = [Reply(status=529, retry_after=1.0), Reply(Text("Here."))]

    async def overloaded() -> None:
        async with fault_world(tmp_path, lambda _request, n: replies[n], "seed", {}) as made:
            _, events = await made.turn(await made.new_app(), "Hi")
        assert (told(events), texts(events)) == ([], "Here.")

    run(overloaded())
