"""An editor as the apps function meets it: Function URL events in, whole answers out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aicode.errors import StoreUnavailable
from aicode.file_store.store import FileStore
from apps.app import pipeline
from apps.dependencies import Dependencies
from apps.restored_turns import RestoredTurns
from tests.function_event import Answer, Invocation, function_event, token

BASE = "/api/vendor/apps"


@dataclass
class SessionStore:
    """Remembers whose sessions it was asked to delete, if the app still stood then, and what was restored."""

    files: FileStore
    restored: list[tuple[str, str, RestoredTurns, int, int]] = field(
        default_factory=list[tuple[str, str, RestoredTurns, int, int]]
    )
    down: bool = False
    deleted: list[tuple[str, str, bool]] = field(default_factory=list[tuple[str, str, bool]])

    async def delete_app_sessions(self, vendor: str, app_id: str, /) -> None:
        self.deleted.append((vendor, app_id, await self.files.owns(vendor, app_id)))

    async def close(self) -> None:
        """Keeps no connection."""

    async def note_restore(
        self, vendor: str, app_id: str, restored: RestoredTurns, /, *, to: int, revision: int
    ) -> None:
        if self.down:
            raise StoreUnavailable("The session store does not answer.")
        self.restored.append((vendor, app_id, restored, to, revision))


@dataclass(frozen=True)
class Client:
    """One vendor's editor."""

    dependencies: Dependencies
    vendor: str = "alice"

    async def send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        raw: Mapping[str, object] | None = None,
    ) -> Answer:
        """`raw` members replace those of the event."""
        sent = {"authorization": f"Bearer {token(self.vendor)}", "content-type": "application/json"}
        event = function_event(
            method,
            BASE + path,
            query=urlencode(query or {}),
            headers={**sent, **(headers or {})},
            body="" if body is None else json.dumps(body),
        )
        response = await pipeline(self.dependencies).answer({**event, **(raw or {})}, Invocation())
        content = b"".join([chunk async for chunk in response.body])
        return Answer(response.status, response.headers, content)

    async def new_app(self, name: str = "Todo") -> str:
        created = await self.send("POST", "", {"name": name})
        return created.json["app"]["appId"]

    async def save(self, app: str, path: str, content: str, base: int = 0) -> Answer:
        return await self.send("PUT", f"/{app}/file", {"path": path, "content": content, "baseVersion": base})
