"""A request as the demo model reads it: what was asked, which tools there are, what was done."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_SECTION = re.compile(r"^<([a-zA-Z][\w-]*)(?: [^>\n]*)?>[ \t]*\n(.*?)^</\1>[ \t]*$", re.DOTALL | re.MULTILINE)
"""A tag on lines of its own around context that the product adds to a message."""
_LIST = "<attached_files>\n"
_CHECK = "<app_check>\n"
_ATTACHED = re.compile(r"^id (\S+): (.+) \(([^,()]+), ([^()]+)\)$", re.MULTILINE)
OPENING = (
    r"(?:^|[.!?\n])\W*(?:(?:please|hi|hello|hey|can|could|would|will|you|i|we|to|d|ll|like|want|need|let|s|us|me"
    r"|help|now|and|then|ok|okay|so|just)\W+)*"
)
"""The beginning of a sentence up to its verb, so that a wish isn't found inside another one."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of this turn with its result."""

    name: str
    input: dict[str, Any]
    result: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment as the product lists it beside a message; `about` has its size, pixels or pages."""

    id: str
    name: str
    media_type: str
    about: str


@dataclass(slots=True)
class Turn:
    """The latest user message and what has followed it; `steps` holds the calls of each model call.

    `attached` is what came with it or, if nothing did, with the latest message that brought something.
    `pictures` and `documents` count what the message shows.
    `checks` are what was found in the app after an answer that should have been the last one.
    `is_served` says that the API opens pages itself; `waiting_fetch` is the call, with its address, at which
    it has paused.
    """

    text: str
    tools: set[str]
    attached: list[Attached] = field(default_factory=list[Attached])
    is_attached_now: bool = False
    pictures: int = 0
    documents: int = 0
    is_served: bool = False
    waiting_fetch: tuple[str, str] | None = None
    checks: list[str] = field(default_factory=list[str])
    steps: list[list[Call]] = field(default_factory=list[list[Call]])

    def calls(self, name: str) -> list[Call]:
        """The turn's calls of one tool, in order."""
        return [call for step in self.steps for call in step if call.name == name]

    def contents(self) -> dict[str, str]:
        """What read_file gave, by path, without the line numbers."""
        return {
            call.input["path"]: without_line_numbers(call.result)
            for call in self.calls("read_file")
            if not call.is_error
        }

    def paths(self) -> list[str] | None:
        """What list_files gave; None before it was asked."""
        lists = [call for call in self.calls("list_files") if not call.is_error]
        return listed_paths(lists[-1].result) if lists else None


def read_turn(body: dict[str, Any]) -> Turn:
    """The turn that a request goes on with."""
    messages: list[dict[str, Any]] = body["messages"]
    start, text = max(range(len(messages)), default=0), ""
    for at in range(len(messages) - 1, -1, -1):
        text = spoken(messages[at]) if messages[at]["role"] == "user" else ""
        if text:
            start = at
            break
    offered: list[dict[str, Any]] = body.get("tools") or []
    tools = {str(tool["name"]) for tool in offered}
    here = blocks(messages[start]) if messages else []
    attached = [found for message in messages[: start + 1] if (found := _attached(message))]
    return Turn(
        text,
        tools,
        attached=attached[-1] if attached else [],
        is_attached_now=bool(messages) and bool(_attached(messages[start])),
        pictures=sum(block["type"] == "image" for block in here),
        documents=sum(block["type"] == "document" for block in here),
        is_served=any(tool["name"] == "web_fetch" and "type" in tool for tool in offered),
        waiting_fetch=_waiting_fetch(messages[-1]),
        checks=[text for message in messages[start + 1 :] for text in _checks(message)],
        steps=list(_steps(messages[start + 1 :])),
    )


def _attached(message: dict[str, Any]) -> list[Attached]:
    texts = [block["text"] for block in blocks(message) if block["type"] == "text"]
    lists = [text for text in texts if message["role"] == "user" and text.startswith(_LIST)]
    return [Attached(*line.groups()) for text in lists for line in _ATTACHED.finditer(text)]


def _checks(message: dict[str, Any]) -> list[str]:
    texts = [block["text"] for block in blocks(message) if block["type"] == "text"]
    return [text for text in texts if message["role"] == "user" and text.startswith(_CHECK)]


def _waiting_fetch(message: dict[str, Any]) -> tuple[str, str] | None:
    last = blocks(message)[-1]
    return (last["id"], last["input"]["url"]) if last["type"] == "server_tool_use" else None


def spoken(message: dict[str, Any]) -> str:
    """What the vendor wrote in a user message: its last text without the context put around it."""
    texts = [block["text"] for block in blocks(message) if block["type"] == "text"]
    texts = [text for text in texts if not text.startswith(_CHECK)]
    for text in reversed(texts):
        bare = _SECTION.sub("", text).strip()
        if bare:
            return bare
    inner = _SECTION.findall(texts[-1]) if texts else []
    return inner[-1][1].strip() if inner else ""


def blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message's content blocks, also where it was written as a plain string."""
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _steps(messages: list[dict[str, Any]]) -> Iterator[list[Call]]:
    results = {
        block["tool_use_id"]: block
        for message in messages
        for block in blocks(message)
        if block["type"] == "tool_result"
    }
    for message in messages:
        calls = [block for block in blocks(message) if block["type"] == "tool_use"]
        if calls:
            yield [_call(block, results[block["id"]]) for block in calls if block["id"] in results]


def _call(block: dict[str, Any], result: dict[str, Any]) -> Call:
    content = result.get("content") or ""
    if not isinstance(content, str):
        content = "\n".join(part.get("text", "") for part in content)
    return Call(block["name"], block["input"], content, bool(result.get("is_error")))


def without_line_numbers(result: str) -> str:
    """The text in a read_file result: what stands behind number and tab in each line."""
    return "\n".join(re.findall(r"^ *\d+\t(.*)$", result, re.MULTILINE))


def listed_paths(result: str) -> list[str]:
    """The paths in a list_files result: a tree of `folder/` and `name  size` lines, two spaces a level."""
    folders: list[str] = []
    paths: list[str] = []
    for line in result.splitlines():
        depth = (len(line) - len(line.lstrip(" "))) // 2
        name, size, _ = line.strip().partition("  ")
        if name.endswith("/") and not size:
            folders[depth:] = [name]
        elif size:
            paths.append("".join([*folders[:depth], name]))
    return paths
