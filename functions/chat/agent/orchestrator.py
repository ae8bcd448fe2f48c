"""A turn: ask the model, run the batch of tools it asks for, checkpoint, repeat, end."""

import asyncio

from aicode.errors import (
    AICodeError,
    FencedError,
    NotFound,
    SessionDeletedError,
    StoreUnavailable,
    TurnError,
)
from chat.agent.compaction.compactor import Compactor
from chat.agent.model.answer_endings import Outcome, outcome_of
from chat.agent.model.interface import Message
from chat.agent.model.retry import TOO_LONG, OutOfTime, TooLong
from chat.agent.prompt.app_context import RULES_PATH, app_context
from chat.agent.prompt.cut_answer import CUT_TEXT, how_to_go_on
from chat.agent.tools.executor import uninterrupted
from chat.agent.turn import loop_guard
from chat.agent.turn.ask import Asking
from chat.agent.turn.budget import Budget
from chat.agent.turn.context import Turn
from chat.agent.turn.journal import Journal, Shown, error_data
from chat.agent.turn.step import Step
from chat.agent.turn.titles import Titling
from chat.handover import NotInvoked
from chat.stop import is_stopped_first


class HandOver(AICodeError):
    """The invocation's time is nearly over: the turn goes on in another."""


class Orchestrator:
    """Runs one turn to its end."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._journal = Journal(turn)
        self._budget = Budget(turn, self._journal)
        self._asking = Asking(turn, self._journal, self._budget)
        self._compactor = Compactor(turn, self._journal, self._budget)
        self._step = Step(turn, self._journal)
        self._titling = Titling(turn)
        self._made_room = False
        self._leaving = False

    async def run(self) -> None:
        """The whole turn, with exactly one terminal event; stops early where the vendor cancels.

        Near the invocation's deadline the turn is handed over instead: between two steps, or, where a step
        takes too long, in the middle of one. What nobody foresaw is raised after the turn was ended.
        """
        steps = asyncio.create_task(self._steps())
        clock = asyncio.create_task(self._watch(steps))
        events = self._turn.log
        try:
            if await is_stopped_first(steps, events):
                self._stop(steps)
            await asyncio.wait({steps})
            stopped = events.flushing().done()
            clock.cancel()
            await asyncio.wait({clock})
            await events.stop_flushing()
            await self._step.stop()
            await self._finish(steps, stopped=stopped)
        finally:
            for task in (steps, clock):
                task.cancel()
            await asyncio.gather(steps, clock, return_exceptions=True)
            await events.stop_flushing()

    async def _watch(self, steps: "asyncio.Task[Message]") -> None:
        deadline = self._turn.deadline
        await asyncio.sleep(deadline.until_left(2 * deadline.reserve))
        try:
            await deadline.prepare()
        except NotInvoked as error:  # the hand-over itself tries again
            self._turn.logger("hand-over not prepared", {"error": type(error.__cause__).__name__})
        await asyncio.sleep(deadline.until_left(deadline.reserve))
        self._leaving = True
        await asyncio.sleep(deadline.until_left(deadline.reserve / 2))
        self._stop(steps)

    def _stop(self, steps: "asyncio.Task[Message]") -> None:
        # A commit that has begun is waited for; the call for the title must not wait with it.
        self._titling.stop()
        steps.cancel()

    # -- the steps ------------------------------------------------------------------------------------

    async def _steps(self) -> Message:
        """Asks and runs tools until the model stops; gives its last answer."""
        self._titling.start()
        try:
            return await self._to_the_last_answer()
        except FencedError:
            self._titling.stop()
            raise
        finally:
            await self._titling.settle()

    async def _to_the_last_answer(self) -> Message:
        await self._budget.open()
        if self._journal.asked is not None:
            await self._step.take_up(self._journal.asked)
        await self._look_at_app()
        while self._journal.step < self._turn.settings.max_steps:
            if self._leaving:
                raise HandOver
            if loop_guard.is_stuck(self._turn.entries, self._turn.writer.turn):
                return self._stop_stuck()
            if await self._compactor.compact():
                await self._look_at_app()
            self._journal.step += 1
            message = await self._ask()
            outcome = outcome_of(message.stop_reason, has_calls=bool(message.calls))
            if outcome is Outcome.FINISH:
                return message
            await self._go_on(outcome, message)
        raise TurnError("step_limit", "This took more steps than a turn may have. Send a message to go on.")

    async def _go_on(self, outcome: Outcome, message: Message) -> None:
        """What an answer asks for that is not the turn's last."""
        match outcome:
            case Outcome.RUN_TOOLS:
                await self._step.run_tools(message)
            case Outcome.COMPACT:
                await self._keep(message)
                await self._make_room()
            case Outcome.REFUSED:
                raise TurnError("model_refused", message.refusal or "Claude declined to answer this.")
            case Outcome.CONTINUE | Outcome.FINISH:
                await self._keep(message)

    def _stop_stuck(self) -> Message:
        """Ends the turn as complete, with a notice in plain words: what was done is kept."""
        self._journal.step += 1
        self._journal.notice("other", loop_guard.TOLD)
        return Message(content=[], stop_reason="stuck", model=self._turn.model_name)

    async def _look_at_app(self) -> None:
        turn = self._turn
        vendor, app = turn.writer.vendor, turn.writer.app
        try:
            listing = await turn.store.list_files(vendor, app)
            rules = [file for file in listing.files if file["path"] == RULES_PATH]
            text = (await turn.store.read_file(vendor, app, RULES_PATH))["content"] if rules else ""
        except NotFound as error:
            raise TurnError("internal", "The app is gone.") from error
        for context in app_context(listing.files, text, self._journal.told()):
            self._journal.tell(context)

    async def _ask(self) -> Message:
        """The next answer; where the API finds the conversation too long, it is shortened and sent again."""
        try:
            return await self._one_answer()
        except TooLong:
            await self._make_room()
            return await self._one_answer()

    async def _one_answer(self) -> Message:
        self._step.begin()
        try:
            return await self._asking.answer(self._step)
        except OutOfTime as error:
            # Another invocation can wait on, but only a turn that gets somewhere is passed on for that.
            if self._journal.step - self._turn.progress.step > 1:
                raise HandOver from error
            raise

    async def _make_room(self) -> None:
        """Shortens the conversation, once a turn; raises TooLong where that was done or cannot be done."""
        self._journal.shown = Shown()
        if self._made_room or not await self._compactor.compact(force=True):
            raise TooLong("model_error", TOO_LONG)
        self._made_room = True
        await self._look_at_app()

    async def _keep(self, message: Message) -> None:
        await self._step.stop()  # a call that only reads may have begun, and is not run now
        await uninterrupted(self._journal.store_cut_answer(message, how_to_go_on(message)))

    # -- the end --------------------------------------------------------------------------------------

    async def _finish(self, steps: "asyncio.Task[Message]", *, stopped: bool) -> None:
        try:
            if stopped:
                self._turn.log.flushing().result()
            await self._conclude(steps, stopped=stopped)
        except SessionDeletedError:
            await self._journal.end_deleted()
        except FencedError:
            await self._end_fenced()
        except TurnError as error:
            await self._end_failed(error)
        except StoreUnavailable:
            await self._end_failed(_store_lost())

    async def _conclude(self, steps: "asyncio.Task[Message]", *, stopped: bool) -> None:
        error = None if steps.cancelled() else steps.exception()
        if steps.cancelled() and self._leaving and not stopped:
            await self._keep_cut_answer()
            await self._hand_over()
        elif isinstance(error, HandOver):
            await self._hand_over()
        elif steps.cancelled():
            await self._end_cancelled()
        elif error is None:
            if not await self._journal.end_complete(steps.result()):
                await self._end_cancelled()
        else:
            if not isinstance(error, (TurnError, StoreUnavailable, FencedError)):
                await self._end_failed(TurnError("internal", "Something went wrong on our side."))
            raise error

    async def _keep_cut_answer(self) -> None:
        text = "".join(self._journal.shown.text)
        if self._journal.asked is not None or not text.strip():
            return
        message = Message(
            content=[{"type": "text", "text": text}], stop_reason="cut", model=self._asking.model
        )
        await self._journal.store_cut_answer(message, CUT_TEXT)

    async def _hand_over(self) -> None:
        # All that was shown must be in the store before others number what follows.
        await self._journal.confirm()
        await self._journal.store_spent()
        await self._turn.log.flush(needed=True)
        self._turn.log.emit("turn_handover", {"reason": "The function's time is nearly over."})
        await self._turn.log.flush(needed=True)
        await self._turn.deadline.hand_over()

    async def _end_cancelled(self) -> None:
        await self._journal.end_cancelled(await self._step.outcomes())

    async def _end_fenced(self) -> None:
        """Ends a turn that the files alone refuse: its session is being deleted, or is gone by now."""
        try:
            await self._turn.log.flush(needed=True)
            await self._end_cancelled()
        except SessionDeletedError:
            await self._journal.end_deleted()
        except (FencedError, StoreUnavailable):
            return

    async def _end_failed(self, error: TurnError) -> None:
        try:
            await self._journal.end_failed(error, await self._step.outcomes())
        except SessionDeletedError:
            await self._journal.end_deleted()
        except FencedError:
            return
        except StoreUnavailable:
            # The lease will end and tell everybody else; the page at least knows now.
            self._turn.log.end_unstored("error", error_data(_store_lost()))


def _store_lost() -> TurnError:
    return TurnError("store_unavailable", "A store does not answer.", retryable=True)
