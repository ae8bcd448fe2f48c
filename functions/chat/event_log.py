"""One turn's events: numbered, sent to the browser at once, kept in the session store in batches.

Only one write to the store is under way at a time, because the store takes events in the order of their
numbers.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass

from aicode import sse
from aicode.errors import StoreUnavailable
from aicode.history import WaitingRequest
from aicode.session_manager import Batch, Signals, TurnWriter
from chat.client_buffer import ClientBuffer

FLUSH_SECONDS = 0.25
FLUSH_BYTES = 2048
# Upstash accepts a megabyte a request on its small plans, and results may be in the same request as events:
# https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded
REQUEST_BYTES = 100_000

Event = tuple[str, Mapping[str, object]]
_OUTCOMES = {"message_complete": "complete", "turn_cancelled": "cancelled"}  # an error's is its code


def established(
    sid: str, app: str, turn: int, message_id: str, shown_model: str
) -> tuple[str, dict[str, object]]:
    """The first event of any turn; `shown_model` is the model's name for the vendor."""
    return "connection_established", {
        "sessionId": sid,
        "appId": app,
        "turnId": turn,
        "messageId": message_id,
        "model": shown_model,
    }


@dataclass(frozen=True, slots=True)
class _Write:
    """A batch for the store with its `count` numbered frames; the `held` ones are sent once it is stored."""

    batch: Batch
    held: Sequence[bytes]
    count: int


class EventLog:
    """The writer's side of a turn's events; `ended` is true once its last event for now is out.

    That is its terminal event, or the one that the turn waits.
    `outcome` says for the operators how the turn left this owner, who may also have lost it to another.
    """

    def __init__(
        self, writer: TurnWriter, client: ClientBuffer, now_ms: Callable[[], int], *, last_seq: int = 0
    ) -> None:
        self._writer = writer
        self._client = client
        self._now_ms = now_ms
        self._seq = last_seq
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        # Events that come while a write is under way; they are numbered when it is over.
        self._deferred: list[Event] | None = None
        # A write that got no answer: it may have been carried out, so its numbers may be in the store.
        self._unsure: _Write | None = None
        self._full = asyncio.Event()
        self._store = asyncio.Lock()
        self._flushing: asyncio.Task[None] | None = None
        self.outcome = "superseded"
        self.ended = False

    def flushing(self) -> "asyncio.Task[None]":
        """The task that flushes four times a second, sooner after many events; the first call starts it.

        The task ends once the vendor has asked to stop. It raises FencedError if another owner took the turn
        over, and SessionDeletedError if the session was deleted.
        """
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_until_stopped())
        return self._flushing

    async def stop_flushing(self) -> None:
        """Ends the background flush and waits until it has ended."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.wait({self._flushing})

    async def _flush_until_stopped(self) -> None:
        while True:
            # Not wait_for: Python 3.11's loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await self._full.wait()
            if (await self.flush()).cancelled:
                return

    async def flush(self, *, needed: bool = False) -> Signals:
        """Writes the events that the store does not have yet, and asks whether the vendor wants to stop.

        If the store does not answer, the events wait for the next write; a `needed` flush raises
        StoreUnavailable instead.
        """
        async with self._store:
            self._full.clear()
            self._pending_bytes = 0
            try:
                signals, has_more = await self._flush_some()
                while has_more:
                    signals, has_more = await self._flush_some()
            except StoreUnavailable:
                # The next checkpoint decides whether the turn can go on.
                if needed:
                    raise
                return Signals(cancelled=False)
            return signals

    async def _flush_some(self) -> tuple[Signals, bool]:
        """Writes as many waiting events as fit into one request; the second value is True if more wait."""
        count = 0 if self._unsure else self._fitting()
        has_more = not self._unsure and count < len(self._pending)
        frames, last_seq = b"".join(self._pending[:count]), self._seq - len(self._pending) + count
        signals = await self._writer.flush(self._now_ms(), frames, last_seq)
        del self._pending[:count]
        return signals, has_more

    def _fitting(self) -> int:
        """How many of the waiting events fit into one request, at least one."""
        size = 0
        for count, frame in enumerate(self._pending):
            size += len(frame)
            if size > REQUEST_BYTES and count:
                return count
        return len(self._pending)

    async def checkpoint(self, batch: Batch, *last: Event) -> Signals:
        """Stores `batch` with all events so far; the `last` events are sent to the browser once it is stored.

        After StoreUnavailable the batch may have been stored or not: call again with the same batch to find
        out. New events wait until that call, or until one with another batch.
        """
        async with self._storing(batch, last) as stored:
            signals = await self._writer.checkpoint(self._now_ms(), batch)
            stored.set()
        return signals

    async def end(self, batch: Batch, *last: Event, state: str, unless_cancelled: bool = False) -> bool:
        """Stores the turn's end, then sends its last events.

        False, with nothing stored, if `unless_cancelled` and the vendor asked to stop.
        """
        async with self._storing(batch, last) as stored:
            ended = await self._writer.end(self._now_ms(), batch, state, unless_cancelled=unless_cancelled)
            if ended:
                stored.set()
                self._note_end(*last[-1])
        return ended

    async def wait(self, batch: Batch, requests: Sequence[WaitingRequest], *last: Event) -> bool:
        """Stores that the turn waits for answers to these requests, then sends its last events for now.

        False, with nothing stored, if the vendor asked to stop.
        """
        async with self._storing(batch, last) as stored:
            waits = await self._writer.wait(self._now_ms(), batch, requests)
            if waits:
                stored.set()
                self.ended, self.outcome = True, "waiting"
        return waits

    def end_unstored(self, kind: str, data: Mapping[str, object]) -> None:
        """Sends a terminal event to the browser alone, because the store takes no more of this turn."""
        self._forget_unsure()
        self._client.send(self._number(kind, data))
        self._note_end(kind, data)

    def _note_end(self, kind: str, data: Mapping[str, object]) -> None:
        self.ended = True
        self.outcome = _OUTCOMES.get(kind) or str(data.get("code"))

    @contextlib.asynccontextmanager
    async def _storing(self, batch: Batch, last: Sequence[Event]) -> AsyncGenerator[asyncio.Event, None]:
        stored = asyncio.Event()
        async with self._store:
            # After an outage of the store more events may wait than fit into one request with the batch.
            while self._unsure is None and self._fitting() < len(self._pending):
                await self._flush_some()
            write = self._prepared(batch, last)
            try:
                yield stored
            except StoreUnavailable:
                self._unsure = write
                raise
            finally:
                if self._unsure is None:
                    self._settle(write, stored=stored.is_set())

    def _prepared(self, batch: Batch, last: Sequence[Event]) -> _Write:
        """The batch with its numbered events; a batch that is tried again keeps its numbers."""
        unsure = self._unsure
        if unsure is not None and unsure.batch is batch:
            self._unsure = None
            return unsure
        self._forget_unsure()
        held = [self._number(*event) for event in last]
        batch.frames, batch.last_seq = b"".join(self._pending), self._seq
        self._deferred = []
        return _Write(batch, held, len(self._pending))

    def _forget_unsure(self) -> None:
        if self._unsure is not None:
            write, self._unsure = self._unsure, None
            self._settle(write, stored=False)

    def _settle(self, write: _Write, *, stored: bool) -> None:
        if stored:
            self._client.send(b"".join(write.held))
            del self._pending[: write.count]
        else:
            del self._pending[write.count - len(write.held) :]
            self._seq -= len(write.held)
        deferred, self._deferred = self._deferred or (), None
        for event in deferred:
            self.emit(*event)

    def emit(self, kind: str, data: Mapping[str, object]) -> None:
        """Sends an event and remembers it for the store."""
        if self._deferred is not None:
            self._deferred.append((kind, data))
            return
        self._client.send(self._number(kind, data))

    def emit_delta(self, kind: str, text: str) -> None:
        """As `emit`, for `text_delta` and `thinking_delta`: cheaper, because most events are these."""
        if self._deferred is not None:
            self._deferred.append((kind, {"text": text}))
            return
        self._seq += 1
        frame = sse.delta_frame(self._writer.turn, self._seq, kind, text, self._now_ms())
        self._keep(frame)
        self._client.send(frame)

    def _number(self, kind: str, data: Mapping[str, object]) -> bytes:
        self._seq += 1
        frame = sse.frame(self._writer.turn, self._seq, kind, data, self._now_ms())
        self._keep(frame)
        return frame

    def _keep(self, frame: bytes) -> None:
        self._pending.append(frame)
        self._pending_bytes += len(frame)
        if self._pending_bytes >= FLUSH_BYTES:
            self._full.set()
