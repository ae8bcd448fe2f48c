"""One step of a turn: what is heard while Claude writes its answer, and the tools that it asks for."""

from collections.abc import Mapping, Sequence

from aicode.api_types import Usage
from aicode.errors import StoreUnavailable
from aicode.file_store.store import TurnRef
from aicode.history.vendor_view import shown_step
from chat.agent.model.interface import Message, ToolCall
from chat.agent.tools.executor import ToolBatch, uninterrupted
from chat.agent.tools.outcome import CallOutcome
from chat.agent.tools.workspace import BatchOutcome
from chat.agent.turn.context import Turn
from chat.agent.turn.journal import Journal, Shown, calls_of
from chat.agent.turn.progress import effect_key


class Step:
    """The step that is under way. Hears the model as its StepListener."""

    def __init__(self, turn: Turn, journal: Journal) -> None:
        self._turn = turn
        self._journal = journal
        self._batch = self._new_batch()
        # A commit of which this owner does not know whether it was carried out.
        self._saving = journal.asked is not None

    def begin(self) -> None:
        """From here on all is new: nothing is shown yet, no call asked for."""
        self._journal.shown, self._batch = Shown(), self._new_batch()

    async def stop(self) -> None:
        """Stops the tools that still run and waits until they have ended."""
        await self._batch.stop()

    # -- what is heard ----------------------------------------------------------------------------------

    def text(self, text: str) -> None:
        """Shows more of the answer."""
        self._journal.shown.text.append(text)
        self._turn.log.emit_delta("text_delta", text)

    def thinking(self, text: str) -> None:
        """Shows more of the thinking."""
        self._journal.shown.thinking.append(text)
        self._turn.log.emit_delta("thinking_delta", text)

    def tool_start(self, call_id: str, name: str) -> None:
        """Shows that a call is being written."""
        self._journal.shown.begin(call_id, name)
        self._turn.log.emit("tool_use_start", {"toolId": call_id, "toolName": name})

    def tool_ready(self, call: ToolCall) -> None:
        """Lets a call that only reads begin."""
        self._batch.call_ready(call)

    def spent(self, usage: Usage) -> None:
        """Notes what an answer cost that did not come to its end."""
        self._journal.spend(usage)

    def reset(self, reason: str) -> None:
        """Takes back what was shown of an answer that is asked for again."""
        self._batch.discard()
        self._turn.workspace.reset()
        self._batch = self._new_batch()
        if self._journal.shown:
            self._journal.shown = Shown()
            self._turn.log.emit("step_reset", {"reason": reason})

    def _new_batch(self) -> ToolBatch:
        return ToolBatch(self._turn.tools, self._turn.settings.tool_timeout, self._tool_event)

    def _tool_event(self, kind: str, data: Mapping[str, object]) -> None:
        if kind == "tool_use_progress" and data["status"] != "running":
            self._journal.shown.calls.pop(str(data["toolId"]), None)
        self._turn.log.emit(kind, data)

    # -- the tools --------------------------------------------------------------------------------------

    async def run_tools(self, message: Message) -> None:
        """Stores the answer, runs the calls in it, stores their results."""
        await uninterrupted(self._journal.store_answer(message))
        outcomes = await self._batch.run(message.calls, self._commit)
        await uninterrupted(self._journal.store_results(outcomes))

    async def take_up(self, message: Message) -> None:
        """Runs the tools of an answer that an earlier owner had stored; what it saved is not done again."""
        for kind, data in shown_step(message.content):
            if kind != "tool_use_progress":  # the batch says itself when a call runs
                self._turn.log.emit(kind, data)
        recalled = await self._turn.workspace.recall(self._key())
        self._saving = False
        outcomes = await self._batch.run(message.calls, self._commit, recalled)
        await uninterrupted(self._journal.store_results(outcomes))

    async def _commit(self) -> BatchOutcome:
        writer = self._turn.writer
        reference = TurnRef(writer.sid, writer.turn, writer.epoch)
        try:
            return await self._turn.workspace.commit(reference, self._key(), self._turn.message[:200])
        except StoreUnavailable:
            self._saving = True
            raise

    async def outcomes(self) -> Sequence[CallOutcome]:
        """What became of the calls that have no results yet.

        Raises StoreUnavailable where nobody can say whether their changes were saved: whoever takes the turn
        up will ask again.
        """
        calls = calls_of(self._journal.asked)
        if self._saving:
            saved = await self._turn.workspace.recall(self._key())
            self._saving = False
            if saved is not None:
                self._batch.recall(calls, saved)
        return self._batch.outcomes(calls)

    def _key(self) -> str:
        return effect_key(self._turn.writer.sid, self._turn.writer.turn, self._journal.step)
