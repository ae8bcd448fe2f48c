"""How far a turn has come, read from its records, so that a new owner knows where to go on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from aicode.api_types import FileChange, FileModification, Usage
from aicode.file_store.store import RULES_PATH
from aicode.history import (
    PAUSED,
    Answer,
    Entry,
    NoticeRecord,
    Record,
    ResultsRecord,
    StepRecord,
    UserRecord,
    no_usage,
    unanswered,
    used_in,
)
from chat.agent.model import INVALID_JSON, ToolCall
from chat.agent.model import Answer as ModelAnswer
from chat.agent.tools import CallOutcome, changes_rules

RULES_CHANGED = f"Claude changed the rules in {RULES_PATH}. They count once you accept them."


@dataclass(slots=True)
class Progress:
    """What a turn has done: its latest `step`, its `usage`, its file `changes`.

    `model` is the one that answered last, empty if none has. `asked` is the latest answer if the calls in it
    have no results yet, and `begun` are the ids of those of them whose external effect may have happened.
    Where some of them have waited for the vendor, `has_waited` is true, `partial` has the results of the
    others, and `answers` by the call's id what the vendor said.
    `paused_calls` are the names, by id, of the calls of the API's own tools in which it paused last.
    """

    step: int = 0
    model: str = ""
    usage: Usage = field(default_factory=no_usage)
    changes: list[FileChange] = field(default_factory=list[FileChange])
    asked: ModelAnswer | None = None
    begun: set[str] = field(default_factory=set[str])
    has_waited: bool = False
    partial: list[ResultsRecord] = field(default_factory=list[ResultsRecord])
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    paused_calls: dict[str, str] = field(default_factory=dict[str, str])


def progress_of(entries: Sequence[Entry], turn: int) -> Progress:
    """The progress of this turn."""
    records = [entry["record"] for entry in entries if entry["turn"] == turn]
    progress = Progress(usage=used_in(records))
    call_of: dict[str, str] = {}
    for record in records:
        if record["kind"] == "step":
            progress.step, progress.model = record["step"], record["model"]
            progress.asked, progress.begun = _asked(record), set()
            progress.has_waited, progress.partial, progress.answers = False, [], {}
            paused = record["stopReason"] == PAUSED
            progress.paused_calls = unanswered(record["content"]) if paused else {}
        elif record["kind"] == "begun":
            progress.begun.update(record["toolIds"])
        elif record["kind"] == "waiting":
            progress.has_waited = True
            call_of |= {request["approvalId"]: request["toolId"] for request in record["requests"]}
        elif record["kind"] == "answered" and record["approvalId"] in call_of:
            progress.answers[call_of[record["approvalId"]]] = record["answer"]
        elif record["kind"] == "results":
            progress.changes += record["changes"]
            if record.get("partial"):
                progress.partial.append(record)
            else:
                progress.asked, progress.partial = None, []
    return progress


def message_of(entries: Sequence[Entry], turn: int) -> str:
    """The text of the vendor's message in this turn."""
    message = _message(entries, turn)
    return message["text"] if message else ""


def has_preview(entries: Sequence[Entry], turn: int) -> bool:
    """True if the page of this turn's message shows the app's preview."""
    message = _message(entries, turn)
    return message is not None and message.get("preview", False)


def _message(entries: Sequence[Entry], turn: int) -> UserRecord | None:
    for entry in entries:
        if entry["turn"] == turn and entry["record"]["kind"] == "user":
            return entry["record"]
    return None


def effect_key(sid: str, turn: int, step: int) -> str:
    """The idempotency key of a step's commit: running its tools again changes nothing twice."""
    return f"{sid}/{turn}/{step}"


def modifications(turn: int, records: Sequence[Record]) -> dict[str, str]:
    """The latest file modification of each path by these records of a turn, as JSON, by path."""
    found: dict[str, str] = {}
    for record in records:
        for change in record["changes"] if record["kind"] == "results" else ():
            modification: FileModification = {
                "path": change["path"],
                "action": change["action"],
                "version": change["version"],
                "turnId": turn,
                "toolId": change["toolId"],
                "timestamp": record["at"],
            }
            found[change["path"]] = json.dumps(modification)
    return found


def open_calls(asked: ModelAnswer | None, partial: Sequence[ResultsRecord]) -> list[ToolCall]:
    """The calls of a step that have no results yet; `partial` has those of calls that need not wait."""
    ended = {tool["toolId"] for record in partial for tool in record["tools"]}
    return [call for call in (asked.calls if asked else ()) if call.id not in ended]


def results_record(
    step: int,
    outcomes: Sequence[CallOutcome],
    seen: dict[str, int],
    now: int,
    partial: Sequence[ResultsRecord] = (),
) -> ResultsRecord:
    """The record of a step's results; `seen` are the file versions that Claude knows from them.

    `partial` has the results of calls that had them before, while the others waited.
    """
    before = [tool for record in partial for tool in record["tools"]]
    return {
        "kind": "results",
        "step": step,
        "content": [outcome.block() for outcome in outcomes],
        "tools": [*before, *(outcome.result() for outcome in outcomes)],
        "changes": [change for outcome in outcomes for change in outcome.changes],
        "seen": seen,
        "at": now,
    }


def rules_notices(outcomes: Sequence[CallOutcome], now: int) -> list[NoticeRecord]:
    """What the vendor is told where a batch has changed their rules; stored together with its results."""
    if not any(changes_rules(outcome) for outcome in outcomes):
        return []
    return [{"kind": "notice", "noticeKind": "other", "text": RULES_CHANGED, "at": now}]


def _asked(record: StepRecord) -> ModelAnswer | None:
    calls = [_call(block) for block in record["content"] if block.get("type") == "tool_use"]
    if not calls:
        return None
    return ModelAnswer(
        content=record["content"],
        stop_reason=record["stopReason"],
        model=record["model"],
        usage=record["usage"],
        calls=calls,
    )


def _call(block: dict[str, object]) -> ToolCall:
    arguments = block.get("input")
    known = isinstance(arguments, dict) and INVALID_JSON not in arguments
    return ToolCall(str(block["id"]), str(block["name"]), arguments if known else None)  # pyright: ignore[reportArgumentType, reportUnknownArgumentType] - a JSON object
