"""Runs a turn: asks the model, runs the batch of calls it asks for, checkpoints, repeats, ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aicode.errors import FencedError, TurnError
from aicode.history import SERVER_CALL, THINKING
from aicode.invoke import NotInvoked
from chat.agent.compaction import Compactor
from chat.agent.model import TOO_LONG, Answer, NextAction, OutOfTime, TooLong, next_action
from chat.agent.tools import WEB_FETCH
from chat.agent.turn import (
    AppLook,
    Asker,
    Checks,
    Ending,
    Fetches,
    HandOver,
    Journal,
    Step,
    Titling,
    TurnContext,
    loop_guard,
)
from chat.handover import Deadline
from chat.stop import is_stopped_first

ASKED_AGAIN = (
    "Your last answer was empty. If something is left to do or to say, go on; else say what was done."
)
DECLINED = "Claude declined to answer this. Put it differently, or go on with something else."
NOTHING_SAID = "Claude ended its answer without a word. What was done so far is kept."


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnParts:
    """The parts of one turn; `titling` is None if the session needs no title.

    `is_shown` is true if the page shows a step that is taken up as its earlier owner left it.
    """

    journal: Journal
    asker: Asker
    compactor: Compactor
    new_step: Callable[[], Step]
    ending: Ending
    titling: Titling | None
    app: AppLook
    fetches: Fetches
    checks: Checks
    deadline: Deadline
    is_shown: bool = False


class Orchestrator:
    """Runs one turn to its end."""

    def __init__(self, turn: TurnContext, parts: TurnParts) -> None:
        self._turn = turn
        self._parts = parts
        self._journal = parts.journal
        self._step = parts.new_step()
        self._steps_before = parts.journal.step
        self._made_room = False
        self._leaving = False

    async def run(self) -> None:
        """Runs the turn to exactly one terminal event, early if the vendor cancels.

        Near the invocation's deadline the turn is handed over instead: between two steps, or in the middle of
        a step that takes too long. Where a call needs the vendor's word, the turn waits for it without an
        owner. An unexpected exception is raised after the turn was ended.
        """
        events = self._turn.events
        steps = asyncio.create_task(self._steps())
        clock = asyncio.create_task(self._watch_deadline(steps))
        try:
            if await is_stopped_first(steps, events):
                self._stop(steps)
            await asyncio.wait({steps})
            stopped = events.flushing().done()
            clock.cancel()
            await asyncio.wait({clock})
            await events.stop_flushing()
            await self._step.stop()
            await self._parts.ending.finish(steps, self._step, stopped=stopped, leaving=self._leaving)
        finally:
            for task in (steps, clock):
                task.cancel()
            await asyncio.gather(steps, clock, return_exceptions=True)
            await events.stop_flushing()

    async def _watch_deadline(self, steps: "asyncio.Task[Answer]") -> None:
        deadline = self._parts.deadline
        await asyncio.sleep(deadline.until_left(2 * deadline.reserve))
        try:
            await deadline.prepare()
        except NotInvoked as error:  # the hand-over itself tries again
            self._turn.observer.warning("hand-over not prepared", error=type(error.__cause__).__name__)
        await asyncio.sleep(deadline.until_left(deadline.reserve))
        self._leaving = True
        await asyncio.sleep(deadline.until_left(deadline.reserve / 2))
        self._stop(steps)

    def _stop(self, steps: "asyncio.Task[Answer]") -> None:
        # Cancelled steps still finish a commit that has begun; the call for the title need not last as long.
        self._stop_title()
        steps.cancel()

    def _stop_title(self) -> None:
        if self._parts.titling is not None:
            self._parts.titling.stop()

    # -- the steps ------------------------------------------------------------------------------------

    async def _steps(self) -> Answer:
        """Asks and runs tools until the model stops; returns its last answer."""
        titling = self._parts.titling
        if titling is None:
            return await self._to_the_last_answer()
        titling.start()
        try:
            return await self._to_the_last_answer()
        except FencedError:
            titling.stop()
            raise
        finally:
            await titling.settle()

    async def _to_the_last_answer(self) -> Answer:
        if self._journal.asked is not None:
            await self._step.take_up(is_shown=self._parts.is_shown)
        await self._parts.app.tell_claude()
        stored = self._journal.last
        if stored is not None and await self._parts.checks.let_end(stored):
            return stored
        while self._journal.step < self._turn.settings.max_steps:
            if self._leaving:
                raise HandOver
            why_stuck = loop_guard.why_stuck(self._turn.entries, self._turn.writer.turn)
            if why_stuck:
                return self._stop_stuck(why_stuck)
            answer = await self._one_step()
            if answer is not None and await self._parts.checks.let_end(answer):
                return answer
        raise TurnError("step_limit", "This took more steps than a turn may have. Send a message to go on.")

    async def _one_step(self) -> Answer | None:
        """Asks, and does what the answer asks for; the answer if it can be the turn's last one."""
        if await self._parts.compactor.compact():
            await self._parts.app.tell_claude()
        self._parts.fetches.tell_claude()
        self._journal.begin_step()
        with self._turn.observer.measuring("Step", Number=self._journal.step):
            answer = await self._ask_for_content()
            action = next_action(answer.stop_reason, has_calls=bool(answer.calls))
            if action is NextAction.FINISH:
                return answer
            await self._go_on(action, answer)
        return None

    async def _go_on(self, action: NextAction, answer: Answer) -> None:
        """Does what follows from an answer that is not the turn's last one."""
        match action:
            case NextAction.RUN_TOOLS:
                await self._step.run_tools(answer)
            case NextAction.COMPACT:
                await self._step.keep_cut(answer)
                await self._make_room()
            case NextAction.RESUME if _pages_are_asked_for(answer):
                await self._step.keep_paused(answer)
            case NextAction.REFUSED:
                raise TurnError("model_refused", DECLINED)
            case _:
                await self._step.keep_cut(answer)

    def _stop_stuck(self, why: str) -> Answer:
        """Ends the turn as complete, with a notice in plain words: what was done is kept."""
        self._journal.begin_step()
        self._journal.notice("other", why)
        return Answer(content=[], stop_reason="stuck", model=self._turn.model_name)

    async def _ask_for_content(self) -> Answer:
        """The next answer. If it is empty, Claude is asked once more; if that is empty too, a notice says so.

        Models end their answer so now and then, mostly right after the results of tools. The same request
        would have the same end, so the second one says that the first answer was empty:
        https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons#empty-responses-with-end_turn
        """
        answer = await self._ask()
        if not _is_empty(answer):
            return answer
        self._journal.take_back("empty")
        self._journal.tell_claude(ASKED_AGAIN)
        answer = await self._ask()
        if _is_empty(answer):
            self._journal.notice("other", NOTHING_SAID)
        return answer

    async def _ask(self) -> Answer:
        """The next answer; a conversation that the API finds too long is shortened and sent again."""
        try:
            return await self._one_answer()
        except TooLong:
            await self._make_room()
            return await self._one_answer()

    async def _one_answer(self) -> Answer:
        self._journal.begin_answer()
        self._step = self._parts.new_step()
        try:
            answer = await self._parts.asker.ask(self._step)
        except OutOfTime as error:
            # Another invocation could go on waiting. Only a turn that has made progress here is handed over
            # for that, or it would be handed over for ever.
            if self._journal.step - self._steps_before > 1:
                raise HandOver from error
            raise
        await self._parts.fetches.count(answer)
        return answer

    async def _make_room(self) -> None:
        """Shortens the conversation, once a turn; raises TooLong if that was done or cannot be done."""
        self._journal.begin_answer()
        if self._made_room or not await self._parts.compactor.compact(force=True):
            raise TooLong("model_error", TOO_LONG)
        self._made_room = True
        await self._parts.app.tell_claude()


def _pages_are_asked_for(answer: Answer) -> bool:
    """True if the API can go on by itself: no other answer is taken at the end of a conversation."""
    asked = (block.get("name") for block in answer.content if block.get("type") == SERVER_CALL)
    return WEB_FETCH in asked


def _is_empty(answer: Answer) -> bool:
    action = next_action(answer.stop_reason, has_calls=bool(answer.calls))
    says_nothing = all(block.get("type") in THINKING for block in answer.content)
    return action is NextAction.FINISH and says_nothing
