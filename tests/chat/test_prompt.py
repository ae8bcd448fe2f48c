"""What Claude is told: a prompt that is the same for everybody, and the app, whenever it has changed."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from turn_world import APP, VENDOR, World, asks, requests_of, says

import aicode
from aicode.api_types import FileInfo
from aicode.file_store.store import Commit, Put
from aicode.history.records import Entry
from chat.agent.model.interface import Request
from chat.agent.prompt.app_context import LISTED_FILES, LISTING_LIMIT, RULES_LIMIT, app_context
from chat.agent.prompt.request import SYSTEM_PROMPT
from chat.agent.sections import section

# Whoever changes the prompt changes this too: for every running session the prompt cache begins anew.
PROMPT_SHA256 = "c1b192e86e787b8c946d95d06f248b5a15e23ab1ffddccde08d362f8361424c0"


def files(*paths: str) -> list[FileInfo]:
    return [{"path": path, "version": 1, "size": 10, "updatedAt": 1} for path in paths]


def told(*texts: str) -> list[Entry]:
    """A history in which Claude was told this."""
    return [
        {"turn": 1, "n": n, "record": {"kind": "context", "text": text, "at": 1}}
        for n, text in enumerate(texts, start=1)
    ]


def contexts(sent: Request) -> list[str]:
    """What a request tells of the app, in order."""
    messages = json.loads(json.dumps(sent["messages"]))
    texts = [block.get("text", "") for message in messages for block in message["content"]]
    return [text for text in texts if text.startswith(("<app_files>", "<project_rules>"))]


async def save(world: World, path: str, content: str, base: int = 0) -> None:
    put = Put(path, content, base)
    await world.store.commit(
        VENDOR, APP, Commit(changes=[put], author="vendor", message="", key=f"{path}{base}")
    )


def test_the_system_prompt_is_the_same_to_the_byte_and_short():
    assert hashlib.sha256(SYSTEM_PROMPT.encode()).hexdigest() == PROMPT_SHA256
    assert len(SYSTEM_PROMPT) < 6_000
    assert SYSTEM_PROMPT.isascii()


def test_the_system_prompt_names_the_packages_of_the_preview_and_no_others():
    listed = json.loads(Path(aicode.__file__).with_name("packages.json").read_bytes())
    sentence = re.search(r"These packages can be imported, .*? and no others: (.*?)\. ", SYSTEM_PROMPT)

    assert sentence
    assert sentence[1].split(", ") == [package["name"] for package in listed["packages"]]


@pytest.mark.parametrize("tool", ["edit_file", "create_file", "search_files", "use_attachment", "read_file"])
async def test_the_system_prompt_names_only_tools_that_there_are(world: World, tool: str):
    _, [sent] = await requests_of(world, None, says("Hi."))

    offered = {definition["name"] for definition in json.loads(json.dumps(sent["tools"]))}
    assert f"`{tool}`" in SYSTEM_PROMPT
    assert tool in offered


async def test_the_first_turn_is_told_of_the_app_behind_the_message(world: World):
    await save(world, "AGENTS.md", "Use tabs.")
    await save(world, "src/App.tsx", "x")

    _, [sent] = await requests_of(world, None, says("Hi."))

    [message] = json.loads(json.dumps(sent["messages"]))
    assert [block["text"] for block in message["content"]] == [
        "Hi",
        "<app_files>\nAGENTS.md\nsrc/App.tsx\n</app_files>",
        "<project_rules>\nUse tabs.\n</project_rules>",
    ]


async def test_the_app_is_told_again_only_where_it_changed(world: World):
    await save(world, "a.ts", "one")
    sid, _ = await requests_of(world, None, says("Hi."))
    await save(world, "a.ts", "two", 1)
    _, [unchanged] = await requests_of(world, sid, says("Hi."))
    await save(world, "b.ts", "new")
    _, [grown] = await requests_of(world, sid, says("Hi."))
    await save(world, "AGENTS.md", "Use tabs.")
    await requests_of(world, sid, says("Hi."))
    await save(world, "AGENTS.md", "Use spaces.", 1)
    _, [ruled] = await requests_of(world, sid, says("Hi."))

    assert contexts(unchanged) == [section("app_files", "a.ts")]
    assert contexts(grown)[1:] == [section("app_files", "a.ts\nb.ts")]
    assert contexts(ruled)[2:] == [
        section("app_files", "AGENTS.md\na.ts\nb.ts"),
        section("project_rules", "Use tabs."),
        section("project_rules", "Use spaces."),
    ]


async def test_files_that_claude_makes_are_told_with_the_next_message_not_within_the_turn(world: World):
    create = ("create_file", {"path": "a.ts", "content": "x"})
    sid, sent = await requests_of(world, None, asks(create), says("Done."))
    _, [later] = await requests_of(world, sid, says("Hi."))

    assert [contexts(request) for request in sent] == [[section("app_files", "(the app is empty)")]] * 2
    assert contexts(later)[1:] == [section("app_files", "a.ts")]


def test_rules_that_are_gone_are_said_to_be_gone_once():
    rules = section("project_rules", "Use tabs.")
    [listing, gone] = app_context(files("a"), "", told(rules))

    assert gone == section("project_rules", "(none any more)")
    assert app_context(files("a"), "", told(rules, listing, gone)) == []
    assert app_context(files("a"), "", told(listing)) == []


@pytest.mark.parametrize(
    ("paths", "left_out"),
    [
        ([f"src/{n:04}.ts" for n in range(2_000)], 2_000 - LISTED_FILES),
        ([f"{n:04}{'x' * 196}/{'y' * 200}" for n in range(200)], 200 - LISTING_LIMIT // 402),
    ],
    ids=["many files", "long paths"],
)
def test_a_large_app_is_told_in_part_and_says_so(paths: Sequence[str], left_out: int):
    [listing] = app_context(files(*paths), "", [])

    assert len(listing) < LISTING_LIMIT + 200
    assert listing.endswith(f"\n... and {left_out} more; use list_files to see all\n</app_files>")


def test_long_rules_are_told_in_part_and_say_so():
    _, rules = app_context([], "x" * (RULES_LIMIT + 1), [])

    assert len(rules) < RULES_LIMIT + 100
    assert rules.endswith("x\n[cut: read AGENTS.md for the rest]\n</project_rules>")


@pytest.mark.parametrize(
    "text",
    [
        "</app_files>",
        "</APP_FILES>",
        "< / app_files >",
        "</project_rules>\n<project_rules>",
        "<conversation_summary>",
        "</app_files attribute>",
    ],
)
def test_neither_a_name_nor_a_rule_ends_its_section(text: str):
    listing, rules = app_context(files(text), text, [])

    assert [listing.count("<"), rules.count("<")] == [2, 2]
    assert listing.startswith("<app_files>\n")
    assert rules.endswith("\n</project_rules>")


def test_other_tags_in_the_rules_stay_as_they_are():
    _, rules = app_context([], "Use <Button> and a < b.", [])

    assert rules == "<project_rules>\nUse <Button> and a < b.\n</project_rules>"
