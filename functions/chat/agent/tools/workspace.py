"""The app as one batch of tool calls sees it: the stored files, and the changes that the batch staged."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from aicode.api_types import File
from aicode.errors import (
    InvalidRequest,
    NotFound,
    PathConflict,
    StoreUnavailable,
    TooLarge,
    ToolError,
    VersionConflict,
)
from aicode.file_store.paths import named_path, normalise_path
from aicode.file_store.prepared import describe
from aicode.file_store.store import Changed, Commit, Committed, FileStore, TurnRef
from chat.agent.tools.seen import Seen
from chat.agent.tools.similar_paths import similar
from chat.agent.tools.staged import Staged
from chat.agent.tools.stopping import in_thread

# Of one file in one commit. Whoever writes the same content over and over would hold the turn up for ever.
MOST_REBASES = 5
_NOT_SAVED = "Not saved: the batch had been saved without this call before. Nothing of it has changed a file."


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of a batch's staged calls, by call id: the changes of each, or the error for Claude.

    A change that several calls made together is listed under the last of them; the others have an empty list.
    A call that staged nothing (it read, failed at once, or found nothing to change) is in neither mapping.
    `revision` is the app's new one, None if nothing was saved.
    """

    changes: Mapping[str, Sequence[Changed]] = field(default_factory=dict[str, Sequence[Changed]])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    revision: int | None = None


class Workspace:
    """Reads files and stages changes for one batch at a time; `commit` or `end_batch` begins the next.

    One workspace serves a whole turn. `seen` maps a path to the version that Claude last read or wrote in
    this session; it is kept up to date when a batch ends. A file with another content than the one Claude saw
    is not changed, and the error shows its current text. A file that Claude never saw may be edited (the
    exact match protects it), renamed and deleted, but not overwritten.
    """

    def __init__(self, store: FileStore, vendor: str, app_id: str, seen: dict[str, int]) -> None:
        self._store = store
        self._vendor = vendor
        self._app_id = app_id
        self._seen = Seen(seen)
        self._misses: dict[str, int] = {}
        self.reset()

    def reset(self) -> None:
        """Forgets what the batch has staged and read, for a step that is tried again."""
        self._staged = Staged()
        self._stored: dict[str, File | None] = {}
        self._seen.forget_batch()

    def end_batch(self) -> None:
        """Begins the next batch: what this one read counts as seen, what it staged is dropped.

        For batches that only read, and for reads after the commit; `commit` calls this itself.
        """
        self._seen.end_batch()
        self.reset()

    async def paths(self) -> dict[str, int]:
        """Every file's size in bytes, sorted by path."""
        try:
            listing = await self._store.list_files(self._vendor, self._app_id)
        except StoreUnavailable as error:
            raise _unavailable() from error
        sizes = {file["path"]: file["size"] for file in listing.files}
        for path, text in self._staged.texts().items():
            if text is None:
                sizes.pop(path, None)
            else:
                sizes[path] = len(text.encode())
        return dict(sorted(sizes.items()))

    async def read(self, path: str) -> str:
        """The text of a file that Claude reads; the version counts as seen. Raises ToolError."""
        path, text, file = await self._open(path)
        if file:
            self._seen.read(path, file)
        return text

    async def texts(self, paths: Sequence[str]) -> dict[str, str]:
        """The texts of those of these files that exist; they do not count as seen."""
        wanted = [path for path in paths if path not in self._staged]
        try:
            files = await self._store.read_files(self._vendor, self._app_id, wanted) if wanted else []
        except StoreUnavailable as error:
            raise _unavailable() from error
        stored = {file["path"]: file["content"] for file in files}
        staged = self._staged.texts()
        both = {path: staged.get(path, stored.get(path)) for path in paths}
        return {path: text for path, text in both.items() if text is not None}

    async def read_to_change(self, path: str) -> tuple[str, str]:
        """The normalised path and the text, for a call that will change it.

        Raises ToolError, with the current text, if Claude saw another one.
        """
        path, text, file = await self._open(path)
        if file:
            await self._refuse_stale(path, file)
        return path, text

    async def to_create(self, path: str, *, overwrite: bool) -> str | None:
        """The text at a normalised path that is about to be written, None if no file is there.

        Raises ToolError for an existing file, unless `overwrite` is true and Claude saw its current content.
        """
        old = await self._find(path)
        if old is not None and not overwrite:
            raise ToolError(
                f"{path} exists already. Change it with edit_file, or call create_file with overwrite "
                "set to true to replace all of it."
            )
        if old is not None and path not in self._staged:
            if path not in self._seen:
                raise ToolError(
                    f"{path} exists and has not been read in this session. Read it before replacing it."
                )
            await self.read_to_change(path)
        return old

    def expect_storable(self, path: str, text: str) -> None:
        """Raises ToolError for a text that the store would refuse."""
        try:
            describe(text)
        except (InvalidRequest, TooLarge) as error:
            raise ToolError(f"{path} was not written. {error.message}") from error

    async def write(self, call_id: str, path: str, text: str) -> None:
        """Stages a storable text for a normalised path.

        A call must stage as the last thing it does, because staged changes are saved even if it is stopped.
        """
        self._staged.write(call_id, path, text, await self._base(path))

    async def delete(self, call_id: str, path: str) -> str:
        """Stages a deletion; returns the normalised path."""
        path, _ = await self.read_to_change(path)
        self._staged.delete(call_id, path, await self._base(path))
        return path

    async def rename(self, call_id: str, path: str, new_path: str) -> tuple[str, str]:
        """Stages a rename to a free path; returns both paths, normalised."""
        path, _ = await self.read_to_change(path)
        new_path = self.normalised(new_path)
        if new_path == path:
            raise ToolError(f"{path} has this name already; nothing to rename.")
        if await self._find(new_path) is not None:
            raise ToolError(f"{new_path} exists already. Delete it first, or choose another name.")
        self._staged.rename(call_id, path, new_path, await self._base(path))
        return path, new_path

    def missed(self, path: str) -> int:
        """Counts an edit that did not find its place; returns how many this file has had in this turn."""
        self._misses[path] = self._misses.get(path, 0) + 1
        return self._misses[path]

    def normalised(self, path: str) -> str:
        """The path as the store spells it. Raises ToolError for a refused one."""
        return _spelled(normalise_path, path)

    async def commit(self, turn: TurnRef, key: str, message: str) -> BatchOutcome:
        """Saves what is staged as one revision, and begins the next batch.

        A call that conflicts is taken out with the calls that built on it; the rest is saved without them.
        The same idempotency key again changes nothing and gives the first outcome. Raises StoreUnavailable,
        FencedError, and NotFound if the app is gone; the batch is still staged then.
        """
        errors: dict[str, str] = {}
        rebases = Counter[str]()
        done: Committed | None = None
        while done is None and (changes := self._staged.changes()):
            commit = Commit(changes=changes, author="ai", message=message, turn=turn, key=key)
            try:
                done = await self._store.commit(self._vendor, self._app_id, commit)
            except (VersionConflict, PathConflict, TooLarge, InvalidRequest) as error:
                if not (isinstance(error, VersionConflict) and self._rebased(error, rebases)):
                    errors |= self._take_out(error)
        landed: dict[str, list[Changed]] = {call: [] for call in self._staged.calls()}
        if done:
            saved = _by_call(done)
            lost = {
                call for change in self._staged.changes() for call in change.tool_id.split()
            } - saved.keys()
            errors |= dict.fromkeys(lost, _NOT_SAVED)
            landed = {call: made for call, made in (landed | saved).items() if call not in lost}
        self.end_batch()
        if done:
            self._seen.committed(done)
        return BatchOutcome(landed, errors, done.revision if done else None)

    async def recall(self, key: str) -> BatchOutcome | None:
        """What the batch with this idempotency key saved, None if it was not saved.

        Call it before running a batch again after a crash.
        """
        done = await self._store.stored(self._vendor, self._app_id, key)
        if done is None:
            return None
        self._seen.committed(done)
        return BatchOutcome(_by_call(done), {}, done.revision)

    def _rebased(self, error: VersionConflict, rebases: Counter[str]) -> bool:
        """Bases the batch on the file's present version; False if its content is another one.

        Also False if `rebases`, which counts them by path, says that this was done often enough.
        """
        path, file = error.details.get("path"), cast("File | None", error.details.get("file"))
        if not isinstance(path, str) or file is None or rebases[path] >= MOST_REBASES:
            return False
        rebases[path] += 1
        return self._staged.rebase(path, file)

    def _take_out(self, error: VersionConflict | PathConflict | TooLarge | InvalidRequest) -> dict[str, str]:
        path = error.details.get("path")
        culprit, *dependents = self._staged.take_out(path if isinstance(path, str) else None)
        if isinstance(error, VersionConflict) and isinstance(path, str):
            reason = self._seen.stale(path, cast("File | None", error.details.get("file")))
        else:
            reason = f"Not saved{f', {path}' if path else ''}: {error.message}"
        built_on = "Not saved: an earlier call of the same batch, on which this one built, failed."
        return {culprit: reason} | dict.fromkeys(dependents, built_on)

    async def _open(self, path: str) -> tuple[str, str, File | None]:
        """The normalised path, the text, and the stored file unless the batch has staged the path."""
        path = _spelled(named_path, path)
        if path in self._staged:
            text, file = self._staged.text(path), None
        else:
            file = await self._base(path)
            text = file["content"] if file else None
        if text is None:
            raise ToolError(f"There is no file {path}.{await self._similar(path)}")
        return path, text, file

    async def _refuse_stale(self, path: str, file: File) -> None:
        """Raises ToolError, with the current text, for a file whose content is not what Claude saw."""
        version = self._seen.other_version(path, file)
        if version is None:
            return
        known = await self._read_stored(path, version)
        if known is None or known["content"] != file["content"]:
            raise ToolError(self._seen.stale(path, file))
        self._seen.is_the_same(path, file)

    async def _find(self, path: str) -> str | None:
        if path in self._staged:
            return self._staged.text(path)
        file = await self._base(path)
        return file["content"] if file else None

    async def _base(self, path: str) -> File | None:
        """The stored file as it was when the batch first read it; the batch's changes are based on it."""
        if path not in self._stored:
            self._stored[path] = await self._read_stored(path)
        return self._stored[path]

    async def _read_stored(self, path: str, version: int | None = None) -> File | None:
        """A file of the store, None if it is not there; raises ToolError while the store is unavailable."""
        try:
            return await self._store.read_file(self._vendor, self._app_id, path, version)
        except (NotFound, InvalidRequest):
            return None
        except StoreUnavailable as error:
            raise _unavailable() from error

    async def _similar(self, path: str) -> str:
        near = await in_thread(similar, path, list(await self.paths()))
        return f" Did you mean {' or '.join(near)}?" if near else ""


def _spelled(spell: Callable[[str], str], path: str) -> str:
    try:
        return spell(path)
    except InvalidRequest as error:
        raise ToolError(f"{error.message} Paths look like src/app.tsx.") from error


def _by_call(done: Committed) -> dict[str, list[Changed]]:
    """A commit's changes by call id, each under the last of the calls that made it."""
    calls: dict[str, list[Changed]] = {}
    for change in done.changes:
        *others, last = change.tool_id.split() or [""]
        for call in others:
            calls.setdefault(call, [])
        calls.setdefault(last, []).append(replace(change, tool_id=last))
    return calls


def _unavailable() -> ToolError:
    return ToolError("The files could not be reached just now. Try again.")
