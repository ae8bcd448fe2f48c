"""How long a conversation is: counted by the API as far as an answer says so, else estimated."""

from collections.abc import Sequence
from typing import cast

from aicode.history import (
    MEDIA,
    Entry,
    EntryId,
    attachment_media,
    entry_id,
    is_server_result,
    media_tokens,
    record_type,
    total_tokens,
    without_pages,
)
from chat.agent.prompt import CHARS_PER_TOKEN, SHORT_RESULT, latest_answer, model_view, result_size


def tokens_of(entries: Sequence[Entry]) -> int:
    """The tokens of the next request: those of the latest answer and its request, the rest estimated.

    All of it is estimated if no answer has come since the conversation was last shortened, or if the API ran
    tools for it: what it counts then is the sum of all that was read for the answer, the beginning each time.
    """
    answer, since = latest_answer(entries)
    if answer is not None and not any(map(is_server_result, answer["content"])):
        return total_tokens(answer["usage"]) + length(since) // CHARS_PER_TOKEN
    return length(model_view(entries)) // CHARS_PER_TOKEN


def length(entries: Sequence[Entry]) -> int:
    """The characters that Claude is sent of these entries; of media as many as their tokens stand for."""
    records = (entry["record"] for entry in entries)
    return sum(_characters(record_type(record).model_blocks(record)) for record in records)


def attached_tokens(entries: Sequence[Entry], turn: int) -> int:
    """The tokens of what is attached to the vendor's message of this turn."""
    records = (entry["record"] for entry in entries if entry["turn"] == turn)
    attached = (each for r in records if r["kind"] == "user" for each in r.get("attachments", ()))
    return sum(media_tokens(attachment_media(attachment)) for attachment in attached)


def clearable_chars(entries: Sequence[Entry], before: EntryId) -> int:
    """The characters that are saved by trimming the results before this place."""
    steps = [e["record"] for e in entries if entry_id(e) < before and e["record"]["kind"] == "step"]
    pages = sum(
        _characters(record["content"]) - _characters(without_pages(record["content"])) for record in steps
    )
    return pages + sum(
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
        block = cast("dict[str, object]", value)
        if block.get("type") == MEDIA:
            return media_tokens(block) * CHARS_PER_TOKEN
        return sum(_characters(member) for name, member in block.items() if name != "type")
    if isinstance(value, list):
        return sum(map(_characters, cast("list[object]", value)))
    return 0
