"""Leaves out of a request the thinking that another model wrote; the history keeps it.

The API refuses a thinking block if another model signed it, or if it takes the block for altered. A
conversation stays valid without the thinking of earlier answers.
https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
"""

from collections.abc import Sequence

from aicode.history import THINKING, Entry, EntryId, StepRecord, entry_id


def with_own_thinking(entries: Sequence[Entry], model: str, *, behind: EntryId = (0, 0)) -> list[Entry]:
    """The entries with only that thinking which this model wrote `behind` a place of the history.

    The entries passed in are not changed.
    """
    return [_own(entry, model, behind) for entry in entries]


def _own(entry: Entry, model: str, behind: EntryId) -> Entry:
    record = entry["record"]
    if record["kind"] != "step" or (record["model"] == model and entry_id(entry) > behind):
        return entry
    content = [block for block in record["content"] if block.get("type") not in THINKING]
    bare: StepRecord = {**record, "content": content}
    return {**entry, "record": bare}
