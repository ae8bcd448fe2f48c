"""A small agent for tests: a loop that plays a conversation through the SDK and runs its tools on a dict."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from anthropic import AsyncAnthropic

from aicode.api_types import Attachment
from aicode.errors import ToolError
from aicode.history.records import ApiBlock, UserRecord
from chat.agent.prompt.attached import listed
from chat.agent.tools.edit.apply import Replacement, apply_edits
from chat.agent.tools.excerpt import lines_of, numbered
from chat.agent.tools.file_tree import tree
from chat.agent.tools.workspace import Listed

NAMES = (
    "list_files",
    "read_file",
    "search_files",
    "create_file",
    "edit_file",
    "rename_file",
    "delete_file",
    "use_attachment",
    "web_search",
)
# Also offered where a test says so, with what they give.
OUTWARD = ("publish_app", "push_app", "ask_user", "look_at_preview")
FOUND = """Web results:

1. Forms for all (Demo content)
   URL: https://example.com/forms
   Published: 2026-01-01
Label every field. See https://example.com/elsewhere

2. Untitled
   URL: https://example.org/labels
   Published: unknown
Labels."""
MAX_STEPS = 6


@dataclass
class App:
    """The files of an app, and the tools on them, answering in the product's formats.

    `uploads` are the bytes that were attached, by id, `pictures` those that are files of the app, by path.
    """

    files: dict[str, str] = field(default_factory=dict[str, str])
    uploads: dict[str, bytes] = field(default_factory=dict[str, bytes])
    pictures: dict[str, bytes] = field(default_factory=dict[str, bytes])
    search_result: str = FOUND
    outward: dict[str, str | ToolError] = field(default_factory=dict[str, str | ToolError])

    def run(self, name: str, given: dict[str, Any]) -> str:
        if name in OUTWARD:
            result = self.outward[name]
            if isinstance(result, ToolError):
                raise result
            return result
        tools: dict[str, Callable[..., str]] = {
            "list_files": self._list,
            "read_file": self._read,
            "create_file": self._create,
            "edit_file": self._edit,
            "rename_file": self._rename,
            "delete_file": self._delete,
            "use_attachment": self._use,
            "web_search": self._search,
        }
        return tools[name](**given)

    def _search(self, query: str, max_results: int) -> str:
        return self.search_result

    def _list(self) -> str:
        texts = {path: Listed(len(text)) for path, text in self.files.items()}
        return tree(texts | {path: Listed(len(data), "image/png") for path, data in self.pictures.items()})

    def _use(self, uploadId: str, path: str) -> str:  # noqa: N803 - as the input has it
        self.pictures[path] = self.uploads[uploadId]
        return "created"

    def _text(self, path: str) -> str:
        if path not in self.files:
            raise ToolError(f"There is no file {path}.")
        return self.files[path]

    def _read(self, path: str) -> str:
        if path in self.pictures:
            return f"{path} is a picture, image/png, 20x10, 29 B."
        lines = lines_of(self._text(path))
        return f"{path}: lines 1 to {len(lines)} of {len(lines)}\n{numbered(lines, budget=40_000).text}"

    def _create(self, path: str, content: str) -> str:
        if path in self.files:
            raise ToolError(f"{path} exists already.")
        self.files[path] = content
        return "created"

    def _edit(self, path: str, edits: list[dict[str, Any]]) -> str:
        wanted = [Replacement(e["old"], e["new"], e.get("replace_all", False)) for e in edits]
        assert all(edit.old in self._text(path) for edit in wanted), "edits must quote the file"
        self.files[path], remarks = apply_edits(self._text(path), wanted)
        return "\n".join(["edited", *remarks])

    def _rename(self, path: str, new_path: str) -> str:
        self.files[new_path] = self._text(path)
        del self.files[path]
        return "renamed"

    def _delete(self, path: str) -> str:
        self._text(path)
        del self.files[path]
        return "deleted"


def _attachment(upload_id: str, data: bytes) -> Attachment:
    return {
        "uploadId": upload_id,
        "name": f"{upload_id} Logo.png",
        "mediaType": "image/png",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": 20,
        "height": 10,
    }


def _picture(data: bytes) -> ApiBlock:
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(data).decode()}
    return {"type": "image", "source": source}


@dataclass
class Chat:
    """One conversation; `steps` holds the tools that each model call of the last turn asked for."""

    client: AsyncAnthropic
    app: App = field(default_factory=App)
    tools: tuple[str, ...] = NAMES
    messages: list[Any] = field(default_factory=list[Any])
    steps: list[list[str]] = field(default_factory=list[list[str]])

    async def say(self, message: str, **attached: bytes) -> str:
        """Plays one turn, whose message comes with these pictures, by id; gives its closing text."""
        self.app.uploads |= attached
        record: UserRecord = {"kind": "user", "id": "m", "text": message, "at": 1}
        record["attachments"] = [_attachment(each, data) for each, data in attached.items()]
        content = listed(record, [*map(_picture, attached.values()), {"type": "text", "text": message}])
        self.messages.append({"role": "user", "content": content})
        self.steps = []
        for _ in range(MAX_STEPS):
            content = await self._ask()
            self.messages.append({"role": "assistant", "content": content})
            calls = [block for block in content if block["type"] == "tool_use"]
            self.steps.append([block["name"] for block in calls])
            if not calls:
                return "".join(block["text"] for block in content if block["type"] == "text")
            self.messages.append({"role": "user", "content": [self._result(call) for call in calls]})
        raise AssertionError(f"no end after {MAX_STEPS} steps")

    async def _ask(self) -> list[dict[str, Any]]:
        tools: Any = [{"name": name, "input_schema": {"type": "object"}} for name in self.tools]
        async with self.client.messages.stream(
            model="claude-sonnet-5-5",
            max_tokens=32_000,
            tools=tools,
            messages=self.messages,
            thinking={"type": "adaptive", "display": "summarized"},
        ) as stream:
            message = await stream.get_final_message()
        return json.loads(message.model_dump_json(include={"content"}, exclude_none=True))["content"]

    def _result(self, call: dict[str, Any]) -> dict[str, Any]:
        assert call["name"] in self.tools
        result: dict[str, Any] = {"type": "tool_result", "tool_use_id": call["id"]}
        try:
            return {**result, "content": self.app.run(call["name"], call["input"])}
        except ToolError as error:
            return {**result, "content": str(error), "is_error": True}
