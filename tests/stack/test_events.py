"""Every request of events/ against the whole local stack."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from dev import composition, events
from dev.composition import Stack
from dev.token import make_token

ENOUGH_SECONDS = 60


class Client:
    """Sends the events; `session` and `app` stand where an event says SESSION_ID and APP_ID."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self._token = make_token(stack.settings, "local-vendor")
        self._http = http
        self.session = ""
        self.app = ""
        self.sent: set[str] = set()

    async def send(self, name: str) -> httpx.Response:
        self.sent.add(name)
        event = events.filled(
            events.FOLDER / f"{name}.json", token=self._token, session=self.session, app=self.app
        )
        wanted = ("accept", "authorization", "content-type")
        return await self._http.request(
            event["requestContext"]["http"]["method"],
            event["rawPath"] + (f"?{event['rawQueryString']}" if event["rawQueryString"] else ""),
            content=event.get("body"),
            headers={name: value for name, value in event["headers"].items() if name in wanted},
        )


@pytest.fixture
async def client(tmp_path: Path) -> AsyncGenerator[Client]:
    async with (
        composition.serve({}, port=0, data_dir=tmp_path) as stack,
        httpx.AsyncClient(base_url=stack.url, timeout=ENOUGH_SECONDS, trust_env=False) as http,
    ):
        yield Client(stack, http)


async def use_files(client: Client) -> None:
    saved = (await client.send("file-save")).json()["file"]
    assert (saved["path"], saved["version"]) == ("notes/hello.md", 1)
    assert (await client.send("file-get")).json()["file"]["content"] == "# Hello\n"
    assert "notes/hello.md" in {file["path"] for file in (await client.send("files-list")).json()["files"]}
    listed = (await client.send("files-contents")).json()["files"]
    assert "# Hello\n" in [file["content"] for file in listed]
    assert (await client.send("file-rename")).json()["file"]["path"] == "notes/welcome.md"
    assert (await client.send("file-delete")).json()["success"]
    assert (await client.send("checkpoints-list")).json()["checkpoints"]
    assert (await client.send("diff")).json()["files"]
    assert (await client.send("restore")).json()["success"]
    assert (await client.send("export")).content.startswith(b"PK")


async def test_every_route_answers_its_event(client: Client) -> None:
    stream = (await client.send("chat-send")).text
    first = json.loads(stream.partition("data: ")[2].partition("\n")[0])
    client.session = first["data"]["sessionId"]
    assert '"type":"message_complete"' in stream
    assert '"type":"message_complete"' in (await client.send("chat-stream")).text

    session = (await client.send("session-get")).json()["session"]
    assert session["status"] == "idle"
    assert [listed["sessionId"] for listed in (await client.send("session-list")).json()["sessions"]] == [
        client.session
    ]
    renamed = (await client.send("session-rename")).json()["session"]
    assert (renamed["sessionId"], renamed["title"]) == (client.session, "A page for bicycles")
    budget = (await client.send("budget")).json()["budget"]
    assert 0 < budget["usedTokens"] < budget["limitTokens"]
    assert (await client.send("session-cancel")).json() == {"success": True, "cancelled": False}

    await use_files(client)

    created = await client.send("apps-create")
    client.app = created.json()["app"]["appId"]
    assert created.status_code == 201
    assert (await client.send("apps-rename")).json()["app"]["name"] == "Groceries"
    assert {app["appId"] for app in (await client.send("apps-list")).json()["apps"]} == {
        "demo-app",
        client.app,
    }
    assert (await client.send("apps-delete")).json() == {"success": True}
    assert (await client.send("session-delete")).json() == {"success": True}
    assert (await client.send("session-get")).status_code == 404

    assert client.sent == {file.stem for file in events.FOLDER.glob("*.json")}
