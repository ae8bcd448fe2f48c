"""A turn whose owner is gone: what it had shown is read back from its events; it is closed, or taken up."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aicode import sse
from aicode.errors import FencedError, NotFound
from aicode.file_store.store import Changed, FileStore, TurnRef
from aicode.history.records import EndRecord, Record, ResultsRecord
from aicode.session_manager.manager import SessionManager
from aicode.session_manager.reader import SessionView
from aicode.session_manager.turn_writer import Batch, TurnWriter
from chat.agent.prompt.conversation import INTERRUPTED
from chat.agent.tools.outcome import CallOutcome, recalled_outcome
from chat.agent.tools.workspace import Workspace
from chat.agent.turn.progress import Progress, effect_key, modifications, progress_of
from chat.event_reader import Place, Reader, ShownModel, established

NOTICE = "This answer was interrupted."


@dataclass(slots=True)
class Unfinished:
    """What a turn had shown since its last finished step, and the number of its last event."""

    last_seq: int = 0
    text: str = ""
    thinking: str = ""
    calls: dict[str, str] = field(default_factory=dict[str, str])
    begun: dict[str, str] = field(default_factory=dict[str, str])
    anything: bool = False

    def hear(self, kind: str, data: dict[str, Any]) -> None:
        """Takes in one event."""
        if kind in ("step_complete", "step_reset"):
            self.text = self.thinking = ""
            self.calls.clear()
            self.begun.clear()
            self.anything = False
        elif kind == "text_delta":
            self.text += data["text"]
        elif kind == "thinking_delta":
            self.thinking += data["text"]
        elif kind == "tool_use_start":
            self.calls[data["toolId"]] = self.begun[data["toolId"]] = data["toolName"]
        elif kind == "tool_use_progress" and data["status"] != "running":
            self.calls.pop(data["toolId"], None)
        if kind.endswith("_delta") or kind.startswith("tool_use"):
            self.anything = True


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A turn that belongs to this process now."""

    writer: TurnWriter
    view: SessionView
    shown: Unfinished


async def take_over(
    sessions: SessionManager,
    store: FileStore,
    vendor: str,
    sid: str,
    *,
    handed_over_by: int | None = None,
) -> TakenOver | None:
    """Makes a turn this process's own: one whose lease is over, or which its owner handed over.

    None where there is no such turn. The earlier owner, should it wake, changes nothing any more: neither
    the session nor the files. What fails on the way leaves the turn to whoever comes next.
    """
    claimed = await sessions.claim(vendor, sid, handed_over_by=handed_over_by)
    if claimed is None:
        return None
    writer, view = claimed
    try:
        async with writer.lease_released_on_failure():
            await store.raise_fence(vendor, writer.app, TurnRef(sid, writer.turn, writer.epoch))
            return TakenOver(writer, view, await _unfinished(sessions, view))
    except FencedError:  # its session is being deleted
        return None


async def close_abandoned(
    sessions: SessionManager, store: FileStore, vendor: str, sid: str, shown_model: ShownModel
) -> None:
    """Ends a turn whose lease is over as interrupted, keeping what was shown; nothing where none is."""
    taken = await take_over(sessions, store, vendor, sid)
    if taken is None:
        return
    with suppress(FencedError):  # its session was deleted meanwhile, or somebody else has the turn
        async with taken.writer.lease_released_on_failure():
            await _close(store, taken, shown_model, sessions.now_ms())


async def _close(store: FileStore, taken: TakenOver, shown_model: ShownModel, now: int) -> None:
    progress = progress_of(taken.view.entries, taken.writer.turn)
    outcomes, seen = await _outcomes(store, taken.writer, progress)
    records: list[Record] = []
    if progress.asked is not None:
        records.append(_results(outcomes, progress.step, seen, now))
    elif taken.shown.anything:
        records.append(_partial(taken.shown, now))
    data: dict[str, object] = {"message": NOTICE, "code": "interrupted", "retryable": True}
    end: EndRecord = {"kind": "end", "event": "error", "data": data, "notice": NOTICE, "at": now}
    events = _last_events(taken, outcomes, data)
    if taken.shown.last_seq == 0:
        # Its owner died before its first flush: what follows is all that anybody will read of the turn.
        state = taken.view.state
        model = shown_model(state.metadata["model"])
        events.insert(0, established(state, taken.writer.turn, state.message_id, model))
    frames = sse.frames(taken.writer.turn, events, now, behind=taken.shown.last_seq)
    batch = Batch(
        records=[*records, end],
        modifications=modifications(taken.writer.turn, records),
        frames=b"".join(frames),
        last_seq=taken.shown.last_seq + len(frames),
    )
    await taken.writer.end(now, batch, "error")


def _partial(shown: Unfinished, now: int) -> Record:
    calls = [{"id": call, "name": name} for call, name in shown.begun.items()]
    text, thinking = shown.text, shown.thinking
    return {"kind": "partial", "text": text, "thinking": thinking, "calls": calls, "at": now}


async def _outcomes(
    store: FileStore, writer: TurnWriter, progress: Progress
) -> tuple[list[CallOutcome], dict[str, int]]:
    """What became of the calls that have no results yet, and the file versions that Claude knows by it."""
    if progress.asked is None:
        return [], {}
    seen: dict[str, int] = {}
    workspace = Workspace(store, writer.vendor, writer.app, seen)
    try:
        saved = await workspace.recall(effect_key(writer.sid, writer.turn, progress.step))
    except NotFound:  # the app was deleted meanwhile
        saved = None
    changes = saved.changes if saved else dict[str, Sequence[Changed]]()
    return [
        recalled_outcome(call, saved)
        if saved and call.id in changes
        else CallOutcome(call=call, status="cancelled", content=INTERRUPTED, summary=INTERRUPTED)
        for call in progress.asked.calls
    ], seen


async def _unfinished(sessions: SessionManager, view: SessionView) -> Unfinished:
    shown = Unfinished()
    reader = Reader(sessions, view.state.vendor, view.state.sid)
    frames = await reader.first(Place(view.state.turn, 0)) or b""
    for frame in frames.split(b"\n\n")[:-1]:
        event_id, _, line = frame.partition(b"\n")
        event = json.loads(line.removeprefix(b"data: "))
        shown.hear(event["type"], event["data"])
        shown.last_seq = int(event_id.rpartition(b"-")[2])
    return shown


def _results(outcomes: Sequence[CallOutcome], step: int, seen: dict[str, int], now: int) -> ResultsRecord:
    return {
        "kind": "results",
        "step": step,
        "content": [outcome.block() for outcome in outcomes],
        "tools": [outcome.result() for outcome in outcomes],
        "changes": [change for outcome in outcomes for change in outcome.changes],
        "seen": seen,
        "at": now,
    }


def _last_events(
    taken: TakenOver, outcomes: Sequence[CallOutcome], data: dict[str, object]
) -> list[tuple[str, Mapping[str, object]]]:
    """Settles every call that the page shows as open, and ends the turn."""
    ended = {outcome.call.id: outcome for outcome in outcomes}
    events: list[tuple[str, Mapping[str, object]]] = []
    for call, name in taken.shown.calls.items():
        outcome = ended.get(call)
        status, summary = (outcome.status, outcome.summary) if outcome else ("cancelled", INTERRUPTED)
        tool: dict[str, object] = {"toolId": call, "toolName": name, "status": status}
        events.append(("tool_use_progress", {**tool, "data": {"summary": summary}}))
        events += [("file_change", change) for change in (outcome.changes if outcome else ())]
    events.append(("error", data))
    return events
