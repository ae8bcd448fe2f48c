"""The line of commits that an app's checkpoints make, one each. Pure: the same history gives the same bytes.

So two exports agree, and of a push nothing has to be remembered but where it ended.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aicode.api_types import Checkpoint
from aicode.file_store.store import History, HistoryFile
from aicode.secret_keys import known_keys
from git.history.blobs import Blob
from git.history.folders import Folders
from git.history.names import LONGEST_ATTRIBUTE, git_path, is_attributes
from git.history.objects import Entry, Packed, commit_data

PRODUCT = "AI Code <ai-code@users.noreply.invalid>"
CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"
EMPTY, EARLIER, NAMELESS = "Begin an empty app", "Everything before", "Change files"
SUBJECT = 72

Admit = Callable[[str, Blob], bool]
"""True if a path may be in the commits with this content."""
Settle = Callable[[str, Entry | None], Entry | None]
"""What becomes of a path whose latest version in the app this is."""


@dataclass(slots=True)
class Line:
    """Commits, the first one first, behind `parent`; `objects` are those that came to be with them.

    `files` and `tree` are those of the last commit, `contents` the ids of all contents in the commits,
    `left_out` the app's paths of which a version is in none, and `displaced` the paths of files that were in
    the way of the app's.
    """

    parent: str | None
    revision: int
    files: Mapping[str, Entry]
    tree: str
    seconds: int
    commits: list[str] = field(default_factory=list[str])
    objects: dict[str, Packed] = field(default_factory=dict[str, Packed])
    contents: set[str] = field(default_factory=set[str])
    left_out: set[str] = field(default_factory=set[str])
    displaced: set[str] = field(default_factory=set[str])

    @property
    def tip(self) -> str | None:
        """The last commit."""
        return self.commits[-1] if self.commits else self.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The commit that a line goes on from: its files, and the app's revision that it holds already.

    `settle` says what becomes of a path that a checkpoint changed.
    """

    commit: str
    revision: int
    files: Mapping[str, Entry]
    settle: Settle


def draw(  # noqa: PLR0913 - what there is, whose it is, and which of it
    history: History,
    blobs: Mapping[str, Blob],
    *,
    vendor: str,
    created_at: int,
    start: Start | None = None,
    admit: Admit = lambda _path, _blob: True,
    every_checkpoint: bool = True,
) -> Line:
    """The line of a history; without a start it has a commit even for an app that never had a file.

    A checkpoint that leaves the tree as it was has a commit only with `every_checkpoint`. `created_at` is the
    app's, in epoch milliseconds.
    """
    drawing = _Drawing(blobs, vendor, start, admit, every_checkpoint)
    if start is None or history.revision > start.revision:
        _begin(drawing, history, created_at, start)
    for step in history.steps:
        for file in sorted(step.files, key=lambda file: file.sha is not None):  # deletions make room
            drawing.change(file)
        drawing.commit(step.checkpoint)
    line = drawing.line
    line.files = drawing.folders.files
    line.revision = history.steps[-1].checkpoint["revision"] if history.steps else history.revision
    return line


def _begin(drawing: "_Drawing", history: History, created_at: int, start: Start | None) -> None:
    """Where the app has forgotten its beginning, all that it was then is one commit."""
    if start is None and history.steps and not history.files:
        return
    kept = {git_path(file.path) for file in history.files}
    for path in [path for path in drawing.folders.files if path not in kept]:
        drawing.settle(path, None)
    for file in history.files:
        drawing.change(file)
    at = history.steps[0].checkpoint["createdAt"] if history.steps and history.files else created_at
    drawing.add(EARLIER if history.files else EMPTY, drawing.vendor_line, at // 1000)


class _Drawing:
    def __init__(
        self,
        blobs: Mapping[str, Blob],
        vendor: str,
        start: Start | None,
        admit: Admit,
        every_checkpoint: bool,
    ) -> None:
        self.vendor_line = f"{vendor} <{vendor}@users.noreply.invalid>"
        self.folders = Folders(start.files if start else {})
        self._blobs = blobs
        self._admit = admit
        self._settle: Settle = start.settle if start else _as_it_is
        self._every = every_checkpoint
        known: set[str] = set()
        tree = self.folders.write(lambda made: known.add(made.id)) if start else ""
        self._known = known | {entry.id for entry in self.folders.files.values()}
        self.line = Line(start.commit if start else None, 0, {}, tree, 0)

    def change(self, file: HistoryFile) -> None:
        """Brings a path to its version in the app, unless this may not be there: then it stays as it is."""
        path = git_path(file.path)
        if file.sha is None:
            self.settle(path, None)
            return
        blob = self._blobs[file.sha]
        refused = is_attributes(path) and blob.longest_line >= LONGEST_ATTRIBUTE
        if refused or not self._admit(file.path, blob):
            self.line.left_out.add(file.path)
        else:
            self.settle(path, blob.entry)

    def settle(self, path: str, entry: Entry | None) -> None:
        settled, files = self._settle(path, entry), self.folders.files
        if settled is None:
            if path in files:
                self.folders.remove(path)
        elif files.get(path) != settled:
            for other in list(self.folders.in_the_way(path)):
                self.folders.remove(other)
                self.line.displaced.add(other)
            self.folders.put(path, settled)
            if settled.id not in self._known:
                self.line.contents.add(settled.id)

    def commit(self, checkpoint: Checkpoint) -> None:
        first = subject(checkpoint["message"])
        message = first if len(first) <= SUBJECT else f"{first[: SUBJECT - 1]}…\n\n{first}"
        if checkpoint["author"] == "ai":
            message = f"{message}\n\n{CLAUDE}"
        self.add(message, self.vendor_line, checkpoint["createdAt"] // 1000)

    def add(self, message: str, author: str, seconds: int) -> None:
        tree = self.folders.write(self._make)
        if tree == self.line.tree and not self._every:
            return
        parents = [self.line.tip] if self.line.tip else []
        data = commit_data(
            tree=tree,
            parents=parents,
            author=author,
            committer=PRODUCT,
            seconds=seconds,
            message=f"{message}\n",
        )
        made = Packed.of("commit", data)
        self.line.objects[made.id] = made
        self.line.commits.append(made.id)
        self.line.tree, self.line.seconds = tree, seconds

    def _make(self, tree: Packed) -> None:
        if tree.id not in self._known:
            self.line.objects.setdefault(tree.id, tree)


def _as_it_is(_path: str, entry: Entry | None) -> Entry | None:
    return entry


def subject(message: str) -> str:
    """The first line of what the vendor asked for, without what looks like a key."""
    lines = (line.strip() for line in message.splitlines())
    first = next(filter(None, lines), "")
    for key in known_keys(first):
        first = first.replace(key, "[a key]")
    shown = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in first)
    return " ".join(shown.split()) or NAMELESS
