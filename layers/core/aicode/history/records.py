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


Record = (
    UserRecord
    | ContextRecord
    | StepRecord
    | ResultsRecord
    | PartialRecord
    | NoticeRecord
    | SummaryRecord
    | TrimRecord
    | SpentRecord
    | EndRecord
)
_KINDS = frozenset(
    {"user", "context", "step", "results", "partial", "notice", "summary", "trim", "spent", "end"}
)


class Entry(TypedDict):
    """A record with its place in the history."""

    turn: int
    n: int
    record: Record


def encode(record: Record) -> str:
    """A record as it is stored."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def decode(reply: object) -> list[Entry]:
    """The entries of an XRANGE reply, oldest first; an entry that cannot be read is left out.

    Half of a surrogate pair, which no UTF-8 can carry, becomes U+FFFD.
    """
    entries: list[Entry] = []
    for entry_id, fields in cast("list[tuple[str, list[str]]]", reply or []):
        turn, _, n = entry_id.partition("-")
        pairs = dict(zip(fields[::2], fields[1::2], strict=False))
        try:
            record = _loaded(pairs.get("m", ""))
        except ValueError:
            continue
        if isinstance(record, dict) and cast("dict[str, object]", record).get("kind") in _KINDS:
            entries.append({"turn": int(turn), "n": int(n), "record": cast("Record", record)})
    return entries


def _loaded(text: str) -> object:
    record: object = json.loads(text)
    if _ESCAPED_SURROGATE not in text.lower():
        return record
    return json.loads(without_surrogates(json.dumps(record, ensure_ascii=False)))
