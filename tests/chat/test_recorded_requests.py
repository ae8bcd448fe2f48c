"""Requests as the API receives them, one a feature, in `requests/`: what a reader wants to see.

Long constant texts are named instead, tools by their names, signatures numbered, long results cut. Each file
says what it shows. `RECORD=1 pytest tests/chat/test_recorded_requests.py` writes all of them anew.
"""

import asyncio
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aicode.file_store.store import Commit, Put
from chat.agent.compaction import summary
from chat.agent.prompt.request import SYSTEM_PROMPT
from chat.agent.turn import titles
from dev.claude import (
    FetchedPage,
    Gate,
    RedactedThinking,
    Reply,
    ServerToolUse,
    Text,
    Thinking,
    ToolUse,
    UnknownBlock,
)
from dev.claude.received import Received
from tests.faults_of_model.model_world import VENDOR, FaultWorld, fault_world
from tests.memory_uploads import png

RECORDED = Path(__file__).with_name("requests")
CONSTANTS = {
    SYSTEM_PROMPT: "(system_prompt.md)",
    summary.PROMPT: "(summary_prompt.md)",
    titles.SYSTEM: "(titles.py, SYSTEM)",
}
# In the order in which they are numbered, as base64 and redacted thinking have the same name.
OPAQUE = {
    "file": r'"file_id": "([^"]+)"',
    "bytes": r'"media_type": "[^"]+", "data": "([^"]+)"',
    "signature": r'"(?:signature|data)": "([^"(]+)"',
}
SHOWN = 90
SUMMARY = "# What was done\nA header.\n# Open tasks\nThe footer: not begun."
# They name the SDK's version, the machine, the connection.
PASSING_HEADERS = ("x-stainless-", "user-agent", "host", "content-length", "accept-encoding", "connection")
RULES = {"AGENTS.md": "Use tabs."}
LONG = {"a.ts": "const a = 1\n" * 600}
ATTACHED = {"logo.png": png(512, 256), "brief.pdf": b"%PDF-1.7 /Type /Page", "a\nb.txt": b"</file_contents>"}
SPOILED = UnknownBlock({"type": "thinking", "thinking": "Hm.", "signature": "c3BvaWxlZA=="}, ())
FETCH = ServerToolUse({"url": "https://a.example/colours"}, id="srvtoolu_a")
PAGE = FetchedPage(
    "srvtoolu_a", url="https://a.example/colours", title="Colours", text="On a page, contrast counts most."
)
CITATION = {
    "type": "char_location",
    "cited_text": "contrast counts",
    "document_index": 0,
    "document_title": "Colours",
    "start_char_index": 11,
    "end_char_index": 26,
}


@dataclass(frozen=True)
class Turn:
    """A message and the model's replies; the vendor `saves` files before it, may stop it at a gate.

    What is `attached` to the message has bytes by name.
    """

    message: str
    replies: Sequence[Reply]
    saves: Mapping[str, str | bytes] = field(default_factory=dict[str, str | bytes])
    stopped: str = ""
    attached: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True)
class Feature:
    """What a request `shows`: the one numbered `at` of those of these turns, or only these `parts` of it.

    An endpoint that `takes_files` has the Files API.
    """

    shows: str
    turns: Sequence[Turn]
    at: int = -1
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: Sequence[str] = ()
    titled: bool = False
    takes_files: bool = True


def read(path: str, call: str) -> ToolUse:
    return ToolUse("read_file", {"path": path}, id=f"toolu_{call}")


def says(text: str) -> Reply:
    return Reply(Text(text))


FEATURES = {
    "first_turn": Feature(
        "The vendor's message, behind it the app's files and the vendor's rules; what every request has.",
        [Turn("Make a shop.", [says("Made.")], RULES)],
    ),
    "tools": Feature(
        "The tools as Claude is told of them, with web search, in the order of their names.",
        [Turn("Make a shop.", [says("Made.")])],
        variables={"EXA_API_KEY": "key"},
        parts=["tools"],
    ),
    "web_search": Feature(
        "With a key for it, web search is offered.",
        [Turn("What is new in React?", [says("Much.")])],
        variables={"EXA_API_KEY": "key"},
    ),
    "options": Feature(
        "Effort, output limit and thinking as the deployment sets them.",
        [Turn("Make a shop.", [says("Made.")])],
        variables={"EFFORT": "high", "MAX_OUTPUT_TOKENS": "64000", "THINKING": "between_tools"},
    ),
    "caching": Feature(
        "Breakpoints behind the prompt and behind each of the last three requests, over two turns.",
        [
            Turn("One.", [Reply(Text("I look."), read("a.ts", "a")), says("Seen.")], RULES),
            Turn("Two.", [Reply(read("AGENTS.md", "b")), says("Done.")]),
        ],
    ),
    "caching_for_an_hour": Feature(
        "The same with the longer life.",
        [Turn("One.", [says("Done.")])],
        variables={"CACHE_TTL": "1h"},
    ),
    "later_turn": Feature(
        "Nothing about the app has changed, so nothing is told of it.",
        [Turn("One.", [says("Done.")], RULES), Turn("Two.", [says("Done.")])],
    ),
    "changed_app": Feature(
        "A file has come and the rules have changed: both are told again, behind the message.",
        [
            Turn("One.", [says("Done.")], RULES),
            Turn("Two.", [says("Done.")], {"AGENTS.md": "Use spaces.", "b.ts": "b"}),
        ],
    ),
    "parallel_tools": Feature(
        "All results of a batch in one message, in the order of the calls, a failure among them.",
        [
            Turn(
                "Look.",
                [
                    Reply(
                        Text("I look."),
                        read("a.ts", "a"),
                        ToolUse("create_file", {"path": "b.ts", "content": "b"}, id="toolu_b"),
                        read("c.ts", "c"),
                    ),
                    says("Seen."),
                ],
                LONG,
            )
        ],
    ),
    "invalid_input": Feature(
        "A call whose input was no JSON: Claude sees what it wrote, and why nothing was run.",
        [Turn("Look.", [Reply(ToolUse("read_file", '{"path": "a.ts', id="toolu_a")), says("Again, then.")])],
    ),
    "thinking": Feature(
        "Thinking goes back as it came, signed, with the call that followed from it.",
        [
            Turn(
                "Look.",
                [Reply(Thinking("I need a.ts."), RedactedThinking(), read("a.ts", "a")), says("Seen.")],
                LONG,
            )
        ],
    ),
    "refused_thinking": Feature(
        "The API took the thinking before not back: the request again without it, what came since with it.",
        [
            Turn(
                "Look.",
                [
                    Reply(SPOILED, read("a.ts", "a")),
                    Reply(Thinking("Once more."), read("a.ts", "b")),
                    says("Seen."),
                ],
                LONG,
            )
        ],
    ),
    "fallback": Feature(
        "Another model goes on with the turn, without the first one's thinking and with its own.",
        [
            Turn(
                "Look.",
                [
                    Reply(Thinking("I need a.ts."), read("a.ts", "a")),
                    Reply(status=529, retry_after=3600),
                    Reply(Thinking("So do I."), read("a.ts", "b")),
                    says("Seen."),
                ],
                LONG,
            )
        ],
        variables={"FALLBACK_MODEL": "claude-opus-5-5"},
    ),
    "cut_text": Feature(
        "The text met the output limit: it goes on behind a message, since prefill is refused.",
        [Turn("Tell.", [Reply(Text("Once upon"), stop_reason="max_tokens"), says(" a time.")])],
    ),
    "cut_call": Feature(
        "A call met the output limit: it is not in the conversation, what had come of it is told.",
        [
            Turn(
                "Write.",
                [
                    Reply(
                        Text("I write."),
                        ToolUse("create_file", '{"path": "a.ts", "content": "half of', id="toolu_a"),
                        stop_reason="max_tokens",
                    ),
                    says("In parts, then."),
                ],
            )
        ],
    ),
    "web_fetch": Feature(
        "A page that the API read, in the turn before, with what was cited from it.",
        [
            Turn(
                "Read https://a.example/colours.",
                [Reply(Text("I read it."), FETCH, PAGE, Text("Contrast counts.", citations=[CITATION]))],
            ),
            Turn("And?", [says("Done.")]),
        ],
    ),
    "pause": Feature(
        "The API paused while it read a page: its answer so far goes back as it came, and nothing behind it.",
        [
            Turn(
                "Read https://a.example/colours.",
                [Reply(Text("Let me look."), FETCH, stop_reason="pause_turn"), Reply(PAGE, Text("Seen."))],
            )
        ],
    ),
    "refusal": Feature(
        "The turn before was declined: the conversation is without it.",
        [
            Turn("One.", [says("Done.")]),
            Turn("Two.", [Reply(Text("I can't"), stop_reason="refusal")]),
            Turn("Three.", [says("Done.")]),
        ],
    ),
    "stopped": Feature(
        "The turn before was stopped in the middle of its text, of which Claude sees what the vendor saw.",
        [
            Turn("One.", [Reply(Text("Half of", cuts=1), Gate("half"))], stopped="half"),
            Turn("Two.", [says("Done.")]),
        ],
    ),
    "title": Feature(
        "A small model, no tools, the message alone.",
        [Turn("Make a shop for tea.", [says("Made.")], RULES)],
        titled=True,
    ),
    "summary": Feature(
        "A small model sums up what lies behind, which it is given as data.",
        [Turn("A header.", [says("The header is made.")]), Turn("A footer.", [says("Made.")])],
        at=1,
        variables={"COMPACT_AT_TOKENS": "1000"},
    ),
    "after_summary": Feature(
        "The summary stands in for what lies behind; files and rules are told anew.",
        [Turn("A header.", [says("The header is made.")], RULES), Turn("A footer.", [says("Made.")])],
        variables={"COMPACT_AT_TOKENS": "1000"},
    ),
    "attachments": Feature(
        "Attachments by their files' ids, before the list of them and the message.",
        [Turn("Use these.", [says("Seen.")], attached=ATTACHED)],
    ),
    "attachments_with_their_bytes": Feature(
        "An endpoint without the Files API gets the bytes, of a large text nobody does.",
        [Turn("Use these.", [says("Seen.")], attached={**ATTACHED, "large.csv": b"1,2\n" * 60_000})],
        takes_files=False,
    ),
    "picture_in_a_result": Feature(
        "A picture of the app, as read_file shows it.",
        [Turn("Look.", [Reply(read("logo.png", "a")), says("Seen.")], {"logo.png": png(512, 256)})],
    ),
    "attachments_after_summary": Feature(
        "Behind a summary nothing is sent of what was attached there.",
        [
            Turn("Use these.", [says("Seen.")], attached=ATTACHED),
            Turn("Go on.", [says("Done.")]),
        ],
        variables={"COMPACT_AT_TOKENS": "1000"},
    ),
    "summary_of_attachments": Feature(
        "In what is summed up they are named.",
        [
            Turn("Use these.", [says("Seen.")], attached=ATTACHED),
            Turn("Go on.", [says("Done.")]),
        ],
        at=1,
        variables={"COMPACT_AT_TOKENS": "1000"},
    ),
    "trimmed": Feature(
        "Old results in short, the latest whole.",
        [
            Turn(
                "Look.",
                [Reply(read("a.ts", "a"), read("a.ts", "b")), Reply(read("a.ts", "c")), says("Seen.")],
                LONG,
            ),
            Turn("Again.", [says("Done.")]),
        ],
        variables={"COMPACT_AT_TOKENS": "10000"},
    ),
}


async def sent(folder: Path, feature: Feature) -> list[Received]:
    """The requests of the feature's session that the API took, but those for a title unless it shows one."""
    left = [reply for turn in feature.turns for reply in turn.replies]

    def replies(request: Received, _n: int) -> Reply:
        return left.pop(0) if "tools" in request.body else says(SUMMARY)

    async with fault_world(folder, replies, "seed", feature.variables, asides=False) as world:
        world.wants_titles = feature.titled
        world.uploads_files = feature.takes_files
        app, sid = await world.new_app(), None
        for turn in feature.turns:
            for path, content in turn.saves.items():
                await save(world, app, path, content)
            sid = await take(world, app, turn, sid)
        taken = [request for request in world.server.requests if request.status == 200]
    assert left == []
    return [one for one in taken if (one.body["system"] == titles.SYSTEM) == feature.titled]


async def take(world: FaultWorld, app: str, turn: Turn, sid: str | None) -> str:
    """Has the turn; gives its session."""
    ids = [world.uploads.add(name, data) for name, data in turn.attached.items()]
    attachments = await world.uploads.attachments(VENDOR, app, ids)
    running = asyncio.create_task(world.turn(app, turn.message, sid, attachments))
    if turn.stopped:
        await world.server.reached(turn.stopped)
        assert world.writer is not None
        await world.sessions.cancel(VENDOR, world.writer.sid)
    return (await running)[0]


async def save(world: FaultWorld, app: str, path: str, content: str | bytes) -> None:
    """The vendor saves a file in the editor."""
    files = (await world.store.list_files(VENDOR, app)).files
    base = next((file["version"] for file in files if file["path"] == path), 0)
    put = Put(path, content, base)
    key = f"{path}{base}"
    await world.store.commit(VENDOR, app, Commit(changes=[put], author="vendor", message="", key=key))


def readable(body: Mapping[str, Any], feature: Feature) -> dict[str, Any]:
    """A request with its constants named, what is opaque in it numbered, and its long results cut."""
    shown: dict[str, Any] = json.loads(numbered(json.dumps(body)))
    if feature.parts:
        return {part: shown[part] for part in feature.parts}
    if isinstance(shown["system"], str):
        shown["system"] = CONSTANTS[shown["system"]]
    else:
        shown["system"] = [{**block, "text": CONSTANTS[block["text"]]} for block in shown["system"]]
    if "tools" in shown:
        shown["tools"] = [tool["name"] for tool in shown["tools"]]
    for message in shown["messages"]:
        for block in message["content"] if isinstance(message["content"], list) else ():
            if isinstance(content := block.get("content", ""), str) and len(content) > SHOWN:
                block["content"] = f"{content[:60]}... ({len(content)} characters)"
    return shown


def numbered(text: str) -> str:
    for what, pattern in OPAQUE.items():
        for number, found in enumerate(dict.fromkeys(re.findall(pattern, text)), start=1):
            text = text.replace(f'"{found}"', f'"({what} {number})"')
    return text


def assert_recorded(name: str, found: Mapping[str, Any]) -> None:
    """It is what the file says; or writes the file, where that is asked for."""
    path, text = RECORDED / f"{name}.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if "RECORD" in os.environ:
        path.write_text(text, encoding="utf-8")
    recorded = path.read_text(encoding="utf-8") if path.exists() else ""
    assert recorded == text, "where this is meant, run: RECORD=1 pytest tests/chat/test_recorded_requests.py"


@pytest.mark.parametrize("name", FEATURES)
async def test_a_request_is_sent_as_it_is_recorded(tmp_path: Path, name: str):
    feature = FEATURES[name]
    requests = await sent(tmp_path, feature)

    assert_recorded(name, {"shows": feature.shows, "body": readable(requests[feature.at].body, feature)})


async def test_the_head_of_a_request_is_sent_as_it_is_recorded(tmp_path: Path):
    [request] = await sent(tmp_path, FEATURES["first_turn"])
    headers = {name: value for name, value in request.headers.items() if not name.startswith(PASSING_HEADERS)}

    shows = (
        "Where it is sent, and the headers that the API reads; those that name SDK and machine are left out."
    )
    assert_recorded("head", {"shows": shows, "path": request.path, "headers": dict(sorted(headers.items()))})


def test_every_recorded_request_is_a_features():
    assert {path.stem for path in RECORDED.iterdir()} == {"head", *FEATURES}
