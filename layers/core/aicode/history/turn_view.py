"""What a turn is as a whole to its vendor: how it went, what it used, what it changed and when."""

from collections.abc import Iterable, Sequence
from typing import Literal, cast

from aicode.api_types import Turn, TurnStatus, Usage
from aicode.history.records import EndRecord, Entry, Record
from aicode.history.usage import add_usage, no_usage

Unfinished = Literal["running", "waiting", "interrupted"]


def turn_of(entries: Sequence[Entry], *, unfinished: Unfinished, undone: bool) -> Turn:
    """The turn with these entries, which are all it has; one without an end is `unfinished`."""
    records = [entry["record"] for entry in entries]
    end = end_of(records)
    turn: Turn = {
        "status": _status(end) if end is not None else unfinished,
        "usage": _usage(records, end),
        "fileChanges": [
            change for record in records if record["kind"] == "results" for change in record["changes"]
        ],
        "startedAt": records[0]["at"],
        "undone": undone,
    }
    if end is not None:
        turn["endedAt"] = end["at"]
    return turn


def end_of(records: Iterable[Record]) -> EndRecord | None:
    """The end among a turn's records, None if there is none yet."""
    return next((record for record in records if record["kind"] == "end"), None)


def used_in(records: Iterable[Record]) -> Usage:
    """The tokens, and their price, of these records."""
    usage = no_usage()
    for record in records:
        if record["kind"] == "step" or record["kind"] == "summary" or record["kind"] == "spent":
            usage = add_usage(usage, record["usage"])
    return usage


def _status(end: EndRecord) -> TurnStatus:
    if end["event"] == "message_complete":
        return "complete"
    if end["event"] == "turn_cancelled":
        return "cancelled"
    return "interrupted" if end["data"].get("code") == "interrupted" else "error"


def _usage(records: Sequence[Record], end: EndRecord | None) -> Usage:
    """As the turn's end told it, where it did: answers that broke off last are in no other record then."""
    told = end["data"].get("usage") if end is not None else None
    return cast("Usage", told) if told is not None else used_in(records)
