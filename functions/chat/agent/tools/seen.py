"""Which versions of files Claude knows, so that it never changes a version that it has not seen."""

from aicode.file_store.store import Committed
from chat.agent.tools.excerpt import current_text
from chat.agent.tools.stored_files import StoredFile


class Seen:
    """Keeps `versions` up to date: the version of each file that Claude last read or wrote in this session.

    Reads count only when their batch has ended, because Claude gets their results only then.
    """

    def __init__(self, versions: dict[str, int]) -> None:
        self._versions = versions
        self._newly: dict[str, int] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._versions

    def forget_batch(self) -> None:
        """Forgets the batch's reads, for a step that is tried again."""
        self._newly = {}

    def end_batch(self) -> None:
        """Counts the batch's reads from now on."""
        self._versions.update(self._newly)
        self.forget_batch()

    def read(self, path: str, file: StoredFile) -> None:
        """Notes that this batch shows the file to Claude."""
        self._newly[path] = file.version

    def committed(self, done: Committed) -> None:
        """Notes the versions that a commit of Claude's changes made."""
        for change in done.changes:
            if change.previous_path is not None:
                self._versions.pop(change.previous_path, None)
            if change.action == "deleted":
                self._versions.pop(change.path, None)
            else:
                self._versions[change.path] = change.version

    def other_version(self, path: str, file: StoredFile) -> int | None:
        """The version of the file that Claude knows, if that is another one than this."""
        known = self._versions.get(path, file.version)
        return known if known != file.version else None

    def is_the_same(self, path: str, file: StoredFile) -> None:
        """Notes that the file's content is what Claude knows of it, though at another version."""
        self._versions[path] = file.version

    def stale(self, path: str, file: StoredFile | None) -> str:
        """The error for a file that is not what Claude saw. Once a batch it holds the current text."""
        if file is None:
            self._versions.pop(path, None)
            return f"Nothing was changed: {path} was deleted or renamed since you last saw it."
        changed = f"Nothing was changed: {path} was changed by somebody else since you last saw it."
        if self._newly.get(path) == file.version:
            return f"{changed} Its current text is in the result of an earlier call."
        self.read(path, file)
        if not isinstance(file.content, str):
            return f"{changed} It is {file.content} now. Make the change again if it is still meant."
        return f"{changed} Make the change again on the current text. {current_text(path, file.content)}"
