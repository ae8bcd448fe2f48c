"""Long sessions over the whole product: read from the cache, shortened in time, whole for the vendor."""

import json
from pathlib import Path
from typing import Any

from dev.claude import Reply, Script, Text, ToolUse
from dev.claude.cache import count_tokens
from dev.claude.received import Received
from tests.end_to_end.stack import Event, Stack, serve, session_of, texts

WISHES = (
    "Build a todo app with React",
    "Make the heading blue",
    "Rename the button to Save",
    "Make the background green",
    "Add a footer with the text Made by us",
)
TURNS = 40


def conversation(stack: Stack) -> list[Received]:
    """The requests of the session's turns, without those for titles and summaries."""
    return [request for request in stack.model.requests if request.body.get("tools")]


def used(events: list[Event]) -> dict[str, float]:
    return events[-1].data["usage"]


async def test_from_the_second_step_on_nine_tenths_of_what_is_sent_come_from_the_cache(tmp_path: Path):
    async with serve(tmp_path, None, TITLE_MODEL="none") as stack:
        usages: list[dict[str, float]] = []
        session: str | None = None
        for wish in WISHES:
            events = await stack.turn(wish, session)
            assert events[-1].type == "message_complete"
            session = session_of(events)
            usages.append(used(events))
        sent = conversation(stack)

    def total(name: str) -> float:
        return sum(usage[name] for usage in usages)

    everything = total("inputTokens") + total("cacheReadTokens") + total("cacheWriteTokens")
    first = count_tokens(sent[0].body)
    assert len(sent) > len(WISHES)
    assert total("cacheReadTokens") / (everything - first) >= 0.9
    assert all(usage["cacheReadTokens"] > 0 for usage in usages[1:])


def long_answers(request: Received, n: int) -> Reply:
    """Reads a file, then says a lot, over and over."""
    if n % 2 == 0:
        return Reply(ToolUse("list_files", {}), stop_reason="tool_use")
    return Reply(Text(f"Answer {n // 2 + 1}. " + "More words. " * 300))


async def test_a_session_that_grows_for_ever_is_shortened_again_and_again_and_stays_whole(tmp_path: Path):
    script = Script(long_answers)
    async with serve(
        tmp_path, script, COMPACT_AT_TOKENS="12000", RATE_LIMIT_PER_MINUTE="10000", TITLE_MODEL="none"
    ) as stack:
        session: str | None = None
        notices, sizes = list[int](), list[int]()
        for turn in range(1, TURNS + 1):
            events = await stack.turn(f"Question {turn}", session)
            assert events[-1].type == "message_complete"
            assert texts(events).startswith(f"Answer {turn}.")
            session = session_of(events)
            notices += [turn for event in events if event.type == "notice"]
            sizes.append(len(json.dumps(conversation(stack)[-1].messages)))
        pages = await all_pages(stack, str(session))
        state = await stack.session(str(session), limit=1)
        asked = [request for request in stack.model.requests if not request.body.get("tools")]

    assert len(notices) >= 3
    assert max(sizes[TURNS // 2 :]) <= max(sizes[: TURNS // 2]) * 1.1
    assert {request.body["model"] for request in asked} == {"claude-haiku-5-5"}
    assert len(asked) == len(notices)
    said = [block["text"] for message in pages for block in message["content"] if block["type"] == "text"]
    assert [text for text in said if text.startswith("Question")] == [
        f"Question {turn}" for turn in range(1, TURNS + 1)
    ]
    assert state["metadata"]["turns"] == TURNS
    told = [block["text"] for m in pages for block in m["content"] if block["type"] == "notice"]
    assert len(told) == len(notices)


async def all_pages(stack: Stack, session: str) -> list[dict[str, Any]]:
    """The whole history, paged from its end."""
    messages: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 25}
    while True:
        page = await stack.session(session, **query)
        messages = page["messages"] + messages
        if not page["hasMore"]:
            return messages
        query["before"] = messages[0]["id"]
