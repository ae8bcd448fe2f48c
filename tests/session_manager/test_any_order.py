"""Hypothesis drives the store's scripts against a model: two owners, two writers, crashes, lost answers.

Answers are lost on the way back: the command was carried out and its client, tried again or not, never heard.
"""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from store_world import LEASE_MS, a_store, frame, results

from aicode.errors import (
    FencedError,
    MessageIdReused,
    NotFound,
    SessionBusy,
    SessionDeletedError,
    StoreUnavailable,
)
from aicode.session_manager.manager import Abandoned, Duplicate, OwnedTurn
from aicode.session_manager.turn_writer import Batch, TurnWriter
from tests.session_store import ended, step

T = TypeVar("T")
OWNERS = st.integers(0, 1)
LOST = st.integers(0, 2)


@dataclass
class Owner:
    """A process that believes to own a turn; `unsure` is a batch of which it does not know what became."""

    writer: TurnWriter
    seq: int
    unsure: Batch | None = None


@dataclass
class Model:
    """What must be true of the one session: `records` are those of its conversation, by turn."""

    turn: int = 0
    epoch: int = 0
    state: Literal["idle", "running"] = "idle"
    lease: int = 0
    records: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    messages: dict[str, tuple[int, str | None]] = field(default_factory=dict[str, tuple[int, str | None]])
    cancelled: bool = False

    def holds(self, message_id: str) -> bool:
        """True for a message that is in the conversation."""
        turn, _ = self.messages.get(message_id, (0, None))
        return (turn, "user") in self.records

    def admit(self, message_id: str, replaces: str | None, now: int) -> None:
        """A turn begins with this message, in the place of another one or behind all."""
        if replaces is not None:
            before, _ = self.messages[replaces]
            self.records = [record for record in self.records if record[0] < before]
        self.turn, self.epoch, self.state = self.turn + 1, self.epoch + 1, "running"
        self.lease, self.cancelled = now + LEASE_MS, False
        self.records.append((self.turn, "user"))
        self.messages[message_id] = self.turn, replaces


class AnyOrder(RuleBasedStateMachine):
    """One session, two processes."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.running = AsyncExitStack()
        self.model = Model()
        self.owners: dict[int, Owner] = {}
        self.counter = 0
        self.sid = ""
        self.store = self.do(self.running.enter_async_context(a_store()))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.do(self.running.aclose())
        self.loop.close()

    @initialize()
    def first_turn(self) -> None:
        self.model = Model()
        begun = self.do(self.store.begin(self.store.message(message_id="m0", text="m0")))
        self.sid = begun.writer.sid
        self._begun(0, begun, "m0", None)

    # -- what processes do ----------------------------------------------------------------------------

    @rule(who=OWNERS, number=st.integers(0, 5), lost=LOST, place=st.none() | st.integers(0, 5))
    def begin(self, who: int, number: int, lost: int, place: int | None) -> None:
        message_id, replaces = f"m{number}", None if place is None else f"m{place}"
        message = self.store.message(sid=self.sid, message_id=message_id, text=message_id, replaces=replaces)
        found = self._with_lost(lost, self.store.sessions.begin(message, owner_known=True))
        model = self.model
        if message_id in model.messages:
            turn, known = model.messages[message_id]
            if known != replaces:
                assert found is None or isinstance(found, MessageIdReused)
            elif found is not None:
                assert found == Duplicate(self.sid, turn)
        elif model.state == "running" and model.lease > self.store.now:
            assert found is None or isinstance(found, SessionBusy)
        elif model.state == "running":
            assert found is None or found == Abandoned(model.turn)
        elif replaces is not None and not model.holds(replaces):
            assert found is None or isinstance(found, NotFound)
        elif isinstance(found, OwnedTurn):
            self._begun(who, found, message_id, replaces)
        else:
            # It was admitted and its owner never heard.
            assert found is None
            model.admit(message_id, replaces, self.store.now)

    def _begun(self, who: int, begun: OwnedTurn, message_id: str, replaces: str | None) -> None:
        model, writer = self.model, begun.writer
        model.admit(message_id, replaces, self.store.now)
        assert (writer.turn, writer.epoch) == (model.turn, model.epoch)
        assert [entry["turn"] for entry in begun.history] == [turn for turn, _ in model.records]
        self.owners[who] = Owner(writer, 0)

    @rule(who=OWNERS, lost=LOST)
    def take_over(self, who: int, lost: int) -> None:
        model = self.model
        found = self._with_lost(lost, self.store.sessions.claim("alice", self.sid))
        if model.state != "running" or model.lease > self.store.now:
            assert not isinstance(found, tuple)
            return
        model.epoch += 1
        model.lease = self.store.now + LEASE_MS
        if isinstance(found, tuple):
            writer, view = found
            assert (writer.turn, writer.epoch) == (model.turn, model.epoch)
            assert [entry["turn"] for entry in view.entries] == [turn for turn, _ in model.records]
            self.owners[who] = Owner(writer, self._last_logged())

    @rule(who=OWNERS, lost=LOST, earlier=st.integers(0, 2))
    def follow_a_hand_over(self, who: int, lost: int, earlier: int) -> None:
        """Also one that was delivered before, or long ago."""
        model = self.model
        epoch = model.epoch - earlier
        claim = self.store.sessions.claim("alice", self.sid, handed_over_by=epoch)
        found = self._with_lost(lost, claim)
        if model.state != "running" or earlier:
            assert not isinstance(found, tuple)
            return
        model.epoch += 1
        model.lease = self.store.now + LEASE_MS
        if isinstance(found, tuple):
            self.owners[who] = Owner(found[0], self._last_logged())

    @precondition(lambda self: bool(self.owners))
    @rule(data=st.data(), lost=LOST)
    def release(self, data: st.DataObject, lost: int) -> None:
        who = data.draw(st.sampled_from(sorted(self.owners)))
        owner = self.owners.pop(who)
        found = self._with_lost(lost, owner.writer.release())
        if self._owns(owner):
            assert found is None
            self.model.lease = 0
        else:
            assert found is None or isinstance(found, FencedError)

    @rule(lost=st.integers(0, 1), number=st.integers(0, 3))
    def delete(self, lost: int, number: int) -> None:
        """The session goes; whoever believed to own it finds nothing, and its messages may be sent again."""
        if number:
            return  # seldom, so that sessions get old
        found = self._with_lost(lost, self.store.sessions.delete("alice", self.sid))
        assert found is None
        gone, self.owners = self.owners, {}
        for owner in gone.values():
            for late in (
                owner.writer.flush(self.store.now, frame(owner.seq + 1), owner.seq + 1),
                owner.writer.checkpoint(self.store.now, Batch(records=[step("late")])),
                owner.writer.release(),
                owner.writer.end(self.store.now, Batch(records=[ended()], last_seq=owner.seq + 1), "idle"),
            ):
                assert isinstance(self._with_lost(0, late), SessionDeletedError)
        left = self.do(self.store.client.command("KEYS", f"s:{self.sid}:*"))
        assert set(left) <= {f"s:{self.sid}:x"}
        self.first_turn()

    @precondition(lambda self: bool(self.owners))
    @rule(data=st.data(), lost=LOST, records=st.integers(1, 2))
    def checkpoint(self, data: st.DataObject, lost: int, records: int) -> None:
        owner = self.owners[data.draw(st.sampled_from(sorted(self.owners)))]
        batch = owner.unsure
        again = batch is not None
        if batch is None:
            owner.seq += 1
            self.counter += 1
            batch = Batch(
                records=[step(f"c{self.counter}"), results(f"c{self.counter} " * 500)][:records],
                frames=frame(owner.seq),
                last_seq=owner.seq,
            )
        found = self._with_lost(lost, owner.writer.checkpoint(self.store.now, batch))
        carried_out = self._owns(owner) and not (again and self._is_recorded(batch))
        if carried_out:
            self.model.records += [(self.model.turn, str(record)) for record in batch.records]
            self.model.lease = self.store.now + LEASE_MS
        self._told(owner, found)
        owner.unsure = batch if found is None else None

    @precondition(lambda self: bool(self.owners))
    @rule(data=st.data(), lost=LOST)
    def flush(self, data: st.DataObject, lost: int) -> None:
        owner = self.owners[data.draw(st.sampled_from(sorted(self.owners)))]
        if owner.unsure is None:
            owner.seq += 1
            frames = frame(owner.seq)
        else:
            frames = b""
        renews = self.store.now - owner.writer._renewed_at > LEASE_MS / 3  # pyright: ignore[reportPrivateUsage]
        found = self._with_lost(lost, owner.writer.flush(self.store.now, frames, owner.seq))
        if self._owns(owner) and renews:
            self.model.lease = self.store.now + LEASE_MS
        self._told(owner, found)

    @precondition(lambda self: bool(self.owners))
    @rule(data=st.data(), lost=LOST, unless_cancelled=st.booleans())
    def end(self, data: st.DataObject, lost: int, unless_cancelled: bool) -> None:
        who = data.draw(st.sampled_from(sorted(self.owners)))
        owner = self.owners[who]
        if owner.unsure is not None:
            return
        owner.seq += 1
        batch = Batch(records=[ended()], frames=frame(owner.seq), last_seq=owner.seq)
        work = owner.writer.end(self.store.now, batch, "idle", unless_cancelled=unless_cancelled)
        found = self._with_lost(lost, work)
        if self._owns(owner) and not (unless_cancelled and self.model.cancelled):
            self.model.records.append((self.model.turn, "end"))
            self.model.state, self.model.cancelled = "idle", False
            assert found in (True, None)
            del self.owners[who]
        elif self._owns(owner):
            assert found in (False, None)
        else:
            # A writer that was replaced, or whose turn has ended, changes nothing.
            assert found is None or found is True or isinstance(found, FencedError)
            del self.owners[who]

    @rule(lost=LOST)
    def cancel(self, lost: int) -> None:
        found = self._with_lost(lost, self.store.sessions.cancel("alice", self.sid))
        runs = self.model.state == "running" and self.model.lease > self.store.now
        assert runs or found is None
        assert lost or not runs or found is not None
        self.model.cancelled |= runs

    @rule(who=OWNERS)
    def crash(self, who: int) -> None:
        self.owners.pop(who, None)

    @rule(seconds=st.sampled_from([1, 11, 31]))
    def time_passes(self, seconds: int) -> None:
        self.store.now += seconds * 1000

    # -- what holds -----------------------------------------------------------------------------------

    @invariant()
    def the_session_is_what_the_model_says(self) -> None:
        if not self.sid:
            return
        view = self.do(self.store.sessions.read("alice", self.sid))
        found = [(e["turn"], self._name(e["record"])) for e in view.entries]
        assert found == self.model.records
        running = self.model.state == "running"
        alive = self.model.lease > self.store.now
        assert view.state.status == ("running" if running and alive else "interrupted" if running else "idle")
        assert (view.state.turn, view.state.epoch) == (self.model.turn, self.model.epoch)

    @invariant()
    def the_log_is_in_order(self) -> None:
        if self.sid:
            log = self.do(self.store.client.command("XRANGE", f"s:{self.sid}:e", "-", "+"))
            ids = [tuple(map(int, entry[0].split("-"))) for entry in log]
            assert ids == sorted(set(ids))
            assert {int(entry[1][1]) for entry in log} == {self.model.turn}

    def _name(self, record: Any) -> str:
        return {"user": "user", "end": "end"}.get(record["kind"], str(record))

    def _is_recorded(self, batch: Batch) -> bool:
        return (self.model.turn, str(batch.records[0])) in self.model.records

    def _owns(self, owner: Owner) -> bool:
        return self.model.state == "running" and owner.writer.epoch == self.model.epoch

    def _told(self, owner: Owner, found: object) -> None:
        if found is None:
            return
        if owner.writer.epoch != self.model.epoch:
            assert isinstance(found, FencedError)
        elif self._owns(owner):
            assert not isinstance(found, Exception)
            assert getattr(found, "cancelled", None) == self.model.cancelled

    def _last_logged(self) -> int:
        log = self.do(self.store.client.command("XRANGE", f"s:{self.sid}:e", "-", "+"))
        return max(int(entry[0].partition("-")[2]) for entry in log)

    def _with_lost(self, lost: int, work: Coroutine[Any, Any, T]) -> T | Exception | None:
        """The result, or what was raised; None where both answers were lost. One lost answer is no loss."""
        self.store.faults.clear()
        if lost:
            self.store.faults.add("drop_answer", times=lost)
        try:
            return self.do(work)
        except StoreUnavailable:
            assert lost == 2
            return None
        except (FencedError, SessionDeletedError, SessionBusy, MessageIdReused, NotFound) as refused:
            return refused
        finally:
            self.store.faults.clear()


# More of them with the command that simulates more: `make simulate`.
EXAMPLES = 120 if "SEEDS" in os.environ else 12


def test_the_session_store_is_right_in_any_order():
    limits = settings(
        max_examples=EXAMPLES,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        database=None,
    )
    run_state_machine_as_test(AnyOrder, settings=limits)  # pyright: ignore[reportUnknownMemberType]
