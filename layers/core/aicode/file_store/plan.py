"""Works out what a commit does to an app: takes rows and changes, gives new rows or a conflict. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aicode.api_types import FileAction
from aicode.errors import AICodeError, InvalidRequest, PathConflict, TooLarge
from aicode.file_store.line_diff import count_changes
from aicode.file_store.paths import normalise_path
from aicode.file_store.portions import portions
from aicode.file_store.prepared import Blob, Prepared, Read, Write
from aicode.file_store.store import RULES_PATH, Changed, Move, Remove, Rules
from aicode.file_store.tree import Tree
from aicode.media import Media

APP_FILES = 2_000
APP_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A path at one of its versions; `blob` is None for a tombstone, the version that a deletion makes.

    `accepted` is only at RULES_PATH: the version that counted as rules when this one was made, if any did.
    """

    path: str
    version: int
    blob: Blob | None
    updated_at: int
    accepted: "Row | None" = None

    @property
    def counts(self) -> bool:
        """True if this version's own content counted as rules; true too where it is none and none counted."""
        return self.blob == (self.accepted.blob if self.accepted else None)


@dataclass(frozen=True, slots=True)
class Edit:
    """Another text for a text, by the change at `index`."""

    index: int
    old: Blob
    new: Blob


@dataclass(frozen=True, slots=True)
class Plan:
    """The new rows of a commit in their order (a path may have several), and its changes for the caller.

    The lines that `edits` add and delete are still to be counted.
    """

    rows: Sequence[Row]
    changes: Sequence[Changed]
    edits: Sequence[Edit] = ()


class StaleVersion(AICodeError):
    """A change expects another version than the file has; the store raises VersionConflict for it."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


def rules_of(row: Row | None) -> Rules:
    """What counts as rules, and what waits, where this is the latest row of RULES_PATH."""
    if row is None:
        return Rules()
    return Rules(row.accepted.version if row.accepted else 0, 0 if row.counts else row.version)


def accepted_row(row: Row | None, version: int) -> Row:
    """The latest row of RULES_PATH, accepted by the vendor; raises StaleVersion for another version."""
    if row is None or row.version != version:
        raise StaleVersion(RULES_PATH)
    return row if row.counts else _vouched(row)


def _vouched(row: Row) -> Row:
    """The row as one that counts as rules; of a tombstone nothing counts."""
    own = replace(row, accepted=None)
    return replace(own, accepted=own if own.blob else None)


def plan_commit(rows: Collection[Row], prepared: Prepared, *, now: int, by_vendor: bool) -> Plan:
    """The plan for changes to an app's rows, tombstones included, that are applied one after another.

    A version of RULES_PATH counts as rules if it is made `by_vendor`; else what counted before still counts.
    Each `base_version` is compared with the version after the changes before it. A Put that changes nothing
    makes no version. Raises StaleVersion, PathConflict, TooLarge, InvalidRequest.
    """
    planning = _Planning(rows, now, vouched=by_vendor)
    for change in prepared.changes:
        planning.expect(change.path, change.base_version)
        match change:
            case Write():
                planning.put(change.path, change.blob, change.tool_id)
            case Remove():
                planning.remove(change.path, change.tool_id)
            case Move():
                planning.move(change.path, change.new_path, change.tool_id)
    return planning.finish()


def plan_restore(
    rows: Collection[Row], target: Mapping[str, Blob | None], past: Mapping[str, Row], *, now: int
) -> Plan:
    """The plan that gives the paths of `target` these contents (None = no file), which they had in `past`.

    Rules count again only if they counted there: else undoing an undo would accept what nobody has accepted.
    Raises PathConflict, TooLarge.
    """
    rules = past.get(RULES_PATH)
    planning = _Planning(rows, now, vouched=rules is None or rules.counts)
    # Deletions come first, because a new path may collide with a deleted one.
    for path, blob in sorted(target.items()):
        if blob is None and planning.current(path):
            planning.remove(path)
    for path, blob in sorted(target.items()):
        if blob is not None:
            planning.put(path, blob)
    return planning.finish()


def counted(plan: Plan, read: Read) -> Plan:
    """The plan with the lines of its edits counted, a few megabytes of texts at a time."""
    changes = list(plan.changes)
    for portion in portions(plan.edits, lambda edit: edit.old.size + edit.new.size):
        contents = read({blob.sha for edit in portion for blob in (edit.old, edit.new)})
        for edit in portion:
            old, new = contents[edit.old.sha].decode(), contents[edit.new.sha].decode()
            additions, deletions = count_changes(old, new)
            changes[edit.index] = replace(changes[edit.index], additions=additions, deletions=deletions)
    return Plan(plan.rows, changes)


@dataclass(slots=True)
class _Planning:
    """The app as it stands after the changes so far."""

    start: Collection[Row]
    now: int
    vouched: bool
    rows: dict[str, Row] = field(init=False)
    made: list[Row] = field(init=False, default_factory=list["Row"])
    changes: list[Changed] = field(init=False, default_factory=list["Changed"])
    edits: list[Edit] = field(init=False, default_factory=list["Edit"])
    names: Tree | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.rows = {row.path: row for row in self.start}

    def current(self, path: str) -> Blob | None:
        row = self.rows.get(path)
        return row.blob if row else None

    def expect(self, path: str, version: int) -> None:
        row = self.rows.get(path)
        if version != (row.version if row and row.blob else 0):
            if self.current(path) is None:
                normalise_path(path)  # Only a file that exists may have a name that is refused today.
            raise StaleVersion(path)

    def put(self, path: str, blob: Blob, tool_id: str = "") -> None:
        old = self.current(path)
        if old == blob:
            return
        if old is None:
            self._claim(path)
            self._record("created", self._row(path, blob), blob.media, (blob.lines, 0), tool_id)
        elif old.media or blob.media:
            # All of it is new: what a text gains or loses so are all of its lines.
            self._record("edited", self._row(path, blob), blob.media, (blob.lines, old.lines), tool_id)
        else:
            self.edits.append(Edit(len(self.changes), old, blob))
            self._record("edited", self._row(path, blob), None, (0, 0), tool_id)

    def remove(self, path: str, tool_id: str = "") -> None:
        old = self._release(path)
        self._record("deleted", self._row(path, None), old.media, (0, old.lines), tool_id)

    def move(self, path: str, new_path: str, tool_id: str = "") -> None:
        blob = self._release(path)
        version = self.rows[path].version
        self._row(path, None)
        self._claim(new_path)
        row = self._row(new_path, blob, above=version)
        self._record("renamed", row, blob.media, (0, 0), tool_id, previous_path=path)

    def finish(self) -> Plan:
        """The plan, if the app stays within its limits."""
        if self.made:
            sizes = [row.blob.size for row in self.rows.values() if row.blob]
            if len(sizes) > APP_FILES:
                raise TooLarge(f"An app has at most {APP_FILES:,} files.", details=self._one_too_many())
            if sum(sizes) > APP_BYTES:
                raise TooLarge(f"An app has at most {APP_BYTES:,} bytes.", details=self._one_too_many())
        return Plan(self.made, self.changes, self.edits)

    def _one_too_many(self) -> dict[str, object]:
        """The path that first took the app over its limits, as details of the error."""
        sizes = {row.path: row.blob.size for row in self.start if row.blob}
        for row in self.made:
            sizes.pop(row.path, None)
            if row.blob:
                sizes[row.path] = row.blob.size
            if len(sizes) > APP_FILES or sum(sizes.values()) > APP_BYTES:
                return {"path": row.path}
        return {}

    def _release(self, path: str) -> Blob:
        blob = self.current(path)
        if blob is None:
            raise StaleVersion(path)
        self._tree().remove(path)
        return blob

    def _claim(self, path: str) -> None:
        obstacle = self._tree().conflict(path)
        if obstacle is not None:
            raise PathConflict(f"The path collides with {obstacle}.", details={"path": path})
        self._tree().add(path)

    def _tree(self) -> Tree:
        if self.names is None:
            self.names = Tree(row.path for row in self.rows.values() if row.blob)
        return self.names

    def _row(self, path: str, blob: Blob | None, above: int = 0) -> Row:
        """Adds the path's next version; `above` is the version of a renamed file before, which it exceeds."""
        if path == RULES_PATH and blob and blob.media:
            raise InvalidRequest(f"{path} is for rules, so it is a text.", details={"path": path})
        last = self.rows.get(path)
        row = Row(path, max(last.version if last else 0, above) + 1, blob, self.now)
        if path == RULES_PATH:
            row = _vouched(row) if self.vouched else replace(row, accepted=last.accepted if last else None)
        self.rows[path] = row
        self.made.append(row)
        return row

    def _record(  # noqa: PLR0913, PLR0917 - what is told of a change
        self,
        action: FileAction,
        row: Row,
        media: Media | None,
        counts: tuple[int, int],
        tool_id: str,
        previous_path: str | None = None,
    ) -> None:
        self.changes.append(
            Changed(
                path=row.path,
                action=action,
                version=row.version,
                size=row.blob.size if row.blob else 0,
                updated_at=self.now,
                additions=counts[0],
                deletions=counts[1],
                previous_path=previous_path,
                tool_id=tool_id,
                media=media,
            )
        )
