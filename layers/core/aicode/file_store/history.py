"""An app's past as its commits tell it: checkpoints, and what a restore may touch. Pure, for every store."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from aicode.errors import NotFound
from aicode.file_store.plan import Row, StaleVersion
from aicode.file_store.prepared import Blob
from aicode.file_store.store import Changed, Commit
from aicode.models import Checkpoint, CheckpointChange


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRecord:
    """One commit as it is kept; `session_id` and `turn_id` are those of a turn's."""

    revision: int
    author: Literal["ai", "vendor"]
    message: str
    created_at: int
    changes: Sequence[Changed]
    session_id: str | None = None
    turn_id: int | None = None

    @staticmethod
    def of(commit: Commit, revision: int, changes: Sequence[Changed], now: int) -> "CommitRecord":
        """What is kept of a commit that made this revision."""
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
        """What the commits of one checkpoint have in common: their turn, or being the only one."""
        return (self.session_id, self.turn_id) if self.session_id else (self.revision,)


def encode_changes(changes: Iterable[Changed]) -> str:
    """Changes as JSON, to be kept."""
    return json.dumps([asdict(change) for change in changes], ensure_ascii=False, separators=(",", ":"))


def decode_changes(text: str) -> list[Changed]:
    """Changes as they were kept."""
    return [Changed(**change) for change in json.loads(text)]


def group_checkpoints(commits: Iterable[CommitRecord]) -> list[Checkpoint]:
    """Commits from the first to the latest as checkpoints, newest first."""
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
    """What became of one path within a checkpoint."""

    existed: bool
    exists: bool
    additions: int = 0
    deletions: int = 0
    origin: str | None = None

    def hand_over(self, other: "_Fate") -> None:
        """What was done to the file here now counts where it went."""
        other.additions += self.additions
        other.deletions += self.deletions
        self.additions = self.deletions = 0
        self.origin = None

    @property
    def counts(self) -> tuple[int, int]:
        """Lines added and deleted; of a file that came or went, the lines that it has or had."""
        if not self.exists:
            return 0, self.deletions - self.additions
        made = not self.existed and not self.origin
        return (self.additions - self.deletions, 0) if made else (self.additions, self.deletions)


def _summarise(changes: Iterable[Changed]) -> list[CheckpointChange]:
    """One line a path: what came and went within the checkpoint is left out, a rename is told once."""
    fates: dict[str, _Fate] = {}
    for change in changes:
        fate = fates.setdefault(change.path, _Fate(change.action in ("edited", "deleted"), exists=True))
        fate.exists = change.action != "deleted"
        fate.additions += change.additions
        fate.deletions += change.deletions
        if change.action == "deleted" and fate.origin:
            fate.hand_over(fates[fate.origin])
        if change.previous_path is not None:
            before = fates.setdefault(change.previous_path, _Fate(existed=True, exists=True))
            fate.origin = before.origin or (change.previous_path if before.existed else None)
            before.hand_over(fate)
            before.exists = False
    moved = {fate.origin for fate in fates.values() if fate.exists and fate.origin}
    return [
        _told(path, fate)
        for path, fate in sorted(fates.items())
        if (fate.existed or fate.exists) and (fate.exists or path not in moved)
    ]


def _told(path: str, fate: _Fate) -> CheckpointChange:
    action, (additions, deletions) = _action(fate), fate.counts
    change = CheckpointChange(path=path, action=action, additions=additions, deletions=deletions)
    if action == "renamed" and fate.origin:
        change["previousPath"] = fate.origin
    return change


def _action(fate: _Fate) -> Literal["created", "edited", "deleted", "renamed"]:
    if not fate.exists:
        return "deleted"
    if fate.existed:
        return "edited"
    return "renamed" if fate.origin else "created"


def expect_revision(asked: int, latest: int) -> None:
    """Raises NotFound for a revision that the app has not had."""
    if not 0 <= asked <= latest:
        raise NotFound("There is no such revision.")


def restore_target(
    rows: Iterable[Row],
    past: Mapping[str, Row],
    later: Sequence[CommitRecord],
    paths: Iterable[str] | None,
    *,
    force: bool,
) -> dict[str, Blob | None]:
    """What each path shall hold after these, or all, are restored to the state `past` (None = no file).

    `later` are the commits since then. Raises StaleVersion, unless `force`, where a named path would change
    that was changed after the checkpoint that begins there.
    """
    current = {row.path: row.blob for row in rows}
    names = current.keys() if paths is None else current.keys() & _with_former_names(paths, later)
    target = {name: _blob(past, name) for name in names}
    if paths is not None and not force:
        differing = {path for path, blob in target.items() if blob != current[path]}
        for commit in later:
            stale = _touched(commit) & differing
            if stale and commit.checkpoint != later[0].checkpoint:
                raise StaleVersion(min(stale))
    return target


def _with_former_names(paths: Iterable[str], later: Sequence[CommitRecord]) -> set[str]:
    """The paths, and what the files there were called before, or undoing a rename would only delete."""
    names = set(paths)
    for commit in reversed(later):
        for change in reversed(commit.changes):
            if change.path in names and change.previous_path is not None:
                names.add(change.previous_path)
    return names


def _touched(commit: CommitRecord) -> set[str]:
    return {name for change in commit.changes for name in (change.path, change.previous_path) if name}


def _blob(rows: Mapping[str, Row], path: str) -> Blob | None:
    return rows[path].blob if path in rows else None
