"""Which turns a restore of an app's files undoes, and which it may bring back."""

from collections.abc import Mapping, Sequence

from aicode.api_types import Checkpoint
from aicode.file_store.checkpoints import restored_revision
from aicode.file_store.paths import named_path
from aicode.file_store.store import FileStore

RestoredTurns = Mapping[str, Mapping[int, bool]]
"""By session the turns of which all files were restored: True for one that was done by the revision restored,
False for one that had not begun by then."""


async def restored_turns(  # noqa: PLR0913 - the parts of a restore
    store: FileStore,
    vendor: str,
    app_id: str,
    *,
    to: int,
    revision: int,
    paths: Sequence[str] | None,
) -> RestoredTurns:
    """The turns that a restore of `paths`, or of all, to the revision `to` covers; it made `revision`.

    A turn done by then is only told where a later restore may have undone it: reads no commits from before
    the earliest revision that such a restore went back to.
    """
    found: list[Checkpoint] = []
    earliest, before = to, revision + 1
    while earliest + 1 < before:
        more = await store.checkpoints(vendor, app_id, after=earliest, before=before)
        found += more
        restores = [back for each in more if (back := restored_revision(each)) is not None]
        earliest, before = min([earliest, *restores]), earliest + 1
    return _covered(found, to, paths)


def _covered(checkpoints: Sequence[Checkpoint], to: int, paths: Sequence[str] | None) -> RestoredTurns:
    named = None if paths is None else {named_path(path) for path in paths}
    found: dict[str, dict[int, bool]] = {}
    for checkpoint in checkpoints:
        session, turn = checkpoint.get("sessionId"), checkpoint.get("turnId")
        changed = {change["path"] for change in checkpoint["changes"]}
        is_covered = named is None or changed <= named
        is_within = checkpoint["baseRevision"] < to < checkpoint["revision"]
        if session is None or turn is None or not changed or not is_covered or is_within:
            continue
        found.setdefault(session, {})[turn] = to >= checkpoint["revision"]
    return found
