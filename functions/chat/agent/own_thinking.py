"""Thinking belongs to the model that wrote it: another's is left out of what is sent, and kept in history.

The API refuses thinking blocks whose signature is not the asked model's own.
https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
"""

from collections.abc import Sequence

from aicode.session_manager.records import Entry, StepRecord

THINKING = frozenset({"thinking", "redacted_thinking"})


def with_own_thinking(entries: Sequence[Entry], model: str) -> list[Entry]:
    """The entries as this model may be sent them; those given stay as they are."""
    return [_own(entry, model) for entry in entries]


def _own(entry: Entry, model: str) -> Entry:
    record = entry["record"]
    if record["kind"] != "step" or record["model"] == model:
        return entry
    content = [block for block in record["content"] if block.get("type") not in THINKING]
    bare: StepRecord = {**record, "content": content}
    return {**entry, "record": bare}
