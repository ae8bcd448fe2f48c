"""What a session's history is made of: one JSON record per entry of its Redis stream.

An entry's id is `<turn>-<n>`. `kind` tells the shape; `content` of steps and results is exactly what the
Messages API sent or is sent, so that thinking and signatures go back as they came.
"""

import json
from typing import Literal, NotRequired, TypedDict, cast

from aicode.api_types import Usage
from aicode.events import FileChange, ToolResult
from aicode.surrogates import without_surrogates

ApiBlock = dict[str, object]
_ESCAPED_SURROGATE = "\\ud"


class UserRecord(TypedDict):
    """The vendor's message."""

    kind: Literal["user"]
    id: str
    text: str
    at: int


class ContextRecord(TypedDict):
    """What the product tells Claude beside the vendor's message: the app's files, its rules."""

    kind: Literal["context"]
    text: str
    at: int


class StepRecord(TypedDict):
    """One finished answer of the model."""

    kind: Literal["step"]
    step: int
    content: list[ApiBlock]
    stopReason: str
    model: str
    usage: Usage
    at: int


class ResultsRecord(TypedDict):
    """The results of a step's tools: for Claude in `content`, for the page in `tools` and `changes`.

    `seen` holds the file versions that Claude knows after them.
    """

    kind: Literal["results"]
    step: int
    content: list[ApiBlock]
    tools: list[ToolResult]
    changes: list[FileChange]
    seen: dict[str, int]
    at: int


class BegunRecord(TypedDict):
    """Calls with an effect outside the app's files that are about to start: from here on it may have come."""

    kind: Literal["begun"]
    step: int
    toolIds: list[str]
    at: int


class PartialRecord(TypedDict):
    """What had been shown of an answer when its turn was cancelled or failed; its calls were not run."""

    kind: Literal["partial"]
    text: str
    thinking: str
    calls: NotRequired[list[dict[str, str]]]
    at: int


class NoticeRecord(TypedDict):
    """Something the vendor was told while the turn ran."""

    kind: Literal["notice"]
    noticeKind: str
    text: str
    at: int


class SummaryRecord(TypedDict):
    """The conversation before the place `before` (turn, n) in short: what Claude is sent in its stead.

    `seen` holds the file versions that Claude knew there, `usage` what the summary took.
    """

    kind: Literal["summary"]
    text: str
    before: tuple[int, int]
    seen: dict[str, int]
    usage: Usage
    model: str
    at: int


class TrimRecord(TypedDict):
    """From here on Claude is sent the results of tools before the place `before` (turn, n) in short."""

    kind: Literal["trim"]
    before: tuple[int, int]
    at: int


class SpentRecord(TypedDict):
    """What the turn spent beside its steps and summaries: answers that broke off, a title."""

    kind: Literal["spent"]
    usage: Usage
    at: int


class EndRecord(TypedDict):
    """How the turn ended: its terminal event, and the words for the history where it did not end well."""

    kind: Literal["end"]
    event: str
    data: dict[str, object]
    notice: NotRequired[str]
    at: int


class OpaqueRecord(TypedDict):
    """An entry that cannot be read here: it is damaged, or newer code has written a kind of its own.

    It only holds its place: it is never written, and it is shown and sent to nobody.
    """

    kind: Literal["opaque"]
    at: int


Record = (
    UserRecord
    | ContextRecord
    | StepRecord
    | ResultsRecord
    | BegunRecord
    | PartialRecord
    | NoticeRecord
    | SummaryRecord
    | TrimRecord
    | SpentRecord
    | EndRecord
    | OpaqueRecord
)
_KINDS = frozenset(
    {"user", "context", "step", "begun", "results", "partial", "notice", "summary", "trim", "spent", "end"}
)


def end_record(event: str, data: dict[str, object], now: int, notice: str | None = None) -> EndRecord:
    """The end of a turn by this terminal event; `notice` says in the history why it did not end well."""
    end: EndRecord = {"kind": "end", "event": event, "data": data, "at": now}
    if notice is not None:
        end["notice"] = notice
    return end


class Entry(TypedDict):
    """A record with its place in the history."""

    turn: int
    n: int
    record: Record


EntryId = tuple[int, int]
"""Where an entry stands in its session's history: its turn, and its number within the turn, from 1."""


def entry_id(entry: Entry) -> EntryId:
    """Where the entry stands."""
    return entry["turn"], entry["n"]


def encode(record: Record) -> str:
    """A record as it is stored."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def decode(reply: object) -> list[Entry]:
    """Every entry of a reply that pairs ids with records; one that cannot be read is an OpaqueRecord.

    Half of a surrogate pair, which no UTF-8 can carry, becomes U+FFFD.
    """
    entries: list[Entry] = []
    for entry_id, text in cast("list[tuple[str, str]]", reply):
        turn, _, n = entry_id.partition("-")
        entries.append({"turn": int(turn), "n": int(n), "record": _record(text)})
    return entries


def _record(text: str) -> Record:
    try:
        record = _loaded(text)
    except ValueError:
        record = None
    if isinstance(record, dict) and cast("dict[str, object]", record).get("kind") in _KINDS:
        return cast("Record", record)
    return {"kind": "opaque", "at": 0}


def _loaded(text: str) -> object:
    record: object = json.loads(text)
    if _ESCAPED_SURROGATE not in text.lower():
        return record
    return json.loads(without_surrogates(json.dumps(record, ensure_ascii=False)))
