"""Saves what a batch has staged as one revision, without the calls that conflict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from aicode.api_types import File
from aicode.errors import InvalidRequest, PathConflict, TooLarge, VersionConflict
from aicode.file_store.store import Changed, Commit, Committed, FileStore, TurnRef
from chat.agent.tools.seen import Seen
from chat.agent.tools.staged import Staged
from chat.agent.tools.stored_files import StoredFile, StoredFiles

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


class BatchCommit:
    """One commit of what is staged; for an error about a file, `seen` learns what Claude is shown of it."""

    def __init__(self, store: FileStore, vendor: str, app_id: str, staged: Staged, seen: Seen) -> None:
        self._store = store
        self._app = vendor, app_id
        self._staged = staged
        self._seen = seen
        self._errors: dict[str, str] = {}
        self._rebases = Counter[str]()

    async def save(self, turn: TurnRef, key: str, message: str) -> tuple[BatchOutcome, Committed | None]:
        """What became of each call, and what the store says of the commit, None if nothing was saved.

        Raises StoreUnavailable, FencedError and NotFound; all is still staged then.
        """
        done: Committed | None = None
        while done is None and (changes := self._staged.changes()):
            commit = Commit(changes=changes, author="ai", message=message, turn=turn, key=key)
            try:
                done = await self._store.commit(*self._app, commit)
            except (VersionConflict, PathConflict, TooLarge, InvalidRequest) as error:
                current = await self._current(error)
                if not (current and self._rebased(current)):
                    self._errors |= self._take_out(error, current)
        landed: dict[str, list[Changed]] = {call: [] for call in self._staged.calls()}
        if done:
            saved = _by_call(done)
            lost = {
                call for change in self._staged.changes() for call in change.tool_id.split()
            } - saved.keys()
            self._errors |= dict.fromkeys(lost, _NOT_SAVED)
            landed = {call: made for call, made in (landed | saved).items() if call not in lost}
        return BatchOutcome(landed, self._errors, done.revision if done else None), done

    async def _current(self, error: Exception) -> StoredFile | None:
        """The file with which a change conflicts; None if the error is another one, or there is none."""
        file = cast("File | None", error.details.get("file")) if isinstance(error, VersionConflict) else None
        return await StoredFiles(self._store, *self._app).whole(file) if file else None

    def _rebased(self, current: StoredFile) -> bool:
        """Bases the batch on the file's present version; False if its content is another one.

        Also False if this was done often enough.
        """
        path = current.info["path"]
        if self._rebases[path] >= MOST_REBASES:
            return False
        self._rebases[path] += 1
        return self._staged.rebase(path, current)

    def _take_out(
        self, error: VersionConflict | PathConflict | TooLarge | InvalidRequest, current: StoredFile | None
    ) -> dict[str, str]:
        path = error.details.get("path")
        culprit, *dependents = self._staged.take_out(path if isinstance(path, str) else None)
        if isinstance(error, VersionConflict) and isinstance(path, str):
            reason = self._seen.stale(path, current)
        else:
            reason = f"Not saved{f', {path}' if path else ''}: {error.message}"
        built_on = "Not saved: an earlier call of the same batch, on which this one built, failed."
        return {culprit: reason} | dict.fromkeys(dependents, built_on)


def recalled(done: Committed) -> BatchOutcome:
    """The outcome of a batch that was saved before."""
    return BatchOutcome(_by_call(done), {}, done.revision)


def _by_call(done: Committed) -> dict[str, list[Changed]]:
    """A commit's changes by call id, each under the last of the calls that made it."""
    calls: dict[str, list[Changed]] = {}
    for change in done.changes:
        *others, last = change.tool_id.split() or [""]
        for call in others:
            calls.setdefault(call, [])
        calls.setdefault(last, []).append(replace(change, tool_id=last))
    return calls
