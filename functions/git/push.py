"""Pushes an app: its new commits onto the branch, or merged with what others have pushed; never by force.

The commits since the last push go on from the remote's commit that held the app then. Where the branch has
moved on, both sides are merged line by line into a commit with two parents. Where that is not possible, the
app's commits go to a branch of their own, to be merged by people. The app's own files are never changed: what
others have pushed stays on the remote, and every later push goes on from there.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from aicode.errors import NotFound, RemoteFailed
from git.app_line import AppLine, Drawn
from git.history.blobs import sizes_of
from git.history.line import PRODUCT, Line, subject
from git.history.objects import Entry, Packed, commit_data
from git.merge.files import merge_files
from git.parcel import Parcel
from git.remote.connection import Connection, Connections, Synced
from git.remote.fetched import Fetched
from git.remote.host import Host, Moved

Result = Literal["pushed", "merged", "branch", "up_to_date"]
# How far back the branch is looked at first, to find what was pushed before.
DEPTH = 50
TRIES = 3
OWN_BRANCH = "ai-code/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What came of a push: to which branch, its commit, and the paths of which a version was held back."""

    result: Result
    branch: str
    commit: str
    skipped: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """Pushes one app to the branch that it is connected to."""

    app_line: AppLine
    connection: Connection
    connections: Connections
    host: Host
    now: Callable[[], int]
    message: str | None = None

    async def push(self) -> Pushed:
        """Pushes, once more where somebody else was faster. Raises RemoteFailed, StoreUnavailable."""
        for _ in range(TRIES):
            try:
                return await self._push()
            except Moved:
                continue
        raise RemoteFailed(f"The branch {self.connection.branch} keeps moving. Push again in a moment.")

    async def _push(self) -> Pushed:
        branches = await asyncio.to_thread(self.host.writable_branches)
        before, synced = branches.get(self.connection.branch), self.connection.synced
        if before is None:
            return await self._onto(None, await self.app_line.whole())
        if synced and (synced.own or before == synced.commit):
            # Deeper where a merge may need what was on the branch before.
            depth = DEPTH if synced.left else 1
            fetched = None if synced.own else await self._fetch(before, depth)
            drawn = await self.app_line.since(synced, fetched)
            if drawn and before in {synced.commit, *drawn.line.commits}:
                return await self._onto(before, drawn)
        return await self._onto_others(before)

    async def _onto(self, before: str | None, drawn: Drawn) -> Pushed:
        """The branch stands at a commit of the app's own line, or is not there."""
        line = drawn.line
        tip = _tip(line)
        if tip == before:
            await self._note(drawn, tip, line.tree, pushed=False)
            return self._pushed("up_to_date", tip, drawn)
        if drawn.conflicts:
            return await self._to_own_branch(tip, drawn)
        await self._send(self.connection.branch, before, tip, drawn)
        await self._note(drawn, tip, line.tree)
        return self._pushed("pushed", tip, drawn)

    async def _onto_others(self, before: str) -> Pushed:
        """Somebody else has pushed to the branch."""
        fetched, drawn, past = await self._joined(before)
        line = drawn.line
        tip = _tip(line)
        if before in line.commits:
            return await self._onto(before, drawn)
        theirs = fetched.files(before)
        if tip in past:
            await self._note(drawn, before, fetched.commits[before].tree, pushed=False)
            return self._pushed("up_to_date", before, drawn)
        base = next((commit for commit in [*reversed(line.commits), line.parent] if commit in past), None)
        common = fetched.files(base) if base else {}
        merger = await self.app_line.merger(_differing(common, line.files, theirs), drawn, fetched)
        merged = merge_files(merger, common, line.files, theirs)
        if base and (merger.conflicts or drawn.conflicts):
            return await self._to_own_branch(tip, drawn)
        extra = list(merger.made.values())
        tree = merged.write(extra.append)
        seconds = max(line.seconds, fetched.commits[before].seconds)
        commit = self._merge_commit(tree, [before, tip], seconds)
        extra.append(commit)
        if merger.conflicts:  # nothing in common: a host compares only what has
            return await self._to_own_branch(commit.id, drawn, extra)
        await self._send(self.connection.branch, before, commit.id, drawn, extra)
        await self._note(drawn, commit.id, tree)
        return self._pushed("merged", commit.id, drawn)

    async def _joined(self, before: str, depth: int | None = DEPTH) -> tuple[Fetched, Drawn, set[str]]:
        """The branch as it is at the host, the app's line, and the branch's past, so deep that they meet."""
        synced = self.connection.synced
        fetched = await self._fetch(before, depth)
        past, deeper = fetched.past(before), depth is not None and fetched.shallow
        drawn = None
        if synced and synced.commit in past:
            drawn = await self.app_line.since(synced, fetched)
        elif synced and deeper:
            return await self._joined(before, None)
        drawn = drawn or await self.app_line.whole()
        if deeper and not past.intersection([*drawn.line.commits, drawn.line.parent]):
            return await self._joined(before, None)
        return fetched, drawn, past

    async def _fetch(self, commit: str, depth: int | None) -> Fetched:
        return await asyncio.to_thread(self.host.fetch, commit, depth)

    async def _to_own_branch(self, tip: str, drawn: Drawn, extra: Iterable[Packed] = ()) -> Pushed:
        """A branch for this commit alone, so that to push it again changes nothing."""
        branch = f"{OWN_BRANCH}{tip[:12]}"
        branches = await asyncio.to_thread(self.host.writable_branches)
        if branches.get(branch) != tip:
            await self._send(branch, None, tip, drawn, extra)
        return self._pushed("branch", tip, drawn, branch)

    async def _send(
        self, branch: str, before: str | None, after: str, drawn: Drawn, extra: Iterable[Packed] = ()
    ) -> None:
        line, parcel = drawn.line, Parcel()
        try:
            parcel.add(line.objects.values())
            parcel.add(drawn.merger.made.values())
            parcel.add(extra)
            sizes = sizes_of(drawn.history, line.contents, drawn.blobs)
            await parcel.add_all(self.app_line.contents.packed(sizes))
            await asyncio.to_thread(self.host.push, branch, before, after, parcel, len(parcel))
        finally:
            parcel.close()

    async def _note(self, drawn: Drawn, commit: str, tree: str, *, pushed: bool = True) -> None:
        synced = Synced(
            revision=drawn.line.revision,
            commit=commit,
            own=tree == drawn.app_tree(),
            left=drawn.left,
        )
        first = self.connection.pushed_at is None
        at = self.now() if pushed or first else None
        await self.connections.note(
            self.app_line.contents.vendor, self.app_line.contents.app_id, self.connection, synced, at
        )

    def _pushed(self, result: Result, commit: str, drawn: Drawn, branch: str | None = None) -> Pushed:
        skipped = {*drawn.line.left_out, *(file.path for file in drawn.held)}
        return Pushed(
            result=result,
            branch=branch or self.connection.branch,
            commit=commit,
            skipped=sorted(skipped),
        )

    def _merge_commit(self, tree: str, parents: list[str], seconds: int) -> Packed:
        default = f"Merge the app's changes into {self.connection.branch}"
        message = subject(self.message) if self.message else default
        data = commit_data(
            tree=tree,
            parents=parents,
            author=PRODUCT,
            committer=PRODUCT,
            seconds=seconds,
            message=f"{message}\n",
        )
        return Packed.of("commit", data)


def _differing(*sides: Mapping[str, Entry]) -> list[str]:
    """The paths at which no two of three sides agree: only these are merged by their contents."""
    base, ours, theirs = sides
    return [
        path
        for path in ours.keys() & theirs.keys()
        if ours[path] != theirs[path] and base.get(path) not in {ours[path], theirs[path]}
    ]


def _tip(line: Line) -> str:
    if line.tip is None:
        raise NotFound("The app has no history.")
    return line.tip
