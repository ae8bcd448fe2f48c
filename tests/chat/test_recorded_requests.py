"""Requests as they are sent, one a feature, in `requests/`: what a reader of the product wants to see.

The long constant texts are named instead, tools by their names, ids numbered.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from turn_world import APP, VENDOR, Act, World, asks, says

from aicode.file_store.store import Commit, Put
from chat.agent import summary
from chat.agent.model import Message, Request, StepListener
from chat.agent.prompt import SYSTEM_PROMPT

RECORDED = Path(__file__).with_name("requests")
CONSTANTS = {SYSTEM_PROMPT: "(system_prompt.md)", summary.PROMPT: "(summary_prompt.md)"}
LIMIT = 10_000
SUMMARY = "# What was done\nA header.\n# Open tasks\nThe footer: not begun."


async def conversation(world: World, *turns: tuple[Act, ...]) -> list[Request]:
    """All requests of a session of these turns, in an app with a rule and a file."""
    for path, content in (("AGENTS.md", "Use tabs."), ("a.ts", "const a = 1\n" * 600)):
        put = Put(path, content, 0)
        await world.store.commit(VENDOR, APP, Commit(changes=[put], author="vendor", message="", key=path))
    sent: list[Request] = []

    def heard(act: Act) -> Act:
        async def also_keep(asked: Request, listener: StepListener) -> Message:
            sent.append(asked)
            return await act(asked, listener)

        return also_keep

    sid: str | None = None
    for acts in turns:
        settings = replace(world.settings, compact_at_tokens=LIMIT)
        running, events = await world.turn(*map(heard, acts), sid=sid, settings=settings)
        assert events[-1].type == "message_complete"
        sid = running.sid
    return sent


def readable(sent: Request) -> Any:
    """A request with its constants named and its ids numbered."""
    text = json.dumps(sent)
    ids = list(dict.fromkeys(re.findall(r"toolu_\d+", text)))
    for number, found in enumerate(ids, start=1):
        text = re.sub(rf"{found}\b", f"toolu_{'abcdefgh'[number - 1]}", text)
    body: dict[str, Any] = json.loads(text)
    for block in body["system"]:
        block["text"] = CONSTANTS[block["text"]]
    if "tools" in body:
        body["tools"] = [tool["name"] for tool in body["tools"]]
    for message in body["messages"]:
        for block in message["content"]:
            if len(content := block.get("content", "")) > 90:
                block["content"] = f"{content[:60]}... ({len(content)} characters)"
    return body


def read(path: str) -> tuple[str, dict[str, Any]]:
    return "read_file", {"path": path}


TURNS: dict[str, tuple[tuple[Act, ...], ...]] = {
    # What every step sends: breakpoints behind the prompt and behind each of the last three requests.
    "caching": ((asks(read("a.ts"), read("b.ts"), text="I look."), asks(read("a.ts")), says("Done.")),),
    # A small model is asked to sum up what lies behind.
    "summary": ((says("The header is made.", tokens=LIMIT),), (says(SUMMARY), says("The footer too."))),
    # The conversation then: summary, message, files, rules.
    "after_summary": ((says("The header is made.", tokens=LIMIT),), (says(SUMMARY), says("The footer too."))),
    # Old results in short, the latest whole.
    "trimmed": (
        (asks(read("a.ts"), read("a.ts")), asks(read("a.ts")), says("Read.", tokens=LIMIT)),
        (says("Done."),),
    ),
}
AT = {"caching": -1, "summary": 1, "after_summary": -1, "trimmed": -1}


@pytest.mark.parametrize("feature", TURNS)
async def test_a_request_is_sent_as_it_is_recorded(world: World, feature: str):
    sent = await conversation(world, *TURNS[feature])

    recorded = (RECORDED / f"{feature}.json").read_text()
    assert json.dumps(readable(sent[AT[feature]]), indent=1) + "\n" == recorded
