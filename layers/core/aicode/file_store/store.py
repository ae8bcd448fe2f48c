"""The interface of a file store: apps, files with versions, atomic commits, checkpoints, restore.

Contents are immutable; a commit makes one new revision of its app or none. A path's versions only grow, also
when it is deleted and made again. Every call names the vendor, and raises NotFound both for an app that is
absent and for one of another vendor. Every call may raise StoreUnavailable. A commit raises FencedError if
the turn of its writer was taken over.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aicode.api_types import App, Checkpoint, File, FileAction, FileDiff, FileInfo
from aicode.media import Media

RULES_PATH = "AGENTS.md"


@dataclass(frozen=True, slots=True)
class Put:
    """Write `content`; `base_version` is the version that it replaces, 0 if the path must not exist.

    Bytes make a text too if they are one, unless `media_type` is there and says something else. What a binary
    file is its bytes say, else `media_type`; see `binary`.
    """

    path: str
    content: str | bytes
    base_version: int
    tool_id: str = ""
    media_type: str = ""


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
    """The turn of a commit. `epoch` is the writer's fencing token, which only grows in a session."""

    session_id: str
    turn_id: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Changes that are applied all or none.

    `key` is an idempotency key: a commit with the same key again changes nothing and gives the first result,
    so that it may be repeated after a crash.
    """

    changes: Sequence[Change]
    author: Literal["ai", "vendor"]
    message: str
    turn: TurnRef | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One path after a commit; a deleted file has its tombstone's `version` and a `size` of 0.

    `media` is what a binary file is, or was before it was deleted; None for a text.
    """

    path: str
    action: FileAction
    version: int
    size: int
    updated_at: int
    additions: int
    deletions: int
    previous_path: str | None = None
    tool_id: str = ""
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The result of a commit: the app's new revision, and each change."""

    revision: int
    changes: Sequence[Changed]


@dataclass(frozen=True, slots=True)
class Rules:
    """Which version of RULES_PATH the vendor's rules are: the latest that the vendor made or accepted.

    `accepted` is 0 if the app has no rules. `pending` is the version that waits for the vendor's word, 0 if
    none does; it may be the tombstone of a deletion.
    """

    accepted: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file and its bytes."""

    info: FileInfo
    data: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object that an app has beside its files, and its version, which grows with every write."""

    value: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of an app, sorted by path, without contents."""

    revision: int
    files: Sequence[FileInfo]
    rules: Rules = Rules()


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A path as a revision left it: the SHA-256 of its bytes, and how many; `sha` is None for no file."""

    path: str
    sha: str | None
    size: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """A checkpoint, and each path that came to differ with it from the step before, sorted."""

    checkpoint: Checkpoint
    files: Sequence[HistoryFile]


@dataclass(frozen=True, slots=True)
class History:
    """The files of an app at a revision, sorted by path, and its later checkpoints, the first one first."""

    revision: int
    files: Sequence[HistoryFile]
    steps: Sequence[HistoryStep]


class FileStore(Protocol):
    """Apps and their files."""

    async def create_app(self, vendor: str, name: str, *, app_id: str | None = None) -> App:
        """A new, empty app, with a new id unless one is given."""
        ...

    async def list_apps(self, vendor: str) -> list[App]:
        """The vendor's apps, the latest changed first."""
        ...

    async def rename_app(self, vendor: str, app_id: str, name: str) -> App:
        """The app with another name; neither its revision nor its `updatedAt` changes."""
        ...

    async def owns(self, vendor: str, app_id: str) -> bool:
        """True if the app exists and belongs to the vendor."""
        ...

    async def delete_app(self, vendor: str, app_id: str) -> None:
        """Removes the app with its files, checkpoints and contents."""
        ...

    async def collect_garbage(self) -> int:
        """Deletes contents that no version refers to, and what deleted apps left behind; returns how many."""
        ...

    async def list_files(self, vendor: str, app_id: str) -> Listing:
        """Revision and files in one round trip to the store, never reading contents."""
        ...

    async def files_at(self, vendor: str, app_id: str, revision: int) -> list[FileInfo]:
        """The files as they were at a revision (0 = the empty app), sorted by path. Raises NotFound."""
        ...

    async def read_file(self, vendor: str, app_id: str, path: str, version: int | None = None) -> File:
        """The file, or an earlier version of it; a binary one without its content. Raises NotFound."""
        ...

    async def read_raw(self, vendor: str, app_id: str, path: str, version: int | None = None) -> RawFile:
        """The file and its bytes, those of a text in UTF-8, or of an earlier version. Raises NotFound."""
        ...

    async def read_files(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[File]:
        """Those of the named files that exist, in as few round trips as the store allows.

        Binary ones are without their contents, which are not read.
        """
        ...

    async def read_raw_files(self, vendor: str, app_id: str, paths: Sequence[str]) -> list[RawFile]:
        """As `read_files`, with the bytes of every file."""
        ...

    async def raw_files_at(
        self, vendor: str, app_id: str, revision: int, paths: Sequence[str] | None = None
    ) -> list[RawFile]:
        """The files as they were at a revision with their bytes, all or those of the named ones there were.

        Raises NotFound for a revision that the app has not had, or no longer keeps.
        """
        ...

    async def read_rules(self, vendor: str, app_id: str) -> str:
        """The text of RULES_PATH at the version that counts as rules, empty if none does."""
        ...

    async def accept_rules(self, vendor: str, app_id: str, version: int) -> Rules:
        """Makes the present version of RULES_PATH count as rules; makes no revision.

        Raises VersionConflict if this is not the path's present version, a tombstone's included.
        """
        ...

    async def read_document(self, vendor: str, app_id: str, name: str) -> Document | None:
        """The app's document of this name, None if there is none. It goes when the app is deleted."""
        ...

    async def write_document(
        self, vendor: str, app_id: str, name: str, value: Mapping[str, Any], *, version: int
    ) -> int | None:
        """Writes the document in place of its `version`, 0 if there must be none; returns the new version.

        None, and nothing is written, if the document is at another version. It may have 100,000 bytes.
        """
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
        """The result of the commit with this idempotency key, None if there was no such commit."""
        ...

    async def checkpoints(
        self,
        vendor: str,
        app_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[Checkpoint]:
        """The app's checkpoints, newest first; all commits of one turn are one checkpoint, always whole.

        Only those whose last revision is between `after` and `before`, neither included, and the newest
        `limit` of them. What is read grows with what is told, and not with the app's history.
        """
        ...

    async def history(self, vendor: str, app_id: str, *, after: int = 0) -> History:
        """What became of the app's files after a revision, or after the oldest that the app keeps, if later.

        A checkpoint that began before and ended after it is there too, with what came after it.
        """
        ...

    async def read_contents(self, vendor: str, app_id: str, shas: Collection[str]) -> dict[str, bytes]:
        """Contents that the app's history refers to, by SHA-256. Raises NotFound if one is forgotten."""
        ...

    async def diff(self, vendor: str, app_id: str, start: int, end: int) -> AsyncIterator[FileDiff]:
        """The unified diffs between two revisions (0 = the empty app), sorted by path.

        Of a path that is a binary file in one of them, the sizes. Raises NotFound at once; each diff is made
        when it is asked for.
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

        Without `paths` it restores the whole app and never conflicts. With `paths` it raises VersionConflict,
        unless `force`, if one of them was changed after the checkpoint with this `baseRevision`.
        """
        ...
