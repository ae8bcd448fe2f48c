"""Makes an app of a branch: the files that an app may have; all others are named, with the reason."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from aicode.api_types import App
from aicode.errors import InvalidRequest, RemoteFailed, RequestError
from aicode.file_store.paths import normalise_path
from aicode.file_store.plan import APP_BYTES, APP_FILES
from aicode.file_store.prepared import FILE_BYTES
from aicode.file_store.store import RULES_PATH, Commit, FileStore, Put
from aicode.file_store.tree import Tree
from git.history.names import is_gits_own
from git.history.objects import Entry
from git.remote.connection import MAIN, Connection, Connections, Synced
from git.remote.fetched import Fetched
from git.remote.host import Host

_LINK = 0o120000
# What stands in a repository for a file that lies elsewhere: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_LFS = b"version https://git-lfs.github.com/spec/"


class Skipped(TypedDict):
    """A file of the branch that the app does not have, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The new app, and what of the branch it lacks."""

    app: App
    skipped: list[Skipped]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Imports one branch of a repository for a vendor; without a name the host says which."""

    store: FileStore
    host: Host
    vendor: str
    url: str
    branch: str | None

    async def run(self, name: str) -> Imported:
        """The app of this name with the branch's files. Raises RemoteFailed, TooLarge."""
        branches = await asyncio.to_thread(self.host.branches)
        branch = self.branch or branches.default or MAIN
        commit = branches.commits.get(branch)
        if commit is None:
            raise RemoteFailed(f"The repository has no branch {branch}.")
        fetched = await asyncio.to_thread(self.host.fetch, commit, 1)
        tree = fetched.files(commit)
        skipped: list[Skipped] = []
        puts = list(_puts(tree, fetched, skipped))
        app = await self.store.create_app(self.vendor, name)
        try:
            revision = await self._commit(app["appId"], puts, branch)
        except RequestError:
            await self.store.delete_app(self.vendor, app["appId"])
            raise
        # So that a later push to this branch goes on from it. That push finds out if the app is all of it.
        synced = Synced(revision=revision, commit=commit, own=False, left={})
        connection = Connection(url=self.url, branch=branch, sealed_token=None, synced=synced)
        await Connections(self.store).write(self.vendor, app["appId"], connection)
        return Imported(app=app, skipped=skipped)

    async def _commit(self, app_id: str, puts: list[Put], branch: str) -> int:
        """The files as the vendor's, but for rules: those wait for the vendor's word."""
        revision = 0
        files = [put for put in puts if put.path != RULES_PATH]
        rules = [put for put in puts if put.path == RULES_PATH]
        if files:
            made = Commit(changes=files, author="vendor", message=f"Import the branch {branch}")
            revision = (await self.store.commit(self.vendor, app_id, made)).revision
        if rules:
            made = Commit(changes=rules, author="ai", message=f"Import {RULES_PATH}")
            revision = (await self.store.commit(self.vendor, app_id, made)).revision
        return revision


def _puts(tree: dict[str, Entry], fetched: Fetched, skipped: list[Skipped]) -> Iterator[Put]:
    names, taken, count = Tree(()), 0, 0
    for path, entry in sorted(tree.items()):
        data = fetched.blobs.get(entry.id, b"")
        reason = _refusal(path, entry, data, names)
        if reason is None and (count == APP_FILES or taken + len(data) > APP_BYTES):
            reason = f"an app has at most {APP_FILES:,} files and {APP_BYTES:,} bytes"
        if reason is not None:
            shown = path.encode("utf-8", "replace").decode("utf-8")
            skipped.append(Skipped(path=shown, reason=reason))
            continue
        names.add(path)
        count, taken = count + 1, taken + len(data)
        yield Put(path, data, 0)


def _refusal(path: str, entry: Entry, data: bytes, names: Tree) -> str | None:
    if not entry.is_file:
        return "a symbolic link" if entry.mode == _LINK else "a submodule"
    if len(data) > FILE_BYTES:
        return f"larger than {FILE_BYTES:,} bytes"
    if data.startswith(_LFS):
        return "its contents are in Git LFS"
    if path == RULES_PATH and b"\0" in data:
        return "rules are a text"
    obstacle = None if _path_refusal(path) else names.conflict(path)
    return f"it collides with {obstacle}" if obstacle else _path_refusal(path)


def _path_refusal(path: str) -> str | None:
    try:
        if normalise_path(path) != path:
            return "its name is not in Unicode's composed form"
    except (InvalidRequest, UnicodeError) as error:
        return error.message if isinstance(error, InvalidRequest) else "its name is not Unicode"
    return "a file of git itself" if is_gits_own(path) else None
