"""Which part of a history Claude is sent: the latest summary, what came after it, old results shortened.

This depends only on records, never on the time or on the current size. As long as no summary or trim is
recorded, each request begins with the bytes of the one before, so that it is read from the prompt cache.
"""

from collections.abc import Sequence

from aicode.history import (
    MEDIA,
    ApiBlock,
    Entry,
    EntryId,
    Record,
    ResultsRecord,
    StepRecord,
    entry_id,
    media_text,
    media_tokens,
    result_blocks,
    text_block,
    total_tokens,
    without_pages,
)
from chat.agent.sections import taken_apart

SHORT_RESULT = 400
CHARS_PER_TOKEN = 4


def model_view(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that Claude is sent, with the latest summary first."""
    summary: Entry | None = None
    start, trimmed = (0, 0), (0, 0)
    found: list[Entry] = []
    for entry in _accepted(entries):
        record = entry["record"]
        if record["kind"] == "summary":
            summary, start = entry, _entry_id(record["before"])
        elif record["kind"] == "trim":
            trimmed = max(trimmed, _entry_id(record["before"]))
        else:
            found.append(entry)
    if summary is not None:
        found = [
            summary,
            *(entry for entry in found if entry_id(entry) >= start or _is_message_of(entry, start)),
        ]
    return [_shortened(entry) if entry_id(entry) < trimmed else entry for entry in found]


def latest_answer(entries: Sequence[Entry]) -> tuple[StepRecord | None, list[Entry]]:
    """The latest answer that told its tokens, and the entries behind it.

    None, with all entries, if the conversation was shortened since: what Claude is sent begins anew then.
    """
    since: list[Entry] = []
    for entry in reversed(entries):
        record = entry["record"]
        if record["kind"] in ("summary", "trim"):
            break
        if record["kind"] == "step" and total_tokens(record["usage"]):
            return record, since[::-1]
        since.append(entry)
    return None, list(entries)


def stored_view(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that the next turn has to load: those from the latest summary's place on."""
    summaries = [entry["record"] for entry in entries if entry["record"]["kind"] == "summary"]
    start = max((_entry_id(record["before"]) for record in summaries if "before" in record), default=(0, 0))
    return [entry for entry in entries if entry_id(entry) >= start]


def _is_message_of(entry: Entry, start: EntryId) -> bool:
    """True for the vendor's message of the turn in which this place lies."""
    return entry["turn"] == start[0] and entry["record"]["kind"] == "user"


def _accepted(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries without the turns that Claude refused, but with these turns' summaries and trims.

    As long as a refused message stays in the conversation, all that follows is refused too:
    https://platform.claude.com/docs/en/test-and-evaluate/strengthen-guardrails/handle-streaming-refusals
    """
    refused = {entry["turn"] for entry in entries if _is_refusal(entry["record"])}
    if not refused:
        return entries
    return [e for e in entries if e["turn"] not in refused or e["record"]["kind"] in ("summary", "trim")]


def _is_refusal(record: Record) -> bool:
    return record["kind"] == "end" and record["data"].get("code") == "model_refused"


def _entry_id(stored: Sequence[int]) -> EntryId:
    turn, n = stored
    return turn, n


def _shortened(entry: Entry) -> Entry:
    record = entry["record"]
    if record["kind"] == "step":
        return {**entry, "record": {**record, "content": without_pages(record["content"])}}
    if record["kind"] != "results":
        return entry
    short: ResultsRecord = {**record, "content": [_short(block) for block in record["content"]]}
    return {**entry, "record": short}


def _short(block: ApiBlock) -> ApiBlock:
    size = result_size(block)
    if size <= SHORT_RESULT:
        return block
    media = [media_text(part) for part in result_blocks(block) if part.get("type") == MEDIA]
    what = taken_apart(" ".join(media)) or f"a result of {size} characters"
    note = f"[left out to save room: {what}. Ask again if you need it.]"
    return {**block, "content": [text_block(note)]}


def result_size(block: ApiBlock) -> int:
    """The characters of a result, blocks that are not text included; media as many as their tokens."""
    return sum(
        media_tokens(part) * CHARS_PER_TOKEN
        if part.get("type") == MEDIA
        else len(str(part.get("text", part)))
        for part in result_blocks(block)
    )
