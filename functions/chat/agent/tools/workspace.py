"""The app as one batch of tool calls sees it: the stored files, and the changes that the batch staged.

What the vendor attached to the conversation stands beside them, to be read and never to be changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aicode.errors import InvalidRequest, TooLarge, ToolError
from aicode.file_store.paths import named_path, normalise_path
from aicode.file_store.prepared import describe
from aicode.file_store.store import Committed, FileStore, TurnRef
from chat.agent.tools.attachments import Attachments
from chat.agent.tools.batch_commit import BatchCommit, BatchOutcome, recalled
from chat.agent.tools.content import Binary, Content, size_of
from chat.agent.tools.seen import Seen
from chat.agent.tools.similar_paths import similar
from chat.agent.tools.staged import Staged
from chat.agent.tools.stopping import in_thread
from chat.agent.tools.stored_files import StoredFile, StoredFiles


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as a list shows it: its size in bytes, and the media type of one that is no text."""

    size: int
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that a call reads or changes; `stored` is None for one that the batch has staged."""

    path: str
    content: Content
    stored: StoredFile | None


class Workspace:
    """Reads files and stages changes for one batch at a time; `commit` or `end_batch` begins the next.

    One workspace serves a whole turn. `seen` maps a path to the version that Claude last read or wrote in
    this session; it is kept up to date when a batch ends. A file with another content than the one Claude saw
    is not changed, and the error shows its current text. A file that Claude never saw may be edited (the
    exact match protects it), renamed and deleted, but not overwritten. `base` is the app's revision before
    the turn's first commit, None until there is one.
    """

    def __init__(
        self,
        store: FileStore,
        vendor: str,
        app_id: str,
        seen: dict[str, int],
        attachments: Attachments | None = None,
    ) -> None:
        self.base: int | None = None
        self.attachments = attachments or Attachments()
        self._store = store
        self._vendor = vendor
        self._app_id = app_id
        self._files = StoredFiles(store, vendor, app_id)
        self._seen = Seen(seen)
        self._misses: dict[str, int] = {}
        self.reset()

    def reset(self) -> None:
        """Forgets what the batch has staged and read, for a step that is tried again."""
        self._staged = Staged()
        self._stored: dict[str, StoredFile | None] = {}
        self._seen.forget_batch()

    def end_batch(self) -> None:
        """Begins the next batch: what this one read counts as seen, what it staged is dropped.

        For batches that only read, and for reads after the commit; `commit` calls this itself.
        """
        self._seen.end_batch()
        self.reset()

    async def paths(self) -> dict[str, Listed]:
        """Every file of the app, sorted by path."""
        files = await self._files.all()
        listed = {file["path"]: Listed(file["size"], file.get("mediaType", "")) for file in files}
        for path, content in self._staged.contents().items():
            if content is None:
                listed.pop(path, None)
            else:
                kind = content.media_type if isinstance(content, Binary) else ""
                listed[path] = Listed(size_of(content), kind)
        return dict(sorted(listed.items()))

    async def read(self, path: str) -> Opened:
        """A file that Claude reads; the version counts as seen. Raises ToolError."""
        file = await self._open(path)
        if file.stored:
            self._seen.read(file.path, file.stored)
        return file

    async def texts(self, paths: Sequence[str]) -> dict[str, str]:
        """The texts of those of these files and attachments that exist and are text.

        They do not count as seen.
        """
        attached = self.attachments.text_paths()
        read = await self.attachments.texts([path for path in paths if path in attached])
        read |= await self._files.texts([p for p in paths if p not in self._staged and p not in read])
        staged = self._staged.contents()
        both = {path: staged.get(path, read.get(path)) for path in paths}
        return {path: text for path, text in both.items() if isinstance(text, str)}

    async def read_to_change(self, path: str) -> tuple[str, Content]:
        """The normalised path and the content, for a call that will change it.

        Raises ToolError for an attachment, and, with the current text, if Claude saw another one.
        """
        await self._refuse_attachment(path)
        file = await self._open(path)
        if file.stored:
            await self._refuse_stale(file.path, file.stored)
        return file.path, file.content

    async def to_create(self, path: str, *, overwrite: bool) -> Content | None:
        """The content at a normalised path that is about to be written, None if no file is there.

        Raises ToolError for an existing file, unless `overwrite` is true and Claude saw its current content.
        """
        await self._refuse_attachment(path)
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

    async def write(self, call_id: str, path: str, content: Content) -> None:
        """Stages a storable content for a normalised path.

        A call must stage as the last thing it does, because staged changes are saved even if it is stopped.
        """
        self._staged.write(call_id, path, content, await self._base(path))

    async def delete(self, call_id: str, path: str) -> tuple[str, Content]:
        """Stages a deletion; returns the normalised path and what was there."""
        path, content = await self.read_to_change(path)
        self._staged.delete(call_id, path, await self._base(path))
        return path, content

    async def rename(self, call_id: str, path: str, new_path: str) -> tuple[str, str]:
        """Stages a rename to a free path; returns both paths, normalised."""
        path, _ = await self.read_to_change(path)
        new_path = self.normalised(new_path)
        await self._refuse_attachment(new_path)
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
        batch = BatchCommit(self._store, self._vendor, self._app_id, self._staged, self._seen)
        outcome, done = await batch.save(turn, key, message)
        self.end_batch()
        if done:
            self._committed(done)
        return outcome

    async def recall(self, key: str) -> BatchOutcome | None:
        """What the batch with this idempotency key saved, None if it was not saved.

        Call it before running a batch again after a crash.
        """
        done = await self._store.stored(self._vendor, self._app_id, key)
        if done is None:
            return None
        self._committed(done)
        return recalled(done)

    def _committed(self, done: Committed) -> None:
        self._seen.committed(done)
        if self.base is None:
            self.base = done.revision - 1

    async def _open(self, path: str) -> Opened:
        path = _spelled(named_path, path)
        stored = None if path in self._staged else await self._base(path)
        content = stored.content if stored else await self._find(path)
        if content is None:
            raise ToolError(f"There is no file {path}.{await self._similar(path)}")
        return Opened(path, content, stored)

    async def _refuse_attachment(self, path: str) -> None:
        """Raises ToolError for a path at which the vendor's attachment is read."""
        if await self.attachments.at(path):
            raise ToolError(
                f"{path} is read-only: the vendor attached it to the conversation, it is no file of the app. "
                "use_attachment puts it into the app, at a path of your choice."
            )

    async def _refuse_stale(self, path: str, file: StoredFile) -> None:
        """Raises ToolError, with the current text, for a file whose content is not what Claude saw."""
        version = self._seen.other_version(path, file)
        if version is None:
            return
        known = await self._files.read(path, version)
        if known is None or known.content != file.content:
            raise ToolError(self._seen.stale(path, file))
        self._seen.is_the_same(path, file)

    async def _find(self, path: str) -> Content | None:
        if path in self._staged:
            return self._staged.content(path)
        file = await self._base(path)
        return file.content if file else None

    async def _base(self, path: str) -> StoredFile | None:
        """The stored file as it was when the batch first read it; the batch's changes are based on it."""
        if path not in self._stored:
            self._stored[path] = await self._files.read(path)
        return self._stored[path]

    async def _similar(self, path: str) -> str:
        near = await in_thread(similar, path, list(await self.paths()))
        return f" Did you mean {' or '.join(near)}?" if near else ""


def _spelled(spell: Callable[[str], str], path: str) -> str:
    try:
        return spell(path)
    except InvalidRequest as error:
        raise ToolError(f"{error.message} Paths look like src/app.tsx.") from error
