"""Makes an app's history of the rows of its revisions and of its checkpoints. Pure."""

from collections.abc import Iterable, Sequence

from aicode.api_types import Checkpoint
from aicode.file_store.plan import Row
from aicode.file_store.store import History, HistoryFile, HistoryStep


def make_history(
    revision: int,
    rows: Iterable[Row],
    later: Iterable[tuple[int, Sequence[Row]]],
    checkpoints: Iterable[Checkpoint],
) -> History:
    """The history from a revision on, of its rows, those of each `later` revision, and all later checkpoints.

    `later` and the rows of a revision are in the order in which they were made, `checkpoints` in any.
    """
    files = sorted((_file(row) for row in rows if row.blob), key=lambda file: file.path)
    ordered = sorted(checkpoints, key=lambda checkpoint: checkpoint["revision"])
    steps: list[HistoryStep] = []
    made = iter(later)
    waiting = next(made, None)
    for checkpoint in ordered:
        changed: dict[str, HistoryFile] = {}
        while waiting is not None and waiting[0] <= checkpoint["revision"]:
            changed |= {row.path: _file(row) for row in waiting[1]}
            waiting = next(made, None)
        steps.append(HistoryStep(checkpoint, sorted(changed.values(), key=lambda file: file.path)))
    return History(revision, files, steps)


def _file(row: Row) -> HistoryFile:
    sha, size = (row.blob.sha, row.blob.size) if row.blob else (None, 0)
    return HistoryFile(row.path, sha, size, row.updated_at)
