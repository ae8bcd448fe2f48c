"""The records of a session's history: each entry of its Redis stream holds one, as JSON.

An entry's id is `<turn>-<n>`. A record's `kind` names its shape. The `content` of steps and results is
exactly what the Messages API sent or is sent, so that thinking and signatures go back as they came.
"""

import json
from typing import Literal, NotRequired, TypedDict, cast, get_args

from aicode.api_types import Attachment, FileChange, PendingApproval, PolicyName, Problem, Source, Usage
from aicode.events import ToolResult
from aicode.surrogates import without_surrogates

ApiBlock = dict[str, object]
WaitKind = Literal["approval", "question", "preview"]
"""Whom a call waits for: the vendor's yes or no, the vendor's answers, or the page that shows the preview."""
_ESCAPED_SURROGATE = "\\ud"


class UserRecord(TypedDict):
    """The vendor's message; `replaces` is the id of the message in whose place it stands, if it took one.

    Of its attachments it has what they are, never their bytes. With `preview` its page shows the app.
    """

    kind: Literal["user"]
    id: str
    text: str
    attachments: NotRequired[list[Attachment]]
    preview: NotRequired[bool]
    replaces: NotRequired[str]
    at: int


class ContextRecord(TypedDict):
    """A text of the product that Claude is sent beside the vendor's message, such as the list of files."""

    kind: Literal["context"]
    text: str
    at: int


class StepRecord(TypedDict):
    """One finished answer of the model.

    `sources` are the pages that its texts cite, by the text's number among them, from 0.
    """

    kind: Literal["step"]
    step: int
    content: list[ApiBlock]
    sources: NotRequired[dict[str, list[Source]]]
    stopReason: str
    model: str
    usage: Usage
    at: int


class ResultsRecord(TypedDict):
    """The results of a step's tools: for Claude in `content`, for the page in `tools` and `changes`.

    `seen` holds the file versions that Claude knows after them, `revision` is the app's that has the changes.
    Where some calls of the step wait for the vendor, the results of the others are `partial`. Those of the
    calls that waited follow, and `tools` has all of the step then.
    """

    kind: Literal["results"]
    step: int
    content: list[ApiBlock]
    tools: list[ToolResult]
    changes: list[FileChange]
    seen: dict[str, int]
    revision: NotRequired[int]
    partial: NotRequired[Literal[True]]
    at: int


class CheckRecord(TypedDict):
    """What type checker and bundler found in the app at a `revision`; `ok` if it had no error.

    `toolId` is the call that asked for it. A check without one was made by the turn itself, behind an answer
    that would have been its last. Claude is not sent this: it reads the call's result, or a context.
    """

    kind: Literal["check"]
    revision: int
    ok: bool
    errors: list[Problem]
    durationMs: int
    toolId: NotRequired[str]
    at: int


class BegunRecord(TypedDict):
    """Calls with an external effect that are about to start: from here on the effect may have happened."""

    kind: Literal["begun"]
    step: int
    toolIds: list[str]
    at: int


class WaitingRequest(PendingApproval):
    """What a call waits for; `policy` names what the vendor's answer may decide for calls to come.

    After `deadline` (epoch milliseconds), if there is one, it counts as answered with a no.
    """

    kind: WaitKind
    policy: NotRequired[PolicyName]
    deadline: NotRequired[int]


class WaitingRecord(TypedDict):
    """The turn waits for what these calls of the step ask for; nothing runs until all is answered."""

    kind: Literal["waiting"]
    step: int
    requests: list[WaitingRequest]
    at: int


class Answer(TypedDict):
    """What was answered to a call that waited.

    `answers` are the labels chosen, one list a question. `picture` is the upload with what the preview shows,
    `console` its last lines. `reason` is the vendor's own text.
    """

    approved: bool
    reason: NotRequired[str]
    answers: NotRequired[list[list[str]]]
    picture: NotRequired[str]
    console: NotRequired[list[str]]


class AnsweredRecord(TypedDict):
    """The answer to one request of a turn that waits, and which call asked for what."""

    kind: Literal["answered"]
    approvalId: str
    toolId: str
    toolName: str
    summary: str
    answer: Answer
    at: int


class PartialRecord(TypedDict):
    """What the page showed of an answer when its turn was cancelled or failed; its calls were not run."""

    kind: Literal["partial"]
    text: str
    thinking: str
    calls: NotRequired[list[dict[str, str]]]
    at: int


class NoticeRecord(TypedDict):
    """A notice that the vendor was shown while the turn ran."""

    kind: Literal["notice"]
    noticeKind: str
    text: str
    at: int


class SummaryRecord(TypedDict):
    """A summary of the conversation before the place `before` (turn, n); Claude is sent it instead.

    `seen` holds the file versions that Claude knew there, `usage` what making the summary used. `uploadIds`
    are what the messages so far refer to, the newest last: whoever loads the history from here on keeps them.
    """

    kind: Literal["summary"]
    text: str
    before: tuple[int, int]
    seen: dict[str, int]
    uploadIds: NotRequired[list[str]]
    usage: Usage
    model: str
    at: int


class TrimRecord(TypedDict):
    """Shortens the results of tools before the place `before` (turn, n) in all later requests to Claude."""

    kind: Literal["trim"]
    before: tuple[int, int]
    at: int


class ReplacedRecord(TypedDict):
    """Claude refused a block that came from outside: in all later requests `text` stands in its place.

    The block is the `index`-th, from 0, of those that the record at the place `at_entry` (turn, n) gives
    Claude, not counting thinking, which not every request has; with `inner` the `inner`-th of the content of
    that block, a tool's result. Where `sha256` is not empty, every block with these bytes is replaced,
    wherever it is. With the index -1 nothing takes the place: an answer is sent without all that the API's
    own tools put into it.
    """

    kind: Literal["replaced"]
    at_entry: tuple[int, int]
    index: int
    inner: NotRequired[int]
    sha256: str
    text: str
    at: int


class SpentRecord(TypedDict):
    """The tokens of a turn that are in none of its steps and summaries, such as those of broken answers."""

    kind: Literal["spent"]
    usage: Usage
    at: int


class EndRecord(TypedDict):
    """How a turn ended: its terminal event, and a notice for the history if it did not end well."""

    kind: Literal["end"]
    event: str
    data: dict[str, object]
    notice: NotRequired[str]
    at: int


class OpaqueRecord(TypedDict):
    """Stands for an entry that cannot be read: it is damaged, or of a kind that only newer code knows.

    It keeps the entry's place. It is never written, sent to Claude or shown to the vendor.
    """

    kind: Literal["opaque"]
    at: int


Record = (
    UserRecord
    | ContextRecord
    | StepRecord
    | ResultsRecord
    | CheckRecord
    | BegunRecord
    | WaitingRecord
    | AnsweredRecord
    | PartialRecord
    | NoticeRecord
    | SummaryRecord
    | TrimRecord
    | ReplacedRecord
    | SpentRecord
    | EndRecord
    | OpaqueRecord
)
# The kinds that are stored; an opaque record only stands for one that cannot be read.
_KINDS = frozenset(get_args(kind.__annotations__["kind"])[0] for kind in get_args(Record)) - {"opaque"}


def end_record(event: str, data: dict[str, object], now: int, notice: str | None = None) -> EndRecord:
    """The record of a turn's end; `notice` tells the vendor why it did not end well, if it did not."""
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
"""An entry's place in its session's history: its turn, and its number within the turn, from 1."""


def entry_id(entry: Entry) -> EntryId:
    """The entry's place in the history."""
    return entry["turn"], entry["n"]


def encode(record: Record) -> str:
    """The record as the JSON that is stored."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def decode(reply: object) -> list[Entry]:
    """The entries in a reply of Redis, a list of pairs of id and JSON.

    A record that cannot be read becomes an OpaqueRecord. Half of a surrogate pair, which UTF-8 cannot encode,
    becomes U+FFFD.
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
