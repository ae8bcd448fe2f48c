"""Thinking belongs to the model that wrote it: another's is left out of what is sent, and kept in history.

The API refuses thinking blocks whose signature is not the asked model's own, or that it holds for altered; a
conversation can do without those of earlier answers.
https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
"""

from collections.abc import Sequence

from aicode.history.records import Entry, EntryId, StepRecord, entry_id

THINKING = frozenset({"thinking", "redacted_thinking"})


def with_own_thinking(entries: Sequence[Entry], model: str, *, behind: EntryId = (0, 0)) -> list[Entry]:
    """The entries as this model may be sent them, with thinking only `behind` a place of its session.

    Those given stay as they are.
    """
    return [_own(entry, model, behind) for entry in entries]


def _own(entry: Entry, model: str, behind: EntryId) -> Entry:
    record = entry["record"]
    if record["kind"] != "step" or (record["model"] == model and entry_id(entry) > behind):
        return entry
    content = [block for block in record["content"] if block.get("type") not in THINKING]
    bare: StepRecord = {**record, "content": content}
    return {**entry, "record": bare}
