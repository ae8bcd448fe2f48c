"""What a file store promises: apps, files with versions, atomic commits, checkpoints, restore.

Contents are immutable; a commit makes one new revision of its app or none. A path's versions only grow,
also when it is deleted and made again. Every call names the vendor: an app that is absent and an app of
another vendor both raise NotFound. A store that does not answer raises StoreUnavailable, a commit of a
writer whose turn was taken over FencedError.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from aicode.api_types import App, Checkpoint, File, FileAction, FileDiff, FileInfo


@dataclass(frozen=True, slots=True)
class Put:
    """Write `content`; `base_version` is the version it replaces, 0 where the path must not exist."""

    path: str
    content: str
    base_version: int
    tool_id: str = ""


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the file that is at `base_version`."""

    path: str
    base_version: int
    tool_id: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Rename the file that is at `base_version`; `new_path` must be free, or its own in another case."""

    path: str
    new_path: str
    base_version: int
    tool_id: str = ""


Change = Put | Remove | Move


@dataclass(frozen=True, slots=True)
class TurnRef:
    """The turn a commit belongs to. `epoch` is its writer's fencing token: it only grows in a session."""

    session_id: str
    turn_id: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Changes that land together or not at all.

    `key` names the effect: the same key again changes nothing and gives the stored result, so that a
    repeated execution after a crash is harmless.
    """

    changes: Sequence[Change]
    author: Literal["ai", "vendor"]
    message: str
    turn: TurnRef | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One path after a commit; `version` and `size` of a deleted file are its tombstone's and 0."""

    path: str
    action: FileAction
    version: int
    size: int
    updated_at: int
    additions: int
    deletions: int
    previous_path: str | None = None
    tool_id: str = ""


@dataclass(frozen=True, slots=True)
class Committed:
    """The app's new revision, and what became of each path."""

    revision: int
    changes: Sequence[Changed]


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of an app, sorted by path, without contents."""

    revision: int
    files: Sequence[FileInfo]


class FileStore(Protocol):
    """Apps and their files."""

    async def create_app(self, vendor: str, name: str, *, app_id: str | None = None) -> App:
        """A new, empty app; its id is made here unless given."""
        ...

    async def list_apps(self, vendor: str) -> list[App]:
        """The vendor's apps, the latest changed first."""
        ...

    async def owns(self, vendor: str, app_id: str) -> bool:
        """Whether the app exists and belongs to the vendor."""
        ...

    async def delete_app(self, vendor: str, app_id: str) -> None:
        """Removes the app with its files, checkpoints and contents."""
        ...

    async def collect_garbage(self) -> int:
        """Removes contents that no version refers to, and what deleted apps left behind; how many."""
        ...

    async def list_files(self, vendor: str, app_id: str) -> Listing:
        """Revision and files in one round trip to the store, never reading contents."""
        ...

    async def read_file(self, vendor: str, app_id: str, path: str, version: int | None = None) -> File:
        """The file, at an earlier version where one is named. Raises NotFound."""
        ...

    async def read_files(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[File]:
        """Those of the named files that exist, in as few round trips as the store allows."""
        ...

    async def commit(self, vendor: str, app_id: str, commit: Commit) -> Committed:
        """Applies all changes as one revision.

        Raises VersionConflict (details: `path`, and `file`, the current one or None), PathConflict
        (details: `path`), TooLarge, InvalidRequest for a refused path or content, FencedError.
        """
        ...

    async def raise_fence(self, vendor: str, app_id: str, turn: TurnRef) -> None:
        """From now on commits of the session with a lower epoch are refused."""
        ...

    async def stored(self, vendor: str, app_id: str, key: str) -> Committed | None:
        """The result of the commit that was made under this key, if it was."""
        ...

    async def checkpoints(self, vendor: str, app_id: str) -> list[Checkpoint]:
        """Newest first; all commits of one turn are one checkpoint."""
        ...

    async def diff(self, vendor: str, app_id: str, start: int, end: int) -> AsyncIterator[FileDiff]:
        """Unified diffs, by path, of what differs between two revisions (0 = the empty app).

        Raises NotFound at once; each diff is worked out when it is asked for.
        """
        ...

    async def restore(
        self,
        vendor: str,
        app_id: str,
        revision: int,
        *,
        paths: Sequence[str] | None = None,
        force: bool = False,
    ) -> Committed:
        """Brings files back to a revision, as a new revision.

        Without `paths` the whole app, never conflicting. With `paths`, raises VersionConflict where one of
        them was changed since the checkpoint whose `baseRevision` this is, unless `force`.
        """
        ...
