"""A turn whose owner is gone: what it had shown is read back from its events; it is closed, or taken up."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aicode import sse
from aicode.events import ToolResult
from aicode.file_store.store import FileStore, TurnRef
from aicode.session_manager.manager import SessionManager, SessionView
from aicode.session_manager.records import ApiBlock, EndRecord, Record, ResultsRecord
from aicode.session_manager.turns import Batch, TurnWriter
from chat.agent.conversation import INTERRUPTED
from chat.agent.model import ToolCall
from chat.agent.progress import Progress, progress_of
from chat.resume import Place, Reader

NOTICE = "This answer was interrupted."


@dataclass(slots=True)
class Unfinished:
    """What a turn had shown since its last finished step, and the number of its last event."""

    last_seq: int = 0
    text: str = ""
    thinking: str = ""
    calls: dict[str, str] = field(default_factory=dict[str, str])
    anything: bool = False

    def hear(self, kind: str, data: dict[str, Any]) -> None:
        """Takes in one event."""
        if kind in ("step_complete", "step_reset"):
            self.text = self.thinking = ""
            self.calls.clear()
            self.anything = False
        elif kind == "text_delta":
            self.text += data["text"]
        elif kind == "thinking_delta":
            self.thinking += data["text"]
        elif kind == "tool_use_start":
            self.calls[data["toolId"]] = data["toolName"]
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
    the session nor the files.
    """
    claimed = await sessions.claim(vendor, sid, handed_over_by=handed_over_by)
    if claimed is None:
        return None
    writer, view = claimed
    await store.raise_fence(vendor, writer.app, TurnRef(sid, writer.turn, writer.epoch))
    return TakenOver(writer, view, await _unfinished(sessions, view))


async def close_abandoned(sessions: SessionManager, store: FileStore, vendor: str, sid: str) -> None:
    """Ends a turn whose lease is over as interrupted, keeping what was shown; nothing where none is."""
    taken = await take_over(sessions, store, vendor, sid)
    if taken is None:
        return
    now = sessions.now_ms()
    progress = progress_of(taken.view.entries, taken.writer.turn)
    data: dict[str, object] = {"message": NOTICE, "code": "interrupted", "retryable": True}
    end: EndRecord = {"kind": "end", "event": "error", "data": data, "notice": NOTICE, "at": now}
    frames = _last_frames(taken, data, now)
    batch = Batch(
        records=[*_kept(progress, taken.shown, now), end],
        frames=b"".join(frames),
        last_seq=taken.shown.last_seq + len(frames),
    )
    await taken.writer.end(now, batch, "error")


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


def _kept(progress: Progress, shown: Unfinished, now: int) -> list[Record]:
    """What would otherwise be lost: the results of a stored answer, or an answer that was not stored."""
    if progress.asked is not None:
        return [_lost_results(progress.asked.calls, progress.step, now)]
    if shown.text or shown.thinking:
        return [{"kind": "partial", "text": shown.text, "thinking": shown.thinking, "at": now}]
    return []


def _lost_results(calls: Sequence[ToolCall], step: int, now: int) -> ResultsRecord:
    blocks: list[ApiBlock] = [
        {"type": "tool_result", "tool_use_id": call.id, "content": INTERRUPTED, "is_error": True}
        for call in calls
    ]
    tools: list[ToolResult] = [
        {
            "toolId": call.id,
            "toolName": call.name,
            "status": "cancelled",
            "isError": True,
            "summary": INTERRUPTED,
            "durationMs": 0,
        }
        for call in calls
    ]
    return {
        "kind": "results",
        "step": step,
        "content": blocks,
        "tools": tools,
        "changes": [],
        "seen": {},
        "at": now,
    }


def _last_frames(taken: TakenOver, data: dict[str, object], now: int) -> list[bytes]:
    events: list[tuple[str, dict[str, object]]] = [
        ("tool_use_progress", {"toolId": call, "toolName": name, "status": "cancelled", "data": {}})
        for call, name in taken.shown.calls.items()
    ]
    events.append(("error", data))
    return [
        sse.frame(taken.writer.turn, seq, kind, content, now)
        for seq, (kind, content) in enumerate(events, start=taken.shown.last_seq + 1)
    ]
