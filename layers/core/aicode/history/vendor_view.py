"""Shows a session's records to its vendor: as messages, or a finished turn as the events of a replay."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import cast

from aicode.api_types import FileModification, Message
from aicode.history.record_types import record_type
from aicode.history.records import Entry
from aicode.history.vendor_blocks import Event

# No path begins so.
UNDONE = "/undone/"
_PLACE = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})")


def messages(entries: Sequence[Entry]) -> list[Message]:
    """The entries as messages, without entries that have nothing to show."""
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
    """The vendor's own id for a message of the vendor; else its place, in a form that no such id can have."""
    record = entry["record"]
    return record["id"] if record["kind"] == "user" else f"{entry['turn']}.{entry['n']}"


def entry_place(identifier: str) -> tuple[int, int] | None:
    """The place that a message id names, each part at most 15 digits; None for an id of another form."""
    place = _PLACE.fullmatch(identifier)
    return (int(place[1]), int(place[2])) if place else None


def file_modifications(files: dict[str, str]) -> list[FileModification]:
    """The latest modification of each path in this session, oldest first."""
    found = [
        cast("FileModification", json.loads(text))
        for path, text in files.items()
        if not path.startswith(UNDONE)
    ]
    return sorted(found, key=lambda item: (item["timestamp"], item["path"]))


def undone_turns(files: dict[str, str]) -> frozenset[int]:
    """The turns whose changes a restore of the app's files has taken back.

    Of each turn the revisions are kept at which its changes went and came back, in turns.
    """
    marks = {name: text for name, text in files.items() if name.startswith(UNDONE)}
    return frozenset(int(name.removeprefix(UNDONE)) for name, text in marks.items() if len(text.split()) % 2)


def replay(entries: Sequence[Entry]) -> Iterator[Event]:
    """The events of one finished turn after its `connection_established`, rebuilt from its records."""
    for entry in entries:
        yield from record_type(entry["record"]).replayed(entry["record"])
