"""A vendor as the git function meets it: Function URL events in, whole answers out."""

import json
from dataclasses import dataclass
from typing import Any

from aicode.file_store.store import Change, Commit, FileStore, Put, TurnRef
from aicode.http import Response
from git.app import pipeline
from git.dependencies import Dependencies
from tests.function_event import Answer, Invocation, function_event, token

BASE = "/api/vendor/apps"


@dataclass
class Vendor:
    """One vendor, with one app whose files they, or Claude in turns, change."""

    dependencies: Dependencies
    store: FileStore
    app: str
    name: str = "alice"
    turns: int = 0

    async def begin(self, method: str, path: str, body: object = None) -> Response:
        """The answer whose body is still to come."""
        event = function_event(
            method,
            BASE + path,
            headers={"authorization": f"Bearer {token(self.name)}", "content-type": "application/json"},
            body="" if body is None else json.dumps(body),
        )
        return await pipeline(self.dependencies).answer(event, Invocation())

    async def send(self, method: str, path: str, body: object = None) -> Answer:
        response = await self.begin(method, path, body)
        content = b"".join([chunk async for chunk in response.body])
        return Answer(response.status, response.headers, content)

    async def save(self, path: str, content: str | bytes, message: str = "") -> int:
        """The vendor saves a file; returns the app's revision."""
        return await self._commit([await self._put(path, content)], message or f"Save {path}", "vendor")

    async def ask(self, message: str, **files: str) -> int:
        """A turn of Claude's writes files (`__` is a slash, `_dot_` a dot)."""
        self.turns += 1
        names = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
        puts = [await self._put(path, text) for path, text in names.items()]
        return await self._commit(puts, message, "ai", TurnRef("session", self.turns, 1))

    async def change(self, message: str, *changes: Change) -> int:
        return await self._commit(list(changes), message, "vendor")

    async def version(self, path: str) -> int:
        listing = await self.store.list_files(self.name, self.app)
        return next((file["version"] for file in listing.files if file["path"] == path), 0)

    async def _put(self, path: str, content: str | bytes) -> Put:
        return Put(path, content, await self.version(path))

    async def _commit(
        self, changes: list[Any], message: str, author: Any, turn: TurnRef | None = None
    ) -> int:
        commit = Commit(changes=changes, author=author, message=message, turn=turn)
        return (await self.store.commit(self.name, self.app, commit)).revision

    async def connect(self, url: str, token: str, **more: str) -> Answer:
        return await self.send("PUT", f"/{self.app}/git", {"url": url, "token": token, **more})

    async def push(self) -> Any:
        """The answer to a push that is expected to succeed."""
        answer = await self.send("POST", f"/{self.app}/git/push")
        assert answer.status == 200, answer.json
        return answer.json

    async def download(self, name: str) -> bytes:
        answer = await self.send("GET", f"/{self.app}/{name}")
        assert answer.status == 200, answer.content
        return answer.content
