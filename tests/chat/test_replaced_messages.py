"""A message that replaces an earlier one: what Claude is sent on the new branch."""

import json
from dataclasses import replace
from typing import Any

import pytest
from turn_world import MODEL, Act, Running, ScriptedModel, Titled, World, asks, message, says

from aicode.history.records import ApiBlock
from aicode.settings import Settings
from chat.agent.model.interface import Answer, AnswerListener, Request
from chat.agent.sections import SUMMARY
from dev.claude.signature import sign
from tests.end_to_end.stack import Event

LIMIT = 10_000


class Conversation:
    """One session, and what Claude was sent in each of its turns."""

    def __init__(self, world: World, settings: Settings | None = None) -> None:
        self._world = world
        self._settings = settings
        self.sid: str | None = None
        self.ids: list[str] = []
        self.sent: list[list[Request]] = []
        self.events: list[list[Event]] = []

    async def turn(self, text: str, *acts: Act, replaces: int | None = None) -> Running:
        """A turn with this message; `replaces` counts messages from 1."""
        replaced = None if replaces is None else self.ids[replaces - 1]
        begun = await self._world.begin(text, self.sid, replaces=replaced)
        self.sid = begun.writer.sid
        self.ids.append(begun.message_id)
        model = ScriptedModel(*acts)
        running = await self._world.start(model=model, begun=begun, settings=self._settings)
        self.events.append(await running.events())
        self.sent.append(model.requests)
        return running


def messages(request: Request) -> list[dict[str, Any]]:
    """The conversation in a request, without the marks for the cache."""
    found: list[dict[str, Any]] = json.loads(json.dumps(request["messages"]))
    for each in found:
        for block in each["content"]:
            block.pop("cache_control", None)
    return found


def words(request: Request) -> str:
    return json.dumps(messages(request), ensure_ascii=False)


def thinks(thought: str, *calls: tuple[str, dict[str, Any]]) -> Act:
    """Answers after some thinking, with calls or a word."""

    async def act(_: Request, listener: AnswerListener) -> Answer:
        listener.thinking(thought)
        thinking: ApiBlock = {"type": "thinking", "thinking": thought, "signature": sign(MODEL, thought)}
        if not calls:
            return message(thinking, {"type": "text", "text": "Thought."})
        answer = await asks(*calls)(_, listener)
        answer.content.insert(0, thinking)
        return answer

    return act


async def test_claude_is_sent_the_same_bytes_up_to_the_replaced_message(world: World):
    chat = Conversation(world)
    await chat.turn("One", asks(("create_file", {"path": "a.txt", "content": "one\n"})), thinks("Hm. é"))
    await chat.turn("Two", thinks("So.", ("read_file", {"path": "a.txt"})), says("Second."))
    await chat.turn("Three", says("Third."))

    await chat.turn("Two, better", says("Better."), replaces=2)
    await chat.turn("Four", says("Fourth."))

    before, anew, after = (messages(chat.sent[turn][0]) for turn in (1, 3, 4))
    assert before[-1]["content"][0]["text"] == "Two"
    assert anew[: len(before) - 1] == before[:-1]
    assert anew[len(before) - 1]["content"][0]["text"] == "Two, better"
    assert after[: len(anew)] == anew
    assert [block["text"] for each in after[len(anew) :] for block in each["content"]] == ["Better.", "Four"]


async def test_claude_is_told_of_the_files_as_they_are_now(world: World):
    chat = Conversation(world)
    await chat.turn("One", asks(("create_file", {"path": "a.txt", "content": "one\n"})), says("Made."))
    edit = ("edit_file", {"path": "a.txt", "edits": [{"old": "one", "new": "two"}]})
    await chat.turn("Two", asks(edit, ("create_file", {"path": "b.txt", "content": "b\n"})), says("Changed."))

    await chat.turn("Two, better", asks(edit), says("I see."), replaces=2)

    first, second = chat.sent[2]
    assert "<app_files>\\na.txt\\nb.txt\\n</app_files>" in words(first)
    assert "was changed by somebody else" in words(second)
    assert await world.files() == {"a.txt": "two\n", "b.txt": "b\n"}


async def test_a_session_whose_first_message_is_replaced_begins_anew_and_gets_another_title(world: World):
    chat = Conversation(world)
    await chat.turn("One", says("First."))
    await chat.turn("Two", says("Second."))
    begun = await world.begin("One, better", chat.sid, replaces=chat.ids[0])
    running = await world.start(model=Titled("A better title"), begun=begun, wants_title=True)
    events = await running.events()

    assert begun.is_first
    assert {entry["turn"] for entry in begun.history} == {3}
    assert [event.data["title"] for event in events if event.type == "session_title"] == ["A better title"]
    assert (await world.view(running.sid)).state.title == "A better title"


async def test_a_message_of_a_new_branch_can_be_replaced_too(world: World):
    chat = Conversation(world)
    for text in ("One", "Two", "Three"):
        await chat.turn(text, says(f"Answer to {text}."))
    await chat.turn("Two again", says("Answer to Two again."), replaces=2)
    await chat.turn("Three again", says("Answer to Three again."))
    await chat.turn("Two at last", says("Answer to Two at last."), replaces=4)
    await chat.turn("Four", says("Answer to Four."))

    said = [block["text"] for each in messages(chat.sent[-1][0]) for block in each["content"]]
    assert [text for text in said if not text.startswith("<app_files>")] == [
        *("One", "Answer to One.", "Two at last", "Answer to Two at last.", "Four"),
    ]
    turns = {entry["turn"] for entry in (await world.view(str(chat.sid))).entries}
    assert turns == {1, 6, 7}


@pytest.fixture
def small(world: World) -> Settings:
    """Settings under which a conversation is long early."""
    return replace(world.settings, compact_at_tokens=LIMIT)


async def test_a_message_before_a_summary_can_be_replaced(world: World, small: Settings):
    chat = Conversation(world, small)
    create = ("create_file", {"path": "a.txt", "content": "a long line\n" * 100})
    await chat.turn("One", thinks("Hm.", create), says("Made."))
    await chat.turn("Two", says("Second.", tokens=LIMIT))
    await chat.turn("Three", says("The summary."), says("Third."))

    await chat.turn("Two, better", says("Better."), replaces=2)
    await chat.turn("Four", says("Fourth."))

    anew = words(chat.sent[3][0])
    assert len(chat.sent[3]) == 1
    assert all(part in anew for part in ('"One"', "characters more]", "Made.", "Two, better"))
    assert not any(part in anew for part in ("Second.", "Three", "The summary.", '"thinking"'))
    assert words(chat.sent[4][0]).startswith(anew[:-1])


async def test_a_message_between_two_summaries_is_replaced_behind_the_earlier_one(
    world: World, small: Settings
):
    chat = Conversation(world, small)
    await chat.turn("One", says("First.", tokens=LIMIT))
    await chat.turn("Two", says("The earlier summary."), says("Second."))
    await chat.turn("Three", says("Third.", tokens=LIMIT))
    await chat.turn("Four", says("The later summary."), says("Fourth."))

    await chat.turn("Three, better", says("Better."), replaces=3)
    begun = await world.begin("Five", chat.sid)

    anew = words(chat.sent[4][0])
    assert f"<{SUMMARY}>" in anew
    assert all(part in anew for part in ("The earlier summary.", "Two", "Second.", "Three, better"))
    assert not any(part in anew for part in ("First.", "Third.", "The later summary."))
    assert {entry["turn"] for entry in begun.history} == {2, 5, 6}


async def test_a_summary_of_a_branch_that_was_left_is_forgotten(world: World, small: Settings):
    chat = Conversation(world, small)
    await chat.turn("One", says("First.", tokens=LIMIT))
    await chat.turn("Two", says("The summary."), says("Second."))

    await chat.turn("Two, better", says("Another summary."), says("Better."), replaces=2)

    asked, anew = chat.sent[2]
    assert "First." in words(asked)
    assert "Another summary." in words(anew)
    assert "The summary." not in words(anew)
