"""How much of its past an app keeps, and what it forgets once that is too much. Pure.

An app keeps its revisions from `oldest` on: they can be listed, compared and restored, and versions that none
of them shows are forgotten. What that takes is known without looking at the past again: each revision counts
its records and the contents that were not in the app just before it. Contents that go and come back
count again, so the sum is never less than what is stored for the revisions; before a commit is refused, all
that is kept is looked at, each content once. Only the version of the rules that counts is kept beside, for as
long as it counts.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aicode.api_types import Checkpoint
from aicode.errors import TooLarge
from aicode.file_store.limits import Limits
from aicode.file_store.plan import Row
from aicode.file_store.store import TurnRef

# About what a revision takes beside contents: its commit, and a line for each path in its tree. Without them
# an app of many paths whose saves are tiny would never be full.
REVISION_BYTES = 1_000
PATH_BYTES = 64
# Where forgetting begins it makes room for this part of the limit too, so that not every save has to.
_SPARE = 100
NO_VERSION = (
    "There is no such version of this file: it never was, or the app's history no longer goes back to it."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The oldest revision that an app keeps (0 = the empty app it began as), and what its past takes.

    `counted` is the revision up to which that is counted: an earlier version of this program counts nothing.
    """

    oldest: int = 0
    size: int = 0
    counted: int = 0


class Past(Protocol):
    """What an app keeps, as a store reads it."""

    def newest_checkpoints(self, limit: int) -> Sequence[Checkpoint]:
        """So many checkpoints, the newest first."""
        ...

    def base_of(self, turn: TurnRef) -> int | None:
        """The revision before the first one that a turn made, None if it made none that is kept."""
        ...

    def rows_at(self, revision: int) -> Mapping[str, Row]:
        """Every path at a revision, tombstones included."""
        ...

    def rows_after(self, revision: int) -> Iterable[tuple[int, Sequence[Row]]]:
        """Each later revision with the rows that it made, the first one first; read as far as it is used."""
        ...


def kept_after(  # noqa: PLR0913, PLR0917 - what the app is, what is added to it, what it may be
    kept: Kept,
    revision: int,
    current: Collection[Row],
    made: Sequence[Row],
    turn: TurnRef | None,
    past: Past,
    limits: Limits,
) -> Kept:
    """What the app at this revision keeps once a commit, by a turn or by the vendor, has made these rows.

    `past` is read only where something has to be counted or forgotten. Raises TooLarge if the newest
    checkpoints alone, this commit's among them, take more than the limit.
    """
    size = kept.size + _State(current).add(made)
    if kept.counted < revision:
        size += _uncounted(kept.counted, past)
    if size <= limits.history_bytes:
        return Kept(kept.oldest, size, revision + 1)
    oldest, end = kept.oldest, _last_to_forget(past, revision, turn, limits.checkpoints)
    state, goal = _State(past.rows_at(oldest).values()), limits.history_bytes * (_SPARE - 1) // _SPARE
    for number, rows in past.rows_after(oldest):
        if number > end or size <= goal:
            break
        before = state.live
        size -= before + state.add(rows) - state.live
        oldest = number
    if size > limits.history_bytes and _stored(oldest, made, past) > limits.history_bytes:
        raise TooLarge(_full(limits))
    return Kept(oldest, size, revision + 1)


def _uncounted(revision: int, past: Past) -> int:
    state = _State(past.rows_at(revision).values())
    return sum(state.add(rows) for _, rows in past.rows_after(revision))


def _stored(oldest: int, made: Sequence[Row], past: Past) -> int:
    """What the revisions from the oldest to the one that makes these rows take, each content counted once."""
    rows, records = dict(past.rows_at(oldest)), 0
    contents = {row.blob.sha: row.blob.size for row in rows.values() if row.blob}
    for new in (*(each for _, each in past.rows_after(oldest)), made):
        rows.update((row.path, row) for row in new)
        contents.update((row.blob.sha, row.blob.size) for row in new if row.blob)
        records += REVISION_BYTES + PATH_BYTES * len(rows)
    return records + sum(contents.values())


def _last_to_forget(past: Past, revision: int, turn: TurnRef | None, checkpoints: int) -> int:
    """The revision before the newest checkpoints, once the app at `revision` has one more commit."""
    own = past.base_of(turn) if turn else None
    others = [found for found in past.newest_checkpoints(checkpoints) if not _is_of(found, turn)]
    needed = [found["baseRevision"] for found in others[: checkpoints - 1]]
    return min([*needed, revision if own is None else own])


def _is_of(checkpoint: Checkpoint, turn: TurnRef | None) -> bool:
    return turn is not None and (checkpoint.get("sessionId"), checkpoint.get("turnId")) == (
        turn.session_id,
        turn.turn_id,
    )


def _full(limits: Limits) -> str:
    return (
        f"The history of this app is full: it keeps at most {limits.history_bytes:,} bytes, and always its "
        f"newest {limits.checkpoints:,} checkpoints, which this change would take beyond that. Deleting "
        "files makes no room. Make a new app of the files (export has them): it begins without history."
    )


class _State:
    """The contents of an app at one revision after another."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = {row.path: row for row in rows}
        self._uses = Counter(row.blob.sha for row in self._rows.values() if row.blob)
        sizes = {row.blob.sha: row.blob.size for row in self._rows.values() if row.blob}
        self.live = sum(sizes.values())
        """The bytes of all contents, each counted once."""

    def add(self, made: Sequence[Row]) -> int:
        """Goes on by the rows of one revision; returns how much that revision counts."""
        new = {row.blob.sha: row.blob.size for row in made if row.blob and not self._uses[row.blob.sha]}
        for row in made:
            self._replace(row)
        return REVISION_BYTES + PATH_BYTES * len(self._rows) + sum(new.values())

    def _replace(self, row: Row) -> None:
        old = self._rows.get(row.path)
        self._rows[row.path] = row
        if row.blob:
            self.live += 0 if self._uses[row.blob.sha] else row.blob.size
            self._uses[row.blob.sha] += 1
        if old and old.blob:
            self._uses[old.blob.sha] -= 1
            self.live -= 0 if self._uses[old.blob.sha] else old.blob.size
