"""The app's commits as a push has them: without what may not leave, and on top of what the branch holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from aicode.api_types import App
from aicode.file_store.secret_paths import looks_secret
from aicode.file_store.store import History, HistoryFile
from git.exports.app_history import latest_files
from git.history.blobs import AppContents, Blob
from git.history.folders import Folders
from git.history.line import Line, Start, draw
from git.history.names import git_path
from git.history.objects import Entry
from git.merge.files import Merger
from git.remote.connection import Synced
from git.remote.fetched import Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The app's commits, where they come from, and what both sides made of files.

    `left_before` are the versions that stayed in place of what might not be pushed when the history begins.
    """

    history: History
    left_before: Mapping[str, Entry]
    blobs: Mapping[str, Blob]
    line: Line
    merger: Merger

    @property
    def conflicts(self) -> set[str]:
        """The paths of which both sides made something else."""
        return self.merger.conflicts | self.line.displaced

    @property
    def held(self) -> list[HistoryFile]:
        """The app's files that may not leave as they are now."""
        return [
            file
            for file in latest_files(self.history)
            if file.sha and not _may_leave(file.path, self.blobs[file.sha])
        ]

    @property
    def left(self) -> dict[str, Entry]:
        """Of the files that are held the app's own latest versions that might leave, by their paths in git.

        Never what others made of them: a later version of the app's does not come from that.
        """
        entries = dict(self.left_before)
        for file in chain(self.history.files, *(step.files for step in self.history.steps)):
            if file.sha is None:
                entries.pop(git_path(file.path), None)
            elif _may_leave(file.path, self.blobs[file.sha]):
                entries[git_path(file.path)] = self.blobs[file.sha].entry
        held = {git_path(file.path) for file in self.held}
        return {path: entry for path, entry in entries.items() if path in held}

    def app_tree(self) -> str:
        """The tree that the app alone makes, with the versions that stay of what may not be pushed."""
        files = _pushable(latest_files(self.history), self.blobs, self.left)
        return Folders(files).write(lambda _: None)


@dataclass(frozen=True, slots=True)
class AppLine:
    """The line of one app's commits, drawn anew for each push."""

    contents: AppContents
    app: App

    async def whole(self) -> Drawn:
        """The app's line from the first revision that it keeps."""
        contents = self.contents
        history = await contents.store.history(contents.vendor, contents.app_id)
        return await self._drawn(history, None, Merger(lambda _: None), {})

    async def since(self, synced: Synced, fetched: Fetched | None) -> Drawn | None:
        """The app's line behind the remote's commit that held it; None if what it was then is forgotten."""
        contents = self.contents
        history = await contents.store.history(contents.vendor, contents.app_id, after=synced.revision)
        forgotten = history.revision > synced.revision
        if forgotten and not synced.own:
            return None
        blobs = await contents.describe(history)
        base = dict(synced.left) if forgotten else _pushable(history.files, blobs, synced.left)
        theirs = base if synced.own or fetched is None else fetched.files(synced.commit)
        for file in history.files:  # what may not leave, but is there already
            path, entry = git_path(file.path), blobs[file.sha].entry if file.sha else None
            if entry and path not in base and path in theirs and theirs[path].id == entry.id:
                base[path] = theirs[path]
        other = {
            path: (base.get(path), theirs.get(path))
            for path in base.keys() | theirs.keys()
            if base.get(path) != theirs.get(path)
        }
        merger = await self._reading(other.keys(), history, blobs, fetched)

        def settle(path: str, entry: Entry | None) -> Entry | None:
            return merger.merge(path, other[path][0], entry, other[path][1]) if path in other else entry

        start = Start(commit=synced.commit, revision=synced.revision, files=theirs, settle=settle)
        return await self._drawn(history, start, merger, synced.left, blobs)

    async def merger(self, paths: Iterable[str], drawn: Drawn, fetched: Fetched) -> Merger:
        """A merger that can read these paths of the app, what its line merged, and what was fetched."""
        merger = await self._reading(paths, drawn.history, drawn.blobs, fetched)
        read = merger.read
        made = drawn.merger.made
        merger.read = lambda name: made[name].data if name in made else read(name)
        return merger

    async def _drawn(
        self,
        history: History,
        start: Start | None,
        merger: Merger,
        left: Mapping[str, Entry],
        blobs: Mapping[str, Blob] | None = None,
    ) -> Drawn:
        blobs = await self.contents.describe(history) if blobs is None else blobs
        line = draw(
            history,
            blobs,
            vendor=self.contents.vendor,
            created_at=self.app["createdAt"],
            start=start,
            admit=_may_leave,
            every_checkpoint=False,
        )
        return Drawn(history=history, left_before=left, blobs=blobs, line=line, merger=merger)

    async def _reading(
        self, paths: Iterable[str], history: History, blobs: Mapping[str, Blob], fetched: Fetched | None
    ) -> Merger:
        """A merger that can read these paths of the app, and all that was fetched."""
        wanted = set(paths)
        files = [*history.files, *(file for step in history.steps for file in step.files)]
        sizes = {file.sha: file.size for file in files if file.sha and git_path(file.path) in wanted}
        read = {blobs[sha].entry.id: data async for sha, data in self.contents.read(sizes)}
        others = fetched.blobs if fetched else {}
        return Merger(lambda name: others.get(name, read.get(name)))


def _may_leave(path: str, blob: Blob) -> bool:
    """False for what holds secrets by its name, and for what holds a key."""
    return not looks_secret(path) and not blob.holds_key


def _pushable(
    files: Iterable[HistoryFile], blobs: Mapping[str, Blob], left: Mapping[str, Entry]
) -> dict[str, Entry]:
    """The app's files as a push holds them; of those that may not be pushed the version that was, if any."""
    entries = dict(left)
    for file in files:
        if file.sha and _may_leave(file.path, blobs[file.sha]):
            entries[git_path(file.path)] = blobs[file.sha].entry
    return entries
