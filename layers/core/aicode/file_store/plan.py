"""What a commit makes of an app: rows and changes in, new rows or a conflict out. Pure, for every store."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from aicode.errors import AICodeError, InvalidRequest, PathConflict, TooLarge
from aicode.events import FileAction
from aicode.file_store.line_diff import count_changes, count_lines
from aicode.file_store.paths import Tree, normalise_path
from aicode.file_store.store import Change, Changed, Move, Put, Remove

FILE_BYTES = 1_000_000
APP_FILES = 2_000
APP_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Blob:
    """A content by its SHA-256; `size` in bytes of UTF-8. `lines` spares a deletion the reading."""

    sha: str
    size: int
    lines: int


@dataclass(frozen=True, slots=True)
class Row:
    """A path at one of its versions; `blob` is None for a tombstone, the version a deletion leaves."""

    path: str
    version: int
    blob: Blob | None
    updated_at: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Changes with normalised paths, and the texts they bring, by SHA-256."""

    changes: Sequence[Change]
    blobs: Mapping[str, Blob]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """New rows in the order they come about (a path may have several), and what to tell of them."""

    rows: Sequence[Row]
    changes: Sequence[Changed]


class StaleVersion(AICodeError):
    """A change expects another version than the file has; the store turns it into a VersionConflict."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


def prepare(changes: Sequence[Change]) -> Prepared:
    """Checks each change by itself; raises InvalidRequest or TooLarge."""
    blobs: dict[str, Blob] = {}
    texts: dict[str, str] = {}
    checked: list[Change] = []
    for change in changes:
        path = normalise_path(change.path)
        match change:
            case Put():
                blob = describe(change.content)
                blobs[blob.sha], texts[blob.sha] = blob, change.content
                checked.append(Put(path, blob.sha, change.base_version, change.tool_id))
            case Remove():
                checked.append(Remove(path, change.base_version, change.tool_id))
            case Move():
                new_path = normalise_path(change.new_path)
                if new_path == path:
                    raise InvalidRequest("The new path is the old one.")
                checked.append(Move(path, new_path, change.base_version, change.tool_id))
    return Prepared(checked, blobs, texts)


def describe(content: str) -> Blob:
    """A content's address and measures; raises InvalidRequest for NUL or half a surrogate pair, TooLarge."""
    if "\0" in content:
        raise InvalidRequest("A file is text without NUL characters.")
    try:
        data = content.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("The content holds half of a surrogate pair.") from error
    if len(data) > FILE_BYTES:
        raise TooLarge(f"A file has at most {FILE_BYTES:,} bytes.")
    return Blob(hashlib.sha256(data).hexdigest(), len(data), count_lines(content))


def plan_commit(rows: Collection[Row], prepared: Prepared, *, now: int, read: Callable[[str], str]) -> Plan:
    """Applies changes one after another to an app's rows, tombstones included.

    Each `base_version` is held against the version that the changes before it left. A Put that changes
    nothing leaves no trace. `read` gives a stored text by its SHA-256. Raises StaleVersion, PathConflict,
    TooLarge.
    """
    planning = _Planning(rows, now, lambda sha: prepared.texts[sha] if sha in prepared.texts else read(sha))
    for change in prepared.changes:
        planning.expect(change.path, change.base_version)
        match change:
            case Put():
                planning.put(change.path, prepared.blobs[change.content], change.tool_id)
            case Remove():
                planning.remove(change.path, change.tool_id)
            case Move():
                planning.move(change.path, change.new_path, change.tool_id)
    return planning.finish()


def plan_restore(
    rows: Collection[Row], target: Mapping[str, Blob | None], *, now: int, read: Callable[[str], str]
) -> Plan:
    """Brings the paths of `target` to these contents (None = no file). Raises PathConflict, TooLarge."""
    planning = _Planning(rows, now, read)
    # What goes makes room for what comes: a file in a folder's place, a name in another case.
    for path, blob in sorted(target.items()):
        if blob is None and planning.current(path):
            planning.remove(path)
    for path, blob in sorted(target.items()):
        if blob is not None:
            planning.put(path, blob)
    return planning.finish()


@dataclass(slots=True)
class _Planning:
    """The app as it stands after the changes so far."""

    start: Collection[Row]
    now: int
    read: Callable[[str], str]
    rows: dict[str, Row] = field(init=False)
    made: list[Row] = field(init=False, default_factory=list["Row"])
    changes: list[Changed] = field(init=False, default_factory=list["Changed"])
    names: Tree | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.rows = {row.path: row for row in self.start}

    def current(self, path: str) -> Blob | None:
        row = self.rows.get(path)
        return row.blob if row else None

    def expect(self, path: str, version: int) -> None:
        row = self.rows.get(path)
        if version != (row.version if row and row.blob else 0):
            raise StaleVersion(path)

    def put(self, path: str, blob: Blob, tool_id: str = "") -> None:
        old = self.current(path)
        if old and old.sha == blob.sha:
            return
        if old is None:
            self._claim(path)
            self._record("created", self._row(path, blob), (blob.lines, 0), tool_id)
            return
        counts = count_changes(self.read(old.sha), self.read(blob.sha))
        self._record("edited", self._row(path, blob), counts, tool_id)

    def remove(self, path: str, tool_id: str = "") -> None:
        old = self._release(path)
        self._record("deleted", self._row(path, None), (0, old.lines), tool_id)

    def move(self, path: str, new_path: str, tool_id: str = "") -> None:
        blob = self._release(path)
        version = self.rows[path].version
        self._row(path, None)
        self._claim(new_path)
        row = self._row(new_path, blob, above=version)
        self._record("renamed", row, (0, 0), tool_id, previous_path=path)

    def finish(self) -> Plan:
        """The plan, if the app stays within its limits."""
        if self.made:
            sizes = [row.blob.size for row in self.rows.values() if row.blob]
            if len(sizes) > APP_FILES:
                raise TooLarge(f"An app has at most {APP_FILES:,} files.", details=self._one_too_many())
            if sum(sizes) > APP_BYTES:
                raise TooLarge(f"An app has at most {APP_BYTES:,} bytes.", details=self._one_too_many())
        return Plan(self.made, self.changes)

    def _one_too_many(self) -> dict[str, object]:
        """The path that took the app over its limits first."""
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
        """The path's next version; a renamed file's also follows the version it had under its old name."""
        last = self.rows.get(path)
        row = Row(path, max(last.version if last else 0, above) + 1, blob, self.now)
        self.rows[path] = row
        self.made.append(row)
        return row

    def _record(
        self,
        action: FileAction,
        row: Row,
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
            )
        )
