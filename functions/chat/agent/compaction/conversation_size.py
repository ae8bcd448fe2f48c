"""How long a conversation is: counted by the API as far as an answer says so, else estimated."""

from collections.abc import Sequence
from typing import cast

from aicode.history import Entry, EntryId, entry_id, record_type, total_tokens
from chat.agent.prompt import SHORT_RESULT, latest_answer, model_view, result_size

CHARS_PER_TOKEN = 4


def tokens_of(entries: Sequence[Entry]) -> int:
    """The tokens of the next request: those of the latest answer and its request, the rest estimated.

    All of it is estimated if no answer has come since the conversation was last shortened.
    """
    answer, since = latest_answer(entries)
    if answer is not None:
        return total_tokens(answer["usage"]) + length(since) // CHARS_PER_TOKEN
    return length(model_view(entries)) // CHARS_PER_TOKEN


def length(entries: Sequence[Entry]) -> int:
    """The characters that Claude is sent of these entries."""
    records = (entry["record"] for entry in entries)
    return sum(_characters(record_type(record).model_blocks(record)) for record in records)


def clearable_chars(entries: Sequence[Entry], before: EntryId) -> int:
    """The characters that are saved by trimming the results before this place."""
    return sum(
        result_size(block)
        for entry in entries
        if entry_id(entry) < before and entry["record"]["kind"] == "results"
        for block in entry["record"]["content"]
        if result_size(block) > SHORT_RESULT
    )


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        return sum(_characters(member) for name, member in members if name != "type")
    if isinstance(value, list):
        return sum(map(_characters, cast("list[object]", value)))
    return 0
