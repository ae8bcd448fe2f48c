"""Reading a turn's events from the store: what was missed, then live, from any instance, each event once."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from aicode import sse
from aicode.errors import NotFound, SessionExpired, StoreUnavailable
from aicode.history import no_usage, vendor_view
from aicode.session_manager import EVENT_PAGE, LoggedEvents, SessionReader, SessionState
from chat.client_buffer import HEARTBEAT_SECONDS
from chat.event_log import established
from chat.held_stream import HeldStream

FAST_POLL = 0.2
SLOW_POLL = 1.0
IDLE_POLLS = 25
LONGEST_LOOK = 3.0
PATIENCE_SECONDS = 15.0
# Nobody tells a function that its client has left: after so long it has to ask for the stream again.
STREAM_SECONDS = 90.0
SLOT_SECONDS = STREAM_SECONDS + 5.0
# What is left of its function's time when a stream ends.
RESERVE_SECONDS = 2.0
LONGEST_RESERVE_SHARE = 1 / 5
ShownModel = Callable[[str], str]
_TYPE = b'\ndata: {"type":"'
_TERMINAL = (b"message_complete", b"turn_cancelled", b"error")


@dataclass(slots=True)
class LastEvent:
    """The last event that a reader has: sequence number `seq` of a turn, 0 for none."""

    turn: int
    seq: int


class EventReader:
    """One reader of one session's latest turn. `attach` decides whether there is anything to stream."""

    def __init__(self, sessions: SessionReader, vendor: str, sid: str, shown_model: ShownModel = str) -> None:
        self._sessions = sessions
        self._shown_model = shown_model
        self._vendor = vendor
        self._sid = sid
        self._last = LastEvent(0, 0)
        # What it had when it came, and may have from elsewhere than the log.
        self._brought = 0
        self._cursor = "0-0"
        self._state: SessionState | None = None
        # Begun and not settled, by id: should the session be deleted, nobody else will settle them.
        self._calls: dict[str, str] = {}
        self._heard_end = False
        # One of the vendor's slots for readers, and when the stream that has it ends.
        self._slot: str | None = None
        self._ends = inf

    async def attach(self, last: LastEvent | None) -> bytes | None:
        """The same as `first`, for a reader that goes on with `follow`, whose stream has a limit.

        Raises TooManyStreams where the turn runs and the vendor has no slot left, NotFound or SessionExpired.
        """
        state, entries, self._slot = await self._sessions.attach(
            self._vendor, self._sid, seconds=SLOT_SECONDS
        )
        self._ends = asyncio.get_running_loop().time() + STREAM_SECONDS
        is_followed = False
        try:
            missed = await self._missed(last, state, entries)
            is_followed = missed is not None
        finally:
            if not is_followed:
                await self._leave(LONGEST_LOOK)
        return missed

    async def first(self, last: LastEvent | None) -> bytes | None:
        """The frames that were missed; None where nothing was and no turn runs.

        Without a last event: the turn that runs or waits, from its first. Raises NotFound or SessionExpired.
        """
        # One round trip: the log's first page comes before it is known what the reader has of it.
        state, entries = await self._sessions.events(self._vendor, self._sid, "0-0")
        return await self._missed(last, state, entries)

    async def _missed(
        self, last: LastEvent | None, state: SessionState, entries: Sequence[LoggedEvents]
    ) -> bytes | None:
        self._state = state
        if last is None and state.status not in ("running", "waiting"):
            return None
        if last is not None and last.turn != self._state.turn:
            last = None
        self._brought = _known(self._state, last)
        self._last = LastEvent(self._state.turn, self._brought)
        frames = b"".join([self._unseen(entry) for entry in entries])
        if len(entries) == EVENT_PAGE:
            self._skip_known(self._state.first_epoch)
            frames += await self._next()
        if frames or self._running():
            return frames
        return await self._rebuilt(last)

    def follow(self, first: bytes, seconds_left: Callable[[], float]) -> HeldStream:
        """The first frames, then what comes until the turn has ended, or the stream must: then it says so."""
        return HeldStream(self._frames(first, seconds_left), lambda: self._leave(LONGEST_LOOK))

    async def _frames(self, first: bytes, seconds_left: Callable[[], float]) -> AsyncGenerator[bytes, None]:
        clock = asyncio.get_running_loop().time
        left = seconds_left()
        ends = min(clock() + left - min(RESERVE_SECONDS, left * LONGEST_RESERVE_SHARE), self._ends)
        idle, spoke, heard = 0, clock(), clock()
        try:
            if first:
                yield first
            while self._running():
                frames = b""
                try:
                    async with asyncio.timeout_at(ends):
                        await asyncio.sleep(FAST_POLL if idle < IDLE_POLLS else SLOW_POLL)
                        frames = await self._next()
                    heard = clock()
                except (TimeoutError, NotFound, SessionExpired) as reason:
                    yield sse.RECONNECT if isinstance(reason, TimeoutError) else self._deleted()
                    return
                except StoreUnavailable:
                    if clock() - heard > PATIENCE_SECONDS:
                        return
                idle = 0 if frames else idle + 1
                if frames or clock() - spoke > HEARTBEAT_SECONDS - SLOW_POLL - LONGEST_LOOK:
                    yield frames or sse.KEEP_ALIVE
                    spoke = clock()
        finally:
            await self._leave(seconds_left() / 2)

    async def _leave(self, seconds: float) -> None:
        """Gives the slot back, as far as the store answers in time; else it is free when its lease ends."""
        if self._slot is not None:
            with suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._sessions.detach(self._vendor, self._slot)

    @property
    def is_overdue(self) -> bool:
        """True if the turn has waited longer than it may, as of the latest look."""
        return self._state is not None and bool(self._state.overdue(self._sessions.now_ms()))

    def _running(self) -> bool:
        return self._state is not None and self._state.status == "running"

    async def _next(self) -> bytes:
        """All that has come since, in one piece."""
        found: list[bytes] = []
        while True:
            try:
                self._state, entries = await self._sessions.events(self._vendor, self._sid, self._cursor)
            except (NotFound, SessionExpired, StoreUnavailable):
                if found:
                    break  # first what has come; the next look finds the same
                raise
            if self._state.turn != self._last.turn:
                # Another turn has begun meanwhile and the log of this one is gone.
                if not self._heard_end:
                    found += await self._told_anew(self._state, self._last.turn)
                self._begin_anew(self._state.turn)
                self._heard_end = False
                continue
            if _known(self._state, LastEvent(self._state.turn, self._brought)) < self._brought:
                self._begin_anew(self._state.turn)
                continue
            found += [self._unseen(entry) for entry in entries]
            if len(entries) < EVENT_PAGE:
                break
        return b"".join(found)

    def _begin_anew(self, turn: int) -> None:
        self._brought, self._last, self._cursor = 0, LastEvent(turn, 0), "0-0"

    def _skip_known(self, first_epoch: int) -> None:
        # Epochs of one turn follow each other and so do its numbers.
        epoch, _, seq = self._cursor.partition("-")
        if (int(epoch), int(seq)) < (first_epoch, self._last.seq):
            self._cursor = f"{first_epoch}-{self._last.seq}"

    def _unseen(self, entry: LoggedEvents) -> bytes:
        self._cursor = entry.cursor
        if entry.turn != self._last.turn or entry.last_seq <= self._last.seq:
            return b""
        frames = entry.frames.split(b"\n\n")[:-1]
        fresh = frames[-(entry.last_seq - self._last.seq) :]
        self._last.seq = entry.last_seq
        self._hear(fresh)
        return b"".join(frame + b"\n\n" for frame in fresh)

    async def _told_anew(self, state: SessionState, turn: int) -> list[bytes]:
        """The frames of an earlier turn, from its history."""
        view = await self._sessions.read_turn(self._vendor, self._sid, turn)
        return rebuilt_turn(state, turn, view.entries, self._shown_model)

    async def _rebuilt(self, last: LastEvent | None) -> bytes | None:
        """A turn that ended or waits, from its history, as its log is gone; None if the reader has it all."""
        view = await self._sessions.read(self._vendor, self._sid, since=self._last.turn)
        if view.state.status in ("running", "interrupted"):
            return None
        turn = view.state.turn
        frames = rebuilt_turn(
            view.state, turn, [e for e in view.entries if e["turn"] == turn], self._shown_model
        )
        if last is not None and last.seq in (view.state.last_seq, len(frames)):
            return None
        return b"".join(frames)

    def _hear(self, frames: Sequence[bytes]) -> None:
        for frame in frames:
            kind = frame.partition(_TYPE)[2].partition(b'"')[0]
            if kind in _TERMINAL:
                self._heard_end = True
            elif kind == b"step_reset":
                self._calls.clear()
            elif kind in (b"tool_use_start", b"tool_use_progress"):
                call = json.loads(frame.partition(b"\ndata: ")[2])["data"]
                if kind == b"tool_use_start":
                    self._calls[call["toolId"]] = call["toolName"]
                elif call["status"] != "running":
                    self._calls.pop(call["toolId"], None)

    def _deleted(self) -> bytes:
        """The end of a turn whose session is gone, with its log; nothing where the reader has it."""
        if self._heard_end:
            return b""
        events: list[tuple[str, dict[str, object]]] = [
            ("tool_use_progress", {"toolId": call, "toolName": name, "status": "cancelled", "data": {}})
            for call, name in self._calls.items()
        ]
        events.append(("turn_cancelled", {"turnId": self._last.turn, "usage": no_usage()}))
        now, behind = self._sessions.now_ms(), self._last.seq
        return b"".join(sse.frames(self._last.turn, events, now, behind=behind))


def _known(state: SessionState, last: LastEvent | None) -> int:
    """How much of the turn the reader has.

    Nothing, where an owner died and the reader may have what that one showed and never stored: its numbers
    were given anew. The whole turn follows then, so that the page drops what nobody else has seen.
    """
    if last is None:
        return 0
    finished = state.status not in ("running", "interrupted")  # or it waits, and nothing comes meanwhile
    durable = state.last_durable_seq
    if durable is None or last.seq <= durable or (finished and last.seq == state.last_seq):
        return last.seq
    return 0


def rebuilt_turn(
    state: SessionState, turn: int, entries: Sequence[vendor_view.Entry], shown_model: ShownModel
) -> list[bytes]:
    """A turn that ended or waits as frames, numbered anew from 1."""
    at = entries[0]["record"]["at"] if entries else state.metadata["updatedAt"]
    message = next((e["record"]["id"] for e in entries if e["record"]["kind"] == "user"), "")
    model = shown_model(state.metadata["model"])
    events = [established(state.sid, state.app, turn, message, model), *vendor_view.replay(entries)]
    if state.status == "waiting" and turn == state.turn:
        approvals = [request["approvalId"] for request in state.waiting]
        events.append(("turn_waiting", {"turnId": turn, "approvals": approvals}))
    return sse.frames(turn, events, at)
