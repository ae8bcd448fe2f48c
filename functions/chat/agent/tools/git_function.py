"""Pushes an app by the git function, the only one that can read the tokens of the vendors' repositories."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aicode.api_types import Remote
from aicode.errors import RemoteFailed, StoreUnavailable
from aicode.file_store.store import FileStore
from aicode.invoke import FunctionFailed, NotInvoked, call
from chat.agent.tools.push_app import Pushed

# Where the git function keeps what it knows of an app's repository.
DOCUMENT = "git"
# Longer than a tool may take: its limit comes first, and says that the outcome is unknown.
CALL_SECONDS = 60.0

Ask = Callable[[Mapping[str, object]], Awaitable[Any]]
"""What the git function answers to an event; raises NotInvoked or FunctionFailed."""


def git_function(name: str) -> Ask:
    """The function of this name."""

    async def ask(event: Mapping[str, object]) -> Any:
        return await call(name, event, seconds=CALL_SECONDS)

    return ask


class GitPusher:
    """A Pusher of one app."""

    def __init__(self, ask: Ask, store: FileStore, vendor: str, app_id: str) -> None:
        self._ask = ask
        self._store = store
        self._app = vendor, app_id

    async def remote(self) -> Remote | None:
        """The repository that is set up for the app; without a token it is none."""
        found = await self._store.read_document(*self._app, DOCUMENT)
        if found is None or "token" not in found.value:
            return None
        stored: Mapping[str, Any] = found.value
        remote = Remote(url=stored["url"], branch=stored["branch"])
        if "synced" in stored and "pushedAt" in stored:
            remote["pushedRevision"], remote["pushedAt"] = stored["synced"]["revision"], stored["pushedAt"]
        return remote

    async def commits_since(self, revision: int, limit: int) -> int:
        """How many checkpoints, each of which is a commit, the app has behind the revision."""
        latest = await self._store.checkpoints(*self._app, before=None, limit=limit)
        return sum(checkpoint["revision"] > revision for checkpoint in latest)

    async def push(self, message: str | None) -> Pushed:
        """Pushes the app as it is."""
        vendor, app_id = self._app
        try:
            answer = await self._ask({"push": {"vendor": vendor, "appId": app_id, "message": message}})
        except (NotInvoked, FunctionFailed) as error:
            raise StoreUnavailable("The git function did not answer.") from error
        if "error" in answer:
            raise RemoteFailed(str(answer["error"]))
        return Pushed(
            result=answer["result"],
            branch=answer["branch"],
            commit=answer["commit"],
            skipped=answer["skipped"],
            link=answer.get("link") or "",
        )
