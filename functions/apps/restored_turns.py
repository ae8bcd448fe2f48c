"""Which turns a restore of an app's files undoes, and which it may bring back. Pure."""

from collections.abc import Mapping, Sequence

from aicode.api_types import Checkpoint
from aicode.file_store.paths import normalise_path

RestoredTurns = Mapping[str, Mapping[int, bool]]
"""By session the turns of which all files were restored: True for one that was done by the revision restored,
False for one that had not begun by then."""


def restored_turns(
    checkpoints: Sequence[Checkpoint], revision: int, paths: Sequence[str] | None
) -> RestoredTurns:
    """The turns among the checkpoints that a restore of `paths`, or of all, to the revision covers."""
    named = None if paths is None else {normalise_path(path) for path in paths}
    found: dict[str, dict[int, bool]] = {}
    for checkpoint in checkpoints:
        session, turn = checkpoint.get("sessionId"), checkpoint.get("turnId")
        changed = {change["path"] for change in checkpoint["changes"]}
        is_covered = named is None or changed <= named
        is_within = checkpoint["baseRevision"] < revision < checkpoint["revision"]
        if session is None or turn is None or not changed or not is_covered or is_within:
            continue
        found.setdefault(session, {})[turn] = revision >= checkpoint["revision"]
    return found
