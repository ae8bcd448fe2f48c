"""One step of a turn: listens while Claude writes its answer, then runs the tools that it asks for."""

from collections.abc import Mapping, Sequence
from typing import Any

from aicode.api_types import Usage
from aicode.errors import StoreUnavailable
from aicode.file_store.store import TurnRef
from aicode.history import (
    ApiBlock,
    Entry,
    call_ended,
    cited_sources,
    ended_call,
    pages_in,
    vendor_view,
)
from chat.agent.model import Answer, Purpose, ToolCall
from chat.agent.prompt import how_to_go_on
from chat.agent.tools import (
    BatchOutcome,
    CallOutcome,
    Effects,
    Tool,
    ToolExecutor,
    Workspace,
    shown_input,
)
from chat.agent.turn.consents import Consents, Waits
from chat.agent.turn.context import TurnContext
from chat.agent.turn.journal import Journal
from chat.agent.turn.progress import effect_key, open_calls
from chat.agent.turn.writing import Writing


class Step:
    """One step. It is the AnswerListener of its answer."""

    purpose: Purpose = "answer"

    def __init__(
        self,
        turn: TurnContext,
        journal: Journal,
        workspace: Workspace,
        tools: Mapping[str, Tool[Any]],
        consents: Consents,
    ) -> None:
        self._turn = turn
        self._journal = journal
        self._workspace = workspace
        self._tools = tools
        self._consents = consents
        self._executor = self._new_executor()
        self._writings: dict[str, Writing] = {}
        self._began: dict[str, int] = {}
        self._served: list[ApiBlock] = []
        # True while this owner does not know whether a commit was carried out, its own or an earlier owner's.
        self._commit_in_doubt = journal.asked is not None and not journal.waited_for

    async def stop(self) -> None:
        """Stops the tools that still run and waits until they have ended."""
        await self._executor.stop()

    # -- while the answer is written --------------------------------------------------------------------

    def begins(self) -> None:
        """Notes how long the vendor has waited for the first sign of Claude."""
        observer = self._turn.observer
        if self._journal.step == 1 and not observer.times("FirstToken"):
            observer.time("FirstToken", observer.seconds)

    def text(self, text: str) -> None:
        """Shows more of the answer."""
        self._journal.show_delta("text_delta", text)

    def thinking(self, text: str) -> None:
        """Shows more of the thinking."""
        self._journal.show_delta("thinking_delta", text)

    def tool_start(self, call_id: str, name: str) -> None:
        """Shows that a call is being written."""
        self._journal.show("tool_use_start", {"toolId": call_id, "toolName": name})
        tool = self._tools.get(name)
        if tool is not None and tool.text_at is not None:
            show, now_ms = self._journal.show, self._turn.now_ms
            self._writings[call_id] = Writing(call_id, tool.text_at, show, now_ms)

    def tool_input(self, call_id: str, piece: str) -> None:
        """Shows what is being written into a file."""
        writing = self._writings.get(call_id)
        if writing is not None:
            writing.hear(piece)

    def tool_ready(self, call: ToolCall) -> None:
        """Starts a call that only reads, while Claude goes on writing."""
        writing = self._writings.pop(call.id, None)
        if writing is not None:
            writing.finish()
        self._executor.call_ready(call)

    def server_call(self, call: ToolCall) -> None:
        """Shows that a tool runs which the API runs itself."""
        self._began[call.id] = self._turn.now_ms()
        tool = {"toolId": call.id, "toolName": call.name}
        data = {"input": shown_input(call)}
        self._journal.show("tool_use_progress", {**tool, "status": "running", "data": data})

    def server_result(self, result: ApiBlock) -> None:
        """Shows how such a tool has ended."""
        call, now = ended_call(result), self._turn.now_ms()
        self._served.append(result)
        if call.id not in self._journal.shown.open_calls:
            self._journal.show("tool_use_start", {"toolId": call.id, "toolName": call.name})
        kind, data = call_ended(call, now - self._began.get(call.id, now))
        self._journal.show(kind, data)
        self._turn.observer.info("tool", tool=call.name, result=data["status"])

    def cited(self, citations: object) -> None:
        """Shows which pages the text so far cites."""
        sources = cited_sources(citations, [*self._journal.pages(), *pages_in(self._served)])
        if sources:
            self._journal.show("sources", {"sources": sources})

    def delayed(self, text: str) -> None:
        """Tells the vendor that Claude keeps them waiting."""
        self._journal.notice("other", text)

    def spent(self, model: str, usage: Usage) -> None:
        """Notes the tokens of an answer that broke off."""
        self._journal.spending.told(self.purpose, model, usage)

    def reset(self, reason: str) -> None:
        """Throws away all of an answer that is asked for again: its calls, their changes, what is shown."""
        self._executor.discard()
        self._workspace.reset()
        self._writings.clear()
        self._served.clear()
        self._executor = self._new_executor()
        self._journal.take_back(reason)

    def _new_executor(self) -> ToolExecutor:
        turn, journal = self._turn, self._journal
        limit = turn.settings.tool_timeout
        return ToolExecutor(self._tools, limit, journal.show, turn.observer, journal.begun)

    # -- the tools --------------------------------------------------------------------------------------

    async def run_tools(self, answer: Answer) -> None:
        """Stores the answer, runs its calls and stores their results.

        Raises Waits if some of them have to wait for the vendor.
        """
        await self._journal.store_answer(answer)
        await self._run(None)

    async def keep_cut(self, answer: Answer) -> None:
        """Stores an answer that a limit cut off; none of its calls is run."""
        await self.stop()  # calls that only read may be running
        await self._journal.store_cut_answer(answer, how_to_go_on(answer))

    async def keep_paused(self, answer: Answer) -> None:
        """Stores an answer in which the API paused, as it came."""
        await self.stop()
        await self._journal.store_paused_answer(answer)

    async def take_up(self, *, is_shown: bool = False) -> None:
        """Runs the calls of the answer that an earlier owner stored; what it saved is not done again.

        `is_shown` says that the page shows all of the step but what was answered meanwhile. Raises as
        `run_tools`.
        """
        for kind, data in vendor_view.replay(self._entries()):
            if is_shown and kind != "request_answered":
                self._journal.shown.hear(kind, data)
            elif data.get("status") != "running":  # the executor says itself when a call runs
                self._journal.show(kind, data)
        saved = await self._workspace.recall(self._key()) if self._commit_in_doubt else None
        self._commit_in_doubt = False
        await self._run(saved)

    async def _run(self, saved: BatchOutcome | None) -> None:
        journal, calls = self._journal, self._open_calls()
        effects = Effects(commit=self._commit, begin=journal.store_begun)
        batch = await self._consents.sort(calls, journal.answers, journal.waited_for)
        await self._executor.run(batch.ready, effects, saved, batch.instead)
        self._workspace.end_batch()
        # What they are about may just have been changed by the others.
        requests, instead = await self._consents.ask(batch.open)
        unasked = [call for call, *_ in batch.open if call.id in instead]
        await self._executor.run(unasked, effects, instead=instead)
        waiting = {request["toolId"] for request in requests}
        outcomes = self._executor.outcomes([call for call in calls if call.id not in waiting])
        if requests:
            raise Waits(requests, outcomes)
        await journal.store_results(outcomes)

    def _entries(self) -> list[Entry]:
        """What the history has of the step so far."""
        turn = self._turn.writer.turn
        entries = [entry for entry in self._turn.entries if entry["turn"] == turn]
        places = (at for at, entry in enumerate(entries) if entry["record"]["kind"] == "step")
        return entries[max(places) :]

    def _open_calls(self) -> list[ToolCall]:
        return open_calls(self._journal.asked, self._journal.partial)

    async def _commit(self) -> BatchOutcome:
        writer = self._turn.writer
        reference = TurnRef(writer.sid, writer.turn, writer.epoch)
        try:
            return await self._workspace.commit(reference, self._key(), self._turn.message[:200])
        except StoreUnavailable:
            self._commit_in_doubt = True
            raise

    async def outcomes(self) -> Sequence[CallOutcome]:
        """What became of the calls that have no results yet.

        Raises StoreUnavailable if it cannot be found out whether their changes were saved: the turn's next
        owner will ask again.
        """
        if self._journal.asked is None:
            return ()
        calls = self._open_calls()
        if self._commit_in_doubt:
            saved = await self._workspace.recall(self._key())
            self._commit_in_doubt = False
            if saved is not None:
                self._executor.recall(calls, saved)
        self._workspace.end_batch()
        return self._executor.outcomes(calls)

    def _key(self) -> str:
        return effect_key(self._turn.writer.sid, self._turn.writer.turn, self._journal.step)
