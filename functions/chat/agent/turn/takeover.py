"""Takes over a turn whose owner is gone, to close it or to go on with it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from aicode import sse
from aicode.errors import FencedError, NotFound
from aicode.file_store.store import Changed, FileStore, TurnRef
from aicode.history import NoticeRecord, Record, end_record
from aicode.session_manager import Asked, Batch, OwnedTurn, SessionManager, SessionView, TurnWriter
from aicode.telemetry import Observer
from chat.agent.model import ToolCall
from chat.agent.prompt import INTERRUPTED
from chat.agent.tools import CallOutcome, Workspace, failed_outcome, recalled_outcome, unknown_outcome
from chat.agent.turn.progress import (
    Progress,
    effect_key,
    modifications,
    open_calls,
    progress_of,
    results_record,
    rules_notices,
)
from chat.agent.turn.shown import Shown
from chat.event_log import established
from chat.event_reader import EventReader, LastEvent, ShownModel
from chat.observed_turn import note_outcome

NOTICE = "This answer was interrupted."
STOPPED = "The vendor stopped the turn before this was run."
ANOTHER_MESSAGE = "The vendor sent another message instead."


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A turn that belongs to this process now.

    `shown` is what the page shows of its unfinished step, `last_seq` the number of its last stored event, and
    `has_waited` is true if the turn has waited and nothing else came since: what is shown stays.
    """

    writer: TurnWriter
    view: SessionView
    shown: Shown
    last_seq: int
    has_waited: bool

    def owned(self) -> OwnedTurn:
        """The turn as the process goes on with it."""
        state = self.view.state
        return OwnedTurn(
            writer=self.writer,
            message_id=state.message_id,
            history=self.view.entries,
            model=state.metadata["model"],
            title=state.title,
            is_taken_over=True,
            last_seq=self.last_seq,
            shows_unfinished=bool(self.shown) and not self.has_waited,
            has_waited=self.has_waited,
            consents=state.consents,
        )


async def take_over(  # noqa: PLR0913 - the stores, which turn, and at whose wish
    sessions: SessionManager,
    store: FileStore,
    vendor: str,
    sid: str,
    *,
    handed_over_by: int | None = None,
    asked: Asked = "no",
    with_waiting: bool = False,
) -> TakenOver | None:
    """Takes over a turn whose lease has ended or whose owner handed it over; None if there is none.

    One that waits for its vendor is taken only `with_waiting`, to be closed.

    If the earlier owner is still alive, it can change neither the session nor the files any more. After a
    failure the lease is released, so that another process can try. Raises as SessionManager.claim.
    """
    claimed = await sessions.claim(
        vendor, sid, handed_over_by=handed_over_by, asked=asked, with_waiting=with_waiting
    )
    if claimed is None:
        return None
    writer, view = claimed
    try:
        async with writer.lease_released_on_failure():
            await store.raise_fence(vendor, writer.app, TurnRef(sid, writer.turn, writer.epoch))
            return TakenOver(writer, view, *await _shown(sessions, view))
    except FencedError:  # its session is being deleted
        return None


async def close_abandoned(  # noqa: PLR0913, PLR0917 - the stores, whose turn it is, and who is told
    sessions: SessionManager,
    store: FileStore,
    vendor: str,
    sid: str,
    shown_model: ShownModel,
    observer: Observer,
) -> None:
    """Ends a turn that stands in the way of another message, and keeps what the page shows of it.

    One whose lease has ended was interrupted; one that waits for its vendor is cancelled. Does nothing if
    there is no such turn.
    """
    taken = await take_over(sessions, store, vendor, sid, with_waiting=True)
    if taken is not None:
        await close(store, taken, sessions.now_ms(), shown_model, observer, why=ANOTHER_MESSAGE)


async def close(  # noqa: PLR0913 - the turn, how it ends, and who is told
    store: FileStore,
    taken: TakenOver,
    now: int,
    shown_model: ShownModel,
    observer: Observer,
    *,
    why: str = STOPPED,
) -> None:
    """Ends a turn that was taken over: as cancelled, which `why` says to Claude, if it was asked to stop.

    Else it was interrupted.
    """
    end = _stopped(taken, why) if taken.view.state.is_stopping else _interrupted(observer.request_id)
    with suppress(FencedError):  # its session was deleted meanwhile, or somebody else has the turn
        async with taken.writer.lease_released_on_failure():
            await _close(store, taken, end, shown_model, now)
            # The observer may be that of the message that comes next, whose own turn is yet to begin.
            writer = taken.writer
            note_outcome(observer, end.outcome, session=writer.sid, turn=writer.turn, epoch=writer.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How a turn ends: its terminal event, what the vendor is told, what Claude is told of open calls."""

    event: str
    data: dict[str, object]
    notice: str
    of_calls: str
    outcome: str
    state: str


def _interrupted(request_id: str) -> _End:
    data: dict[str, object] = {
        "message": NOTICE,
        "code": "interrupted",
        "retryable": True,
        "requestId": request_id,
    }
    return _End(
        event="error", data=data, notice=NOTICE, of_calls=INTERRUPTED, outcome="interrupted", state="error"
    )


def _stopped(taken: TakenOver, why: str) -> _End:
    usage = progress_of(taken.view.entries, taken.writer.turn).usage
    return _End(
        event="turn_cancelled",
        data={"turnId": taken.writer.turn, "usage": usage},
        notice="Stopped.",
        of_calls=why,
        outcome="cancelled",
        state="cancelled",
    )


async def _close(store: FileStore, taken: TakenOver, end: _End, shown_model: ShownModel, now: int) -> None:
    progress = progress_of(taken.view.entries, taken.writer.turn)
    outcomes, seen = await _outcomes(store, taken.writer, progress, end.of_calls)
    records: list[Record] = []
    if progress.asked is not None:
        results = results_record(progress.step, outcomes, seen, now, progress.partial)
        records += [results, *rules_notices(outcomes, now)]
    else:
        records += taken.shown.records(now)
    told = [record for record in records if record["kind"] == "notice"]
    events = _last_events(taken, outcomes, told, end)
    if taken.last_seq == 0:
        # Its owner died before its first flush, so the turn has no first event yet.
        state = taken.view.state
        model = shown_model(state.metadata["model"])
        events.insert(0, established(state.sid, state.app, state.turn, state.message_id, model))
    frames = sse.frames(taken.writer.turn, events, now, behind=taken.last_seq)
    batch = Batch(
        records=[*records, end_record(end.event, end.data, now, end.notice)],
        modifications=modifications(taken.writer.turn, records),
        frames=b"".join(frames),
        last_seq=taken.last_seq + len(frames),
    )
    await taken.writer.end(now, batch, end.state)


async def _outcomes(
    store: FileStore, writer: TurnWriter, progress: Progress, why: str
) -> tuple[list[CallOutcome], dict[str, int]]:
    """What became of the calls that have no results yet, and the file versions that they saved."""
    if progress.asked is None:
        return [], {}
    seen: dict[str, int] = {}
    workspace = Workspace(store, writer.vendor, writer.app, seen)
    try:
        saved = await workspace.recall(effect_key(writer.sid, writer.turn, progress.step))
    except NotFound:  # the app was deleted meanwhile
        saved = None
    changes = saved.changes if saved else dict[str, Sequence[Changed]]()

    def outcome(call: ToolCall) -> CallOutcome:
        if saved and call.id in changes:
            return recalled_outcome(call, saved)
        if call.id in progress.begun:
            return unknown_outcome(call, "the turn was interrupted while this ran", "cancelled")
        return failed_outcome(call, why, "cancelled")

    return [outcome(call) for call in open_calls(progress.asked, progress.partial)], seen


async def _shown(sessions: SessionManager, view: SessionView) -> tuple[Shown, int, bool]:
    """What the page shows since the last finished step, and the number of the turn's last event.

    The third value is true if that event says that the turn waits, or what was answered meanwhile.
    """
    shown, last_seq, waits = Shown(), 0, False
    reader = EventReader(sessions, view.state.vendor, view.state.sid)
    frames = await reader.first(LastEvent(view.state.turn, 0)) or b""
    for frame in frames.split(b"\n\n")[:-1]:
        event_id, _, line = frame.partition(b"\n")
        event = json.loads(line.removeprefix(b"data: "))
        shown.hear(event["type"], event["data"])
        last_seq = int(event_id.rpartition(b"-")[2])
        waits = event["type"] == "turn_waiting" or (waits and event["type"] == "request_answered")
    return shown, last_seq, waits


def _last_events(
    taken: TakenOver,
    outcomes: Sequence[CallOutcome],
    notices: Sequence[NoticeRecord],
    end: _End,
) -> list[tuple[str, Mapping[str, object]]]:
    """The events that settle every call the page shows as open, and end the turn."""
    ended = {outcome.call.id: outcome for outcome in outcomes}
    events: list[tuple[str, Mapping[str, object]]] = []
    for call, name in taken.shown.open_calls.items():
        outcome = ended.get(call)
        status, summary = (outcome.status, outcome.summary) if outcome else ("cancelled", end.of_calls)
        tool: dict[str, object] = {"toolId": call, "toolName": name, "status": status}
        events.append(("tool_use_progress", {**tool, "data": {"summary": summary}}))
        events += [("file_change", change) for change in (outcome.changes if outcome else ())]
    events += [("notice", {"kind": each["noticeKind"], "text": each["text"]}) for each in notices]
    events.append((end.event, end.data))
    return events
