"""What of a history goes to Claude: the latest summary, what came after it, old results in short.

Nothing here depends on the time or on the size of the moment, only on records: as long as no summary and no
trim is recorded, each request begins with the one before, to the byte, and is read from the prompt cache.
"""

from collections.abc import Sequence

from aicode.history.content import result_blocks, text_block
from aicode.history.records import ApiBlock, Entry, EntryId, Record, ResultsRecord, entry_id

SHORT_RESULT = 400


def model_view(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that Claude is sent, the summary first."""
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
            *(entry for entry in found if entry_id(entry) >= start or _is_asked(entry, start)),
        ]
    return [_shortened(entry) if entry_id(entry) < trimmed else entry for entry in found]


def stored_view(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that the next turn has to load: those from the latest summary's place on."""
    summaries = [entry["record"] for entry in entries if entry["record"]["kind"] == "summary"]
    start = max((_entry_id(record["before"]) for record in summaries if "before" in record), default=(0, 0))
    return [entry for entry in entries if entry_id(entry) >= start]


def _is_asked(entry: Entry, start: EntryId) -> bool:
    """Whether it is the vendor's message of the turn that goes on behind this place."""
    return entry["turn"] == start[0] and entry["record"]["kind"] == "user"


def _accepted(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries without the turns that Claude refused; what these summed up of other turns stays.

    As long as those stay in the conversation, whatever follows is refused as well:
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
    if record["kind"] != "results":
        return entry
    short: ResultsRecord = {**record, "content": [_short(block) for block in record["content"]]}
    return {**entry, "record": short}


def _short(block: ApiBlock) -> ApiBlock:
    size = result_size(block)
    if size <= SHORT_RESULT:
        return block
    note = f"[left out to save room: a result of {size} characters. Ask again if you need it.]"
    return {**block, "content": [text_block(note)]}


def result_size(block: ApiBlock) -> int:
    """Characters of a result, whatever its blocks are."""
    return sum(len(str(part.get("text", part))) for part in result_blocks(block))
