"""A turn whose owner died: what it had shown is read back from the event log, and the turn is closed."""

import json
from collections.abc import Sequence
from typing import Any, cast

from aicode import sse
from aicode.file_store.store import FileStore, TurnRef
from aicode.session_manager.manager import SessionManager, SessionView
from aicode.session_manager.records import ApiBlock, EndRecord, Entry, Record, ResultsRecord
from aicode.session_manager.turns import Batch, TurnWriter
from chat.agent.conversation import INTERRUPTED
from chat.resume import Place, Reader

NOTICE = "This answer was interrupted."


async def close_abandoned(sessions: SessionManager, store: FileStore, vendor: str, sid: str) -> None:
    """Ends a turn whose lease is over as interrupted, keeping what was shown; nothing where none is."""
    claimed = await sessions.claim(vendor, sid)
    if claimed is None:
        return
    writer, view = claimed
    # From here on the dead owner, should it wake, can change neither the session nor the files.
    await store.raise_fence(vendor, writer.app, TurnRef(sid, writer.turn, writer.epoch))
    shown = await unfinished(sessions, view)
    now = sessions.now_ms()
    data: dict[str, object] = {"message": NOTICE, "code": "interrupted", "retryable": True}
    end: EndRecord = {"kind": "end", "event": "error", "data": data, "notice": NOTICE, "at": now}
    records = [*_lost_results(view.entries, writer.turn, now), *shown.partial(now), end]
    frames = b"".join(_frames(writer, shown, data, now))
    batch = Batch(records=records, frames=frames, last_seq=shown.last_seq + len(shown.calls) + 1)
    await writer.end(now, batch, "error")


class Unfinished:
    """What a turn had shown since its last finished step, and the number of its last event."""

    def __init__(self) -> None:
        self.last_seq = 0
        self.text = ""
        self.thinking = ""
        self.calls: dict[str, str] = {}

    def hear(self, kind: str, data: dict[str, Any]) -> None:
        """Takes in one event."""
        if kind in ("step_complete", "step_reset"):
            self.text = self.thinking = ""
            self.calls.clear()
        elif kind == "text_delta":
            self.text += data["text"]
        elif kind == "thinking_delta":
            self.thinking += data["text"]
        elif kind == "tool_use_start":
            self.calls[data["toolId"]] = data["toolName"]
        elif kind == "tool_use_progress" and data["status"] != "running":
            self.calls.pop(data["toolId"], None)

    def partial(self, now: int) -> list[Record]:
        """The record of what would otherwise be lost."""
        if not (self.text or self.thinking):
            return []
        return [{"kind": "partial", "text": self.text, "thinking": self.thinking, "at": now}]


async def unfinished(sessions: SessionManager, view: SessionView) -> Unfinished:
    """Reads a running turn's event log to its end."""
    shown = Unfinished()
    reader = Reader(sessions, view.state.vendor, view.state.sid)
    frames = await reader.first(Place(view.state.turn, 0)) or b""
    for frame in frames.split(b"\n\n")[:-1]:
        event_id, _, line = frame.partition(b"\n")
        event = json.loads(line.removeprefix(b"data: "))
        shown.hear(event["type"], event["data"])
        shown.last_seq = int(event_id.rpartition(b"-")[2])
    if _asked(view.entries, view.state.turn):
        # The step itself is in the history; only its tools are not.
        shown.text = shown.thinking = ""
    return shown


def _asked(entries: Sequence[Entry], turn: int) -> list[ApiBlock]:
    """The calls of the turn's last record, where that is a step whose results are missing."""
    if not entries or entries[-1]["turn"] != turn or entries[-1]["record"]["kind"] != "step":
        return []
    return [block for block in entries[-1]["record"]["content"] if block.get("type") == "tool_use"]


def _lost_results(entries: Sequence[Entry], turn: int, now: int) -> list[ResultsRecord]:
    calls = _asked(entries, turn)
    if not calls:
        return []
    step = cast("Any", entries[-1]["record"])["step"]
    blocks: list[ApiBlock] = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": INTERRUPTED, "is_error": True}
        for call in calls
    ]
    return [
        {
            "kind": "results",
            "step": step,
            "content": blocks,
            "tools": [
                {
                    "toolId": str(call["id"]),
                    "toolName": str(call["name"]),
                    "status": "cancelled",
                    "isError": True,
                    "summary": INTERRUPTED,
                    "durationMs": 0,
                }
                for call in calls
            ],
            "changes": [],
            "seen": {},
            "at": now,
        }
    ]


def _frames(writer: TurnWriter, shown: Unfinished, data: dict[str, object], now: int) -> list[bytes]:
    events: list[tuple[str, dict[str, object]]] = [
        ("tool_use_progress", {"toolId": call, "toolName": name, "status": "cancelled", "data": {}})
        for call, name in shown.calls.items()
    ]
    events.append(("error", data))
    return [
        sse.frame(writer.turn, seq, kind, content, now)
        for seq, (kind, content) in enumerate(events, start=shown.last_seq + 1)
    ]
