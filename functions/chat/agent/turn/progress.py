"""How far a turn has come, read from its records, so that a new owner knows where to go on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from aicode.api_types import FileChange, FileModification, Usage
from aicode.build.builder import Checked
from aicode.file_store.store import RULES_PATH
from aicode.history import (
    PAUSED,
    CheckRecord,
    Entry,
    NoticeRecord,
    Record,
    ResultsRecord,
    StepRecord,
    UserRecord,
    WaitingRequest,
    no_usage,
    unanswered,
    used_in,
)
from aicode.history import Answer as VendorAnswer
from chat.agent.model import INVALID_JSON, Answer, NextAction, ToolCall, next_action
from chat.agent.tools import CallOutcome, changes_rules

RULES_CHANGED = f"Claude changed the rules in {RULES_PATH}. They count once you accept them."


@dataclass(slots=True)
class Progress:
    """What a turn has done: its latest `step`, its `usage`, its file `changes`.

    `model` is the one that answered last, empty if none has. `asked` is the latest answer if the calls in it
    have no results yet, and `begun` are the ids of those of them whose external effect may have happened.
    `last` is the latest answer if nothing follows it: the turn ends with it, unless a check finds errors.
    Where some of them have waited for the vendor, `waited_for` has by the call's id what was asked, `answers`
    what the vendor said, and `partial` the results of the other calls.
    `paused_calls` are the names, by id, of the calls of the API's own tools in which it paused last.
    """

    step: int = 0
    model: str = ""
    usage: Usage = field(default_factory=no_usage)
    changes: list[FileChange] = field(default_factory=list[FileChange])
    asked: Answer | None = None
    begun: set[str] = field(default_factory=set[str])
    last: Answer | None = None
    partial: list[ResultsRecord] = field(default_factory=list[ResultsRecord])
    waited_for: dict[str, WaitingRequest] = field(default_factory=dict[str, WaitingRequest])
    answers: dict[str, VendorAnswer] = field(default_factory=dict[str, VendorAnswer])
    paused_calls: dict[str, str] = field(default_factory=dict[str, str])


def progress_of(entries: Sequence[Entry], turn: int) -> Progress:
    """The progress of this turn."""
    records = [entry["record"] for entry in entries if entry["turn"] == turn]
    progress = Progress(usage=used_in(records))
    for record in records:
        if record["kind"] == "step":
            progress.step, progress.model = record["step"], record["model"]
            progress.asked, progress.begun = _asked(record), set()
            progress.last = _last(record)
            progress.partial, progress.waited_for, progress.answers = [], {}, {}
            paused = record["stopReason"] == PAUSED
            progress.paused_calls = unanswered(record["content"]) if paused else {}
        elif record["kind"] == "begun":
            progress.begun.update(record["toolIds"])
        elif record["kind"] == "results":
            progress.changes += record["changes"]
            if record.get("partial"):
                progress.partial.append(record)
            else:
                progress.asked, progress.partial = None, []
        elif record["kind"] == "context":
            progress.last = None
        else:
            _wait(progress, record)
    return progress


def _wait(progress: Progress, record: Record) -> None:
    """Notes what calls of the step wait for, or an answer."""
    if record["kind"] == "waiting":
        progress.waited_for |= {request["toolId"]: request for request in record["requests"]}
    elif record["kind"] == "answered":
        for call, request in progress.waited_for.items():
            if request["approvalId"] == record["approvalId"]:
                progress.answers[call] = record["answer"]


def base_of(entries: Sequence[Entry], turn: int) -> int | None:
    """The app's revision before this turn's first change, None if it has made none."""
    records = (entry["record"] for entry in entries if entry["turn"] == turn)
    revisions = (record.get("revision") for record in records if record["kind"] == "results")
    return next((revision - 1 for revision in revisions if revision is not None), None)


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


def open_calls(asked: Answer | None, partial: Sequence[ResultsRecord]) -> list[ToolCall]:
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
    before = [tool for each in partial for tool in each["tools"]]
    record: ResultsRecord = {
        "kind": "results",
        "step": step,
        "content": [outcome.block() for outcome in outcomes],
        "tools": [*before, *(outcome.result() for outcome in outcomes)],
        "changes": [change for outcome in outcomes for change in outcome.changes],
        "seen": seen,
        "at": now,
    }
    revisions = [outcome.revision for outcome in outcomes if outcome.revision is not None]
    return {**record, "revision": revisions[0]} if revisions else record


def check_record(checked: Checked, now: int) -> CheckRecord:
    """The record of what a check has found."""
    return {
        "kind": "check",
        "revision": checked.revision,
        "ok": checked.ok,
        "errors": checked.errors,
        "durationMs": checked.duration_ms,
        "at": now,
    }


def asked_checks(outcomes: Sequence[CallOutcome], now: int) -> list[CheckRecord]:
    """The records of the checks that Claude asked for; stored together with the results."""
    return [
        {**check_record(outcome.checked, now), "toolId": outcome.call.id}
        for outcome in outcomes
        if outcome.checked is not None
    ]


def rules_notices(outcomes: Sequence[CallOutcome], now: int) -> list[NoticeRecord]:
    """What the vendor is told where a batch has changed their rules; stored together with its results."""
    if not any(changes_rules(outcome) for outcome in outcomes):
        return []
    return [{"kind": "notice", "noticeKind": "other", "text": RULES_CHANGED, "at": now}]


def _last(record: StepRecord) -> Answer | None:
    has_calls = any(block.get("type") == "tool_use" for block in record["content"])
    action = next_action(record["stopReason"], has_calls=has_calls)
    return None if has_calls or action is not NextAction.FINISH else _answer(record, [])


def _asked(record: StepRecord) -> Answer | None:
    calls = [_call(block) for block in record["content"] if block.get("type") == "tool_use"]
    return _answer(record, calls) if calls else None


def _answer(record: StepRecord, calls: list[ToolCall]) -> Answer:
    return Answer(
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
