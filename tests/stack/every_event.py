"""Every request of events/ in an order in which each succeeds, wherever the functions run."""

import json
from abc import ABC, abstractmethod
from typing import Any

import httpx

from dev import events


class Sender(ABC):
    """Sends the events. `session`, `app` and `approval` stand for SESSION_ID, APP_ID and APPROVAL_ID."""

    def __init__(self, token: str) -> None:
        self.session = ""
        self.app = ""
        self.approval = ""
        self.sent: set[str] = set()
        self._token = token

    async def send(self, name: str) -> httpx.Response:
        self.sent.add(name)
        file = events.FOLDER / f"{name}.json"
        ids = {"session": self.session, "app": self.app, "approval": self.approval}
        return await self.answer(events.filled(file, token=self._token, **ids))

    @abstractmethod
    async def answer(self, event: dict[str, Any]) -> httpx.Response:
        """What the function says to it that it reaches."""


async def send_every_event(sender: Sender) -> None:
    await _talk(sender)
    await _use_files(sender)
    await _make_an_app(sender)
    await _answer_a_question(sender)
    assert (await sender.send("session-delete")).json() == {"success": True}
    assert (await sender.send("session-get")).status_code == 404

    assert sender.sent == {file.stem for file in events.FOLDER.glob("*.json")}


async def _talk(sender: Sender) -> None:
    stream = (await sender.send("chat-send")).text
    first = json.loads(stream.partition("data: ")[2].partition("\n")[0])
    sender.session = first["data"]["sessionId"]
    assert first["type"] == "connection_established"
    assert '"type":"file_change"' in stream
    assert '"type":"message_complete"' in stream
    assert '"type":"message_complete"' in (await sender.send("chat-stream")).text

    session = (await sender.send("session-get")).json()["session"]
    assert session["status"] == "idle"
    listed = (await sender.send("session-list")).json()["sessions"]
    assert [each["sessionId"] for each in listed] == [sender.session]
    renamed = (await sender.send("session-rename")).json()["session"]
    assert (renamed["sessionId"], renamed["title"]) == (sender.session, "A page for bicycles")
    budget = (await sender.send("budget")).json()["budget"]
    assert 0 < budget["usedTokens"] < budget["limitTokens"]
    assert (await sender.send("session-cancel")).json() == {"success": True, "cancelled": False}


async def _answer_a_question(sender: Sender) -> None:
    """A turn that waits; its session is the sender's from then on."""
    stream = (await sender.send("chat-ask")).text
    waiting = json.loads(stream.rpartition("data: ")[2].partition("\n")[0])
    assert waiting["type"] == "turn_waiting"
    sender.session = json.loads(stream.partition("data: ")[2].partition("\n")[0])["data"]["sessionId"]
    [sender.approval] = waiting["data"]["approvals"]
    answered = (await sender.send("approval-answer")).json()
    assert answered == {"success": True, "approved": True, "waiting": 0}


async def _use_files(sender: Sender) -> None:
    saved = (await sender.send("file-save")).json()["file"]
    assert (saved["path"], saved["version"]) == ("notes/hello.md", 1)
    assert (await sender.send("file-get")).json()["file"]["content"] == "# Hello\n"
    assert "notes/hello.md" in {file["path"] for file in (await sender.send("files-list")).json()["files"]}
    listed = (await sender.send("files-contents")).json()["files"]
    assert "# Hello\n" in [file["content"] for file in listed]
    assert (await sender.send("file-rename")).json()["file"]["path"] == "notes/welcome.md"
    assert (await sender.send("file-delete")).json()["success"]
    assert (await sender.send("checkpoints-list")).json()["checkpoints"]
    assert (await sender.send("diff")).json()["files"]
    assert (await sender.send("check")).json()["ok"]
    assert (await sender.send("restore")).json()["success"]
    export = await sender.send("export")
    assert export.headers["content-type"] == "application/zip"
    assert export.content.startswith(b"PK")
    site = (await sender.send("publish")).json()["site"]
    assert (site["version"], site["indexed"]) == (1, False)
    assert (await sender.send("publish-index")).json()["site"]["indexed"]
    assert (await sender.send("publish-rollback")).json()["site"]["version"] == 1
    assert (await sender.send("publish-get")).json()["site"]["url"] == site["url"]
    assert (await sender.send("publish-delete")).json() == {"success": True, "site": None}
    bundle = await sender.send("export-bundle")
    assert bundle.headers["content-type"] == "application/octet-stream"
    assert bundle.content.startswith(b"# v2 git bundle\n")
    assert (await sender.send("git-get")).json() == {"success": True, "remote": None}
    upload = (await sender.send("upload-create")).json()["upload"]
    assert upload["fields"]["Content-Type"] == "text/markdown"


async def _make_an_app(sender: Sender) -> None:
    created = await sender.send("apps-create")
    sender.app = created.json()["app"]["appId"]
    assert created.status_code == 201
    assert (await sender.send("apps-rename")).json()["app"]["name"] == "Groceries"
    assert (await sender.send("policy-change")).json()["policy"] == {"publish": "allow", "push": "ask"}
    assert (await sender.send("policy-get")).json()["policy"] == {"publish": "allow", "push": "ask"}
    listed = (await sender.send("apps-list")).json()["apps"]
    assert {app["appId"] for app in listed} == {"demo-app", sender.app}
    assert (await sender.send("apps-delete")).json() == {"success": True}
