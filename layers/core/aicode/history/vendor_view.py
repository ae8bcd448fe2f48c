"""A session's records as its vendor sees them: messages of the history, and a finished turn as events."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import cast

from aicode.api_types import FileModification, Message
from aicode.history.record_types import record_type
from aicode.history.records import Entry
from aicode.history.vendor_blocks import Event

_PLACE = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})")


def messages(entries: Sequence[Entry]) -> list[Message]:
    """The entries as messages; an entry with nothing to show makes none."""
    found: list[Message] = []
    for entry in entries:
        kind = record_type(entry["record"])
        content = kind.vendor_blocks(entry["record"])
        if content:
            found.append(
                {
                    "id": message_id(entry),
                    "turnId": entry["turn"],
                    "role": kind.vendor_role,
                    "content": content,
                    "createdAt": entry["record"]["at"],
                }
            )
    return found


def message_id(entry: Entry) -> str:
    """The vendor's own id for a message of the vendor; else its place, which no vendor's id can look like."""
    record = entry["record"]
    return record["id"] if record["kind"] == "user" else f"{entry['turn']}.{entry['n']}"


def entry_place(identifier: str) -> tuple[int, int] | None:
    """The place that a message id names, or None where it names none; each part has 15 digits at most."""
    place = _PLACE.fullmatch(identifier)
    return (int(place[1]), int(place[2])) if place else None


def file_modifications(files: dict[str, str]) -> list[FileModification]:
    """What the session did to each path, the latest last."""
    found = [cast("FileModification", json.loads(text)) for text in files.values()]
    return sorted(found, key=lambda item: (item["timestamp"], item["path"]))


def replay(entries: Sequence[Entry]) -> Iterator[Event]:
    """The events of one finished turn after its `connection_established`, rebuilt from its records."""
    for entry in entries:
        yield from record_type(entry["record"]).replayed(entry["record"])
