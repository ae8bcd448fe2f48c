"""What is stored of an app's repository: where it is, the encrypted token, and how far the app was pushed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aicode.api_types import Remote
from aicode.errors import InvalidRequest, StoreUnavailable
from aicode.file_store.store import FileStore
from git.history.objects import Entry

DOCUMENT = "git"
MAIN = "main"
# A document holds 100,000 bytes; beyond so many paths the next push looks at what the branch has of them.
_MOST_LEFT = 200
_TRIES = 5
# https://git-scm.com/docs/git-check-ref-format, and no more signs than names of branches have.
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)|@\{))[A-Za-z0-9_][A-Za-z0-9._/@+#-]{0,199}(?<![./])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """The remote's commit that holds the app as it was at a revision.

    `own` if it holds nothing else. `left` are the app's own earlier versions of files that it has in another
    one, which may not be pushed.
    """

    revision: int
    commit: str
    own: bool
    left: Mapping[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An app's repository; without a token it only remembers where the app came from, or was pushed to."""

    url: str
    branch: str
    sealed_token: str | None = field(repr=False)
    synced: Synced | None = None
    pushed_at: int | None = None

    @property
    def told(self) -> Remote:
        """What the vendor is told of it."""
        remote = Remote(url=self.url, branch=self.branch)
        if self.synced and self.pushed_at is not None:
            remote["pushedRevision"], remote["pushedAt"] = self.synced.revision, self.pushed_at
        return remote


def branch_name(text: str) -> str:
    """The name of a branch; raises InvalidRequest for what git takes for none."""
    if not _BRANCH.fullmatch(text):
        raise InvalidRequest("`branch` is not the name of a branch.")
    return text


class Connections:
    """The connections of all apps, each a document of its app."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    async def read(self, vendor: str, app_id: str) -> Connection | None:
        """The app's connection, None if there never was one. Raises NotFound for the app."""
        document = await self._store.read_document(vendor, app_id, DOCUMENT)
        return _decoded(document.value) if document else None

    async def write(self, vendor: str, app_id: str, connection: Connection) -> None:
        """Puts this connection in place of any other."""
        for _ in range(_TRIES):
            document = await self._store.read_document(vendor, app_id, DOCUMENT)
            version = document.version if document else 0
            if await self._store.write_document(
                vendor, app_id, DOCUMENT, _encoded(connection), version=version
            ):
                return
        raise StoreUnavailable("The connection is being changed elsewhere. Try again.")

    async def note(
        self, vendor: str, app_id: str, pushed: Connection, synced: Synced, pushed_at: int | None
    ) -> None:
        """Notes how far the app was pushed, unless it is connected to another branch by now."""
        for _ in range(_TRIES):
            document = await self._store.read_document(vendor, app_id, DOCUMENT)
            now = _decoded(document.value) if document else None
            if document is None or now is None or (now.url, now.branch) != (pushed.url, pushed.branch):
                return
            noted = replace(now, synced=synced, pushed_at=pushed_at or now.pushed_at)
            if await self._store.write_document(
                vendor, app_id, DOCUMENT, _encoded(noted), version=document.version
            ):
                return
        raise StoreUnavailable("The connection is being changed elsewhere. Try again.")


def _encoded(connection: Connection) -> dict[str, Any]:
    value: dict[str, Any] = {"url": connection.url, "branch": connection.branch}
    if connection.sealed_token is not None:
        value["token"] = connection.sealed_token
    if connection.pushed_at is not None:
        value["pushedAt"] = connection.pushed_at
    if synced := connection.synced:
        left = dict(list(synced.left.items())[:_MOST_LEFT])
        value["synced"] = {
            "revision": synced.revision,
            "commit": synced.commit,
            "own": synced.own and len(synced.left) <= _MOST_LEFT,
            "left": {path: [entry.mode, entry.id] for path, entry in left.items()},
        }
    return value


def _decoded(value: Mapping[str, Any]) -> Connection:
    synced = value.get("synced")
    return Connection(
        url=value["url"],
        branch=value["branch"],
        sealed_token=value.get("token"),
        pushed_at=value.get("pushedAt"),
        synced=Synced(
            revision=synced["revision"],
            commit=synced["commit"],
            own=synced["own"],
            left={path: Entry(*entry) for path, entry in synced["left"].items()},
        )
        if synced
        else None,
    )
