"""Ends a turn, hands it over or lets it wait, in exactly one way, whatever became of its steps."""

import asyncio
from collections.abc import Awaitable, Callable

from aicode.errors import AICodeError, FencedError, SessionDeletedError, StoreUnavailable, TurnError
from chat.agent.model import Answer
from chat.agent.prompt import CUT_TEXT
from chat.agent.turn.ask import Asker
from chat.agent.turn.consents import Waits
from chat.agent.turn.context import TurnContext
from chat.agent.turn.journal import Journal
from chat.agent.turn.step import Step
from chat.handover import Deadline

# How long a write to the session store may take until it fails, its retry included.
LONGEST_WRITE_SECONDS = 3.0
WakeUp = Callable[[float], Awaitable[None]]
"""Has the turn looked at again so many seconds from now, since it waits no longer then."""


class HandOver(AICodeError):
    """The invocation's time is nearly over: the turn goes on in another."""


class Ending:
    """Ends one turn, once."""

    def __init__(
        self, turn: TurnContext, journal: Journal, asker: Asker, deadline: Deadline, wake_up: WakeUp
    ) -> None:
        self._turn = turn
        self._wake_up = wake_up
        self._journal = journal
        self._asker = asker
        self._deadline = deadline

    async def finish(
        self, steps: "asyncio.Task[Answer]", step: Step, *, stopped: bool, leaving: bool
    ) -> None:
        """Ends the turn after its last step, `step`; `steps` is the finished task that ran them all.

        The turn was `stopped` from outside, or is `leaving` its invocation, or neither. Raises NotInvoked if
        it could not be handed over, and an unexpected exception of the steps after the turn was ended.
        """
        try:
            if stopped:
                self._turn.events.flushing().result()
            await self._conclude(steps, step, stopped=stopped, leaving=leaving)
        except SessionDeletedError:
            await self._journal.end_deleted()
        except FencedError:
            await self._end_fenced(step)
        except TurnError as error:
            await self._end_failed(error, step)
        except StoreUnavailable:
            if self._deadline.seconds_left() >= LONGEST_WRITE_SECONDS:
                await self._end_failed(_store_lost(), step)
            else:
                self._end_unstored()

    async def _conclude(
        self, steps: "asyncio.Task[Answer]", step: Step, *, stopped: bool, leaving: bool
    ) -> None:
        error = None if steps.cancelled() else steps.exception()
        if steps.cancelled() and leaving and not stopped:
            await self._keep_cut_answer()
            await self._hand_over()
        elif isinstance(error, HandOver):
            await self._hand_over()
        elif steps.cancelled():
            await self._end_cancelled(step)
        elif error is None or isinstance(error, Waits):
            done = await (self._wait(error) if error else self._journal.end_complete(steps.result()))
            if not done:
                await self._end_cancelled(step)
        else:
            if not isinstance(error, (TurnError, StoreUnavailable, FencedError)):
                await self._end_failed(TurnError("internal", "Something went wrong on our side."), step)
            raise error

    async def _wait(self, waits: Waits) -> bool:
        """True if the turn waits now; False, with nothing stored, if the vendor asked to stop."""
        deadlines = [request["deadline"] for request in waits.requests if "deadline" in request]
        if deadlines:
            await self._wake_up((min(deadlines) - self._turn.now_ms()) / 1000)
        return await self._journal.store_waiting(waits.outcomes, waits.requests)

    async def _keep_cut_answer(self) -> None:
        text = self._journal.shown.text
        if self._journal.asked is not None or not text.strip():
            return
        block: dict[str, object] = {"type": "text", "text": text}
        answer = Answer(content=[block], stop_reason="cut", model=self._asker.model_name)
        await self._journal.store_cut_answer(answer, CUT_TEXT)

    async def _hand_over(self) -> None:
        # The next owner numbers its events from the store's last one, so all of ours must be in it first.
        events = self._turn.events
        await self._journal.confirm()
        await self._journal.store_spent()
        await events.flush(needed=True)
        events.emit("turn_handover", {"reason": "The function's time is nearly over."})
        await events.flush(needed=True)
        await self._deadline.hand_over()
        events.outcome = "handed_over"
        self._turn.observer.count("HandOvers", Result="sent")

    async def _end_cancelled(self, step: Step) -> None:
        await self._journal.end_cancelled(await step.outcomes())

    async def _end_fenced(self, step: Step) -> None:
        """Ends a turn whose commit was fenced, as happens before its session is deleted.

        Does nothing if the session store refuses it too, because another owner has the turn.
        """
        try:
            await self._turn.events.flush(needed=True)
            await self._end_cancelled(step)
        except SessionDeletedError:
            await self._journal.end_deleted()
        except (FencedError, StoreUnavailable):
            return

    async def _end_failed(self, error: TurnError, step: Step) -> None:
        try:
            await self._journal.confirm()
            if not self._turn.events.ended:  # it may wait, as has turned out
                await self._journal.end_failed(error, await step.outcomes())
        except SessionDeletedError:
            await self._journal.end_deleted()
        except FencedError:
            return
        except StoreUnavailable:
            self._end_unstored()

    def _end_unstored(self) -> None:
        """Tells the page alone; for everybody else the turn is interrupted once its lease ends."""
        self._journal.settle()
        self._turn.events.end_unstored("error", self._journal.failed(_store_lost()))


def _store_lost() -> TurnError:
    return TurnError("store_unavailable", "A store does not answer.", retryable=True)
