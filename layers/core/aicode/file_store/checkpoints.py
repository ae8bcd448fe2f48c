"""Works with an app's commits: groups them to checkpoints, finds what a restore changes. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from aicode.api_types import Checkpoint, CheckpointChange, FileAction
from aicode.errors import NotFound
from aicode.file_store.plan import Row, StaleVersion
from aicode.file_store.prepared import Blob
from aicode.file_store.store import Changed, Commit
from aicode.media import Media

_RESTORE = re.compile(r"Restore revision ([0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRecord:
    """One commit as it is stored; `session_id` and `turn_id` are None unless a turn made it.

    `rows` are those that it made, in their order; only `commits_after` reads them.
    """

    revision: int
    author: Literal["ai", "vendor"]
    message: str
    created_at: int
    changes: Sequence[Changed]
    session_id: str | None = None
    turn_id: int | None = None
    rows: Sequence[Row] = ()

    @staticmethod
    def of(commit: Commit, revision: int, changes: Sequence[Changed], now: int) -> "CommitRecord":
        """The record of a commit that made this revision."""
        return CommitRecord(
            revision=revision,
            author=commit.author,
            message=commit.message,
            created_at=now,
            changes=changes,
            session_id=commit.turn.session_id if commit.turn else None,
            turn_id=commit.turn.turn_id if commit.turn else None,
        )

    @property
    def checkpoint(self) -> tuple[object, ...]:
        """A key that is equal for commits of the same checkpoint: the turn, or else the revision."""
        return (self.session_id, self.turn_id) if self.session_id else (self.revision,)


def encode_changes(changes: Iterable[Changed]) -> str:
    """Changes as JSON, to be stored."""
    told = [asdict(change) for change in changes]
    for change in told:
        if change["media"] is None:  # so that an earlier version of this program can read it
            del change["media"]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def decode_changes(text: str | bytes) -> list[Changed]:
    """Changes from the JSON of `encode_changes`."""
    return [_changed(**change) for change in json.loads(text)]


def _changed(*, media: Mapping[str, Any] | None = None, **others: Any) -> Changed:
    return Changed(**others, media=Media(**media) if media else None)


def group_checkpoints(commits: Iterable[CommitRecord]) -> list[Checkpoint]:
    """The checkpoints, newest first, of commits that are given oldest first."""
    groups: dict[tuple[object, ...], list[CommitRecord]] = {}
    for commit in commits:
        groups.setdefault(commit.checkpoint, []).append(commit)
    made = [_checkpoint(group) for group in groups.values()]
    return sorted(made, key=lambda checkpoint: checkpoint["revision"], reverse=True)


def _checkpoint(group: Sequence[CommitRecord]) -> Checkpoint:
    last = group[-1]
    checkpoint = Checkpoint(
        revision=last.revision,
        baseRevision=group[0].revision - 1,
        author=last.author,
        message=last.message,
        createdAt=last.created_at,
        changes=_summarise(change for commit in group for change in commit.changes),
    )
    if last.session_id is not None and last.turn_id is not None:
        checkpoint["sessionId"], checkpoint["turnId"] = last.session_id, last.turn_id
    return checkpoint


@dataclass(slots=True)
class _Fate:
    """What became of one file within a checkpoint; `origin` is its path before, None for a new file.

    `is_edited` says if its content was replaced, `is_binary` if it has been no text since.
    """

    origin: str | None
    additions: int = 0
    deletions: int = 0
    is_edited: bool = False
    is_binary: bool = False

    @property
    def net_deletions(self) -> int:
        """The lines that the file had before."""
        return _net(self.deletions, self.additions)


def _summarise(changes: Iterable[Changed]) -> list[CheckpointChange]:
    """One change for each path. A file that came and went is left out; several renames become one."""
    files: dict[str, _Fate] = {}
    gone: dict[str, _Fate] = {}
    for change in changes:
        came_from = change.previous_path or change.path
        fate = files.pop(came_from, None) or _Fate(None if change.action == "created" else came_from)
        fate.additions += change.additions
        fate.deletions += change.deletions
        fate.is_edited |= change.action == "edited"
        fate.is_binary = change.media is not None
        if change.action != "deleted":
            files[change.path] = fate
        elif fate.origin is not None:
            gone[fate.origin] = fate
    found = [_change(path, fate, gone.pop(path, None)) for path, fate in files.items()]
    found += [_line(path, "deleted", fate, 0, fate.net_deletions) for path, fate in gone.items()]
    return sorted(filter(None, found), key=lambda change: change["path"])


def _change(path: str, fate: _Fate, replaced: _Fate | None) -> CheckpointChange | None:
    """The change of a file that exists now, if it differs; `replaced` is an earlier file in its place."""
    lost = replaced.net_deletions if replaced else 0
    if fate.origin == path:
        return _line(path, "edited", fate, fate.additions, fate.deletions) if fate.is_edited else None
    if fate.origin is not None:
        renamed = _line(path, "renamed", fate, fate.additions, fate.deletions + lost)
        renamed["previousPath"] = fate.origin
        return renamed
    action = "edited" if replaced else "created"
    return _line(path, action, fate, _net(fate.additions, fate.deletions), lost)


def _line(path: str, action: FileAction, fate: _Fate, additions: int, deletions: int) -> CheckpointChange:
    line = CheckpointChange(path=path, action=action, additions=additions, deletions=deletions)
    if fate.is_binary:
        line["binary"] = True
    return line


def _net(lines: int, taken_back: int) -> int:
    # If others wrote in between, more lines can be taken back than were written.
    return max(0, lines - taken_back)


def restore_message(revision: int) -> str:
    """The message of a commit that brings files back to a revision."""
    return f"Restore revision {revision}"


def restored_revision(checkpoint: Checkpoint) -> int | None:
    """The revision that a restore went back to; None for what is no restore."""
    found = _RESTORE.fullmatch(checkpoint["message"]) if checkpoint["author"] == "vendor" else None
    return int(found[1]) if found else None


def expect_revision(asked: int, oldest: int, latest: int) -> None:
    """Raises NotFound for a revision that the app has not had, or no longer keeps."""
    if not 0 <= asked <= latest:
        raise NotFound("There is no such revision.")
    if asked < oldest:
        raise NotFound("This revision is no longer kept: the history was full, and the oldest went first.")


def restore_target(
    rows: Iterable[Row],
    past: Mapping[str, Row],
    later: Sequence[CommitRecord],
    paths: Iterable[str] | None,
    *,
    force: bool,
) -> dict[str, Blob | None]:
    """The content of each path after a restore of `paths`, or of all, to the state `past` (None = no file).

    `later` are the commits since then, with their rows. Raises StaleVersion, unless `force`, if a named path
    would change and has another content than the first checkpoint in `later` left there, or if others changed
    its content between the commits of that checkpoint.
    """
    current = {row.path: row.blob for row in rows}
    names = current.keys() if paths is None else current.keys() & _with_former_names(paths, later)
    target = {name: _blob(past, name) for name in names}
    if paths is not None and not force:
        differing = {path for path, blob in target.items() if blob != current[path]}
        stale = differing & _changed_by_others(past, later)
        if stale:
            raise StaleVersion(min(stale))
    return target


def _changed_by_others(past: Mapping[str, Row], later: Sequence[CommitRecord]) -> set[str]:
    """The paths where other commits than those of the first checkpoint left another content than they found.

    Contents are compared, not versions: what was changed and brought back is what it was.
    """
    found = {path: row.blob for path, row in past.items()}
    left = dict(found)
    changed: set[str] = set()
    for commit in later:
        for row in commit.rows:
            if commit.checkpoint == later[0].checkpoint:
                if found.get(row.path) != left.get(row.path):
                    changed.add(row.path)
                left[row.path] = row.blob
            found[row.path] = row.blob
    return changed | {path for path, blob in found.items() if blob != left.get(path)}


def _with_former_names(paths: Iterable[str], later: Sequence[CommitRecord]) -> set[str]:
    """The paths and the former names of their files: without these, undoing a rename would only delete."""
    names = set(paths)
    for commit in reversed(later):
        for change in reversed(commit.changes):
            if change.path in names and change.previous_path is not None:
                names.add(change.previous_path)
    return names


def _blob(rows: Mapping[str, Row], path: str) -> Blob | None:
    return rows[path].blob if path in rows else None
